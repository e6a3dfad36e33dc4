#!/bin/bash
# samba-ad.sh STATE_DIR: provisions a real Active Directory domain controller (Samba 4, Debian's packages) for loopback, in
# some 4 s; `samba -i -M single -s STATE_DIR/dc/etc/smb.conf` then serves LDAP on 389 and LDAPS on 636 with a certificate of
# its own. Needs root: the ports are fixed, so start it in a network of its own (unshare --net), as samba.ts does.
#   realm CALL.EXAMPLE, NetBIOS name CALL, base dc=call,dc=example, Administrator / Adm1n-pass!
# It answers like Windows: 49 with data 52e, 530, 531, 532, 533, 701, 773, 775; rule-in-chain; primaryGroupID; unicodePwd
# over LDAPS. One difference: an unknown name is 52e here, 525 on Windows.
set -euo pipefail
state=$(readlink -m "${1:?state directory}")
mkdir -p "$state/run"
samba-tool domain provision --realm=CALL.EXAMPLE --domain=CALL --server-role=dc --dns-backend=NONE --use-rfc2307 \
  --host-name=dc1 --adminpass='Adm1n-pass!' --targetdir="$state/dc" \
  --option='interfaces=lo' --option='bind interfaces only=yes' >"$state/run/provision.log" 2>&1 \
  || { tail -5 "$state/run/provision.log" >&2; exit 1; }
sed -i "/\[global\]/a\\
	server services = ldap\\
	ldap server require strong auth = no\\
	tls enabled = yes\\
	log file = $state/run/log.%m\\
	pid directory = $state/run\\
	ncalrpc dir = $state/run/ncalrpc" "$state/dc/etc/smb.conf"
sed -i '/server services = s3fs/d; /log file = \/var/d' "$state/dc/etc/smb.conf"
samba-tool domain passwordsettings set --min-pwd-age=0 --account-lockout-threshold=5 --complexity=off \
  -H "$state/dc/private/sam.ldb" --configfile="$state/dc/etc/smb.conf" >/dev/null
