# Sourced by up.sh: libvirt and QEMU, and the nova-compute in front of them.
# libvirtd has a mount namespace of its own, in which its folders and the user that its build names are the lab's: the
# machine's own libvirt, if there is one, is neither used nor touched. No hardware virtualisation (etc/nova-libvirt.conf).
for name in etc run lib cache log; do mkdir -p "$STATE/libvirt/$name"; done
cp "$ETC/libvirt-qemu.conf" "$STATE/libvirt/etc/qemu.conf"
mkdir -p /etc/libvirt /run/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt
(umask 022; for file in passwd group; do
  grep -v '^libvirt-qemu:' "/etc/$file" > "$STATE/libvirt/$file"
done)
# Debian's libvirt wants this user to be there, whatever qemu.conf says.
echo 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin' >> "$STATE/libvirt/passwd"
echo 'libvirt-qemu:x:64055:' >> "$STATE/libvirt/group"

if [ ! -f "$ETC/spice-pki/server-cert.pem" ]; then
  mkdir -p "$ETC/spice-pki"
  (
    cd "$ETC/spice-pki"
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=Lab authority' -keyout ca-key.pem -out ca-cert.pem
    openssl req -newkey rsa:2048 -nodes -subj "/O=Lab/CN=$HOST" -keyout server-key.pem -out server.csr
    printf 'subjectAltName=IP:%s,DNS:localhost\n' "$HOST" > names
    openssl x509 -req -in server.csr -CA ca-cert.pem -CAkey ca-key.pem -CAcreateserial -days 3650 -extfile names -out server-cert.pem
  ) >> "$LOG/openssl.log" 2>&1
fi

# In a chroot the root is no mount of its own, and stays as the machine has it.
propagation=private
unshare --mount --propagation private true 2>/dev/null || propagation=unchanged
start libvirtd unshare --mount --propagation $propagation bash -c '
  for name in etc/libvirt:etc run/libvirt:run var/lib/libvirt:lib var/cache/libvirt:cache var/log/libvirt:log \
    etc/passwd:passwd etc/group:group; do mount --bind "$1/${name#*:}" "/${name%:*}" || exit; done
  exec libvirtd -f "$2" -p "$1/libvirtd.own-pid"' libvirtd "$STATE/libvirt" "$ETC/libvirtd.conf"
wait_for 30 libvirt virsh -c "$LIBVIRT" version
mkdir -p "$STATE/virt1/instances"
service nova-compute-virt1 anyseat_lab_libvirt $COMPUTE_CONF --config-file "$ETC/nova-libvirt.conf"
