#!/bin/bash
# up.sh STATE: a small real OpenStack on loopback, of Debian's own packages (tried on Debian 12: release Zed): Keystone, Placement,
# Glance, Neutron, Nova, on MariaDB, RabbitMQ and memcached. Plain background processes, everything of theirs in STATE.
# Run it again, and what does not run is started; down.sh stops it. ../README.md says how it is made and why.
#
#   LAB_HOSTS=2     hosts of Nova's fake driver (lab1, lab2 …, zone az1): servers are states and timings there
#   LAB_LIBVIRT=1   root only: also a host with libvirt and QEMU (virt1, zone virt), whose servers have real screens
#   LAB_GUEST=DIR   vmlinuz and initrd of the example desktop, to be an image
#   LAB_PORT=21000  the first of ten ports; without it ten that are free
#   LAB_OWNER=PID   the lab stops and goes, with STATE, when this process ends
set -euo pipefail
[ $# = 1 ] || { sed -n '2,4p' "$0" >&2; exit 64; }
STATE=$(readlink -m "$1")
umask 077
mkdir -p "$STATE"/{etc,log,run,images,cache,lock,nova,neutron,tmp,home,off}
. "$(dirname "$(readlink -f "$0")")/settings.sh"
. "$HERE/processes.sh"
[ -z "${LAB_LIBVIRT:-}" ] || [ -n "$AS_ROOT" ] || { echo 'LAB_LIBVIRT wants root' >&2; exit 64; }
for program in mariadbd memcached epmd uwsgi-core keystone-wsgi-public placement-api ${LAB_LIBVIRT:+libvirtd virsh}; do
  command -v $program > /dev/null || { echo "$program is not installed: npm run test:openstack installs what is missing" >&2; exit 69; }
done
exec 9> "$STATE/.lock"
flock 9
say() { echo "lab $(printf %4s "$SECONDS") s: $*" >&2; }

echo "$$ $(started_at $$)" > "$RUN/up.pid"
MAKING=()
trap 'for job in "${MAKING[@]}"; do kill -- "-$job" 2>/dev/null; done; rm -f "$RUN/up.pid"' EXIT
for file in "$RUN"/*.pid; do alive "$(basename "$file" .pid)" || rm -f "$file"; done
if [ -n "${LAB_OWNER:-}" ]; then
  start owner bash -c 'tail --pid="$1" -f /dev/null; exec "$2/down.sh" "$3" --wipe' owner "$LAB_OWNER" "$HERE" "$STATE"
fi

# ---- settings: the same ones every time

free_block() { # Below the ports that the kernel gives to anybody; two labs that start at once begin to look at different places.
  local try first port
  for ((try = $$; try < $$ + 500; try++)); do
    first=$((21000 + try % 500 * 20))
    for ((port = first; port < first + 10; port++)); do listens "$port" && continue 2; done
    echo "$first"
    return
  done
  echo 'no ten free ports' >&2
  exit 1
}
[ -f "$STATE/wishes" ] || printf 'PORT=%q HOSTS=%q WITH_LIBVIRT=%q GUEST=%q\n' "${LAB_PORT:-$(free_block)}" "${LAB_HOSTS:-2}" \
  "${LAB_LIBVIRT:-}" "${LAB_GUEST:+$(readlink -m "$LAB_GUEST")}" > "$STATE/wishes"
. "$STATE/wishes"
WORKERS=2
PORT_KEYSTONE=$PORT PORT_KEYSTONE_SHORT=$((PORT + 1)) PORT_PLACEMENT=$((PORT + 2)) PORT_GLANCE=$((PORT + 3))
PORT_NEUTRON=$((PORT + 4)) PORT_NOVA=$((PORT + 5)) PORT_RABBITMQ=$((PORT + 6)) PORT_RABBITMQ_PEERS=$((PORT + 7))
PORT_EPMD=$((PORT + 8)) PORT_MEMCACHED=$((PORT + 9))
[ -f "$STATE/passwords.json" ] || $PYTHON -c 'import json, secrets; print(json.dumps({name: secrets.token_urlsafe(18) for name in
  "admin services hub broker neighbour tinyuser".split()}))' > "$STATE/passwords.json"
SERVICES_PASSWORD=$(sed 's/.*"services": "\([^"]*\)".*/\1/' "$STATE/passwords.json")

# render TEMPLATE [AS]: etc/TEMPLATE with its @WORDS@ filled in.
render() {
  local words=() word
  for word in STATE HOST REGION LIBVIRT WORKERS SERVICES_PASSWORD "${!PORT_@}"; do words+=(-e "s|@$word@|${!word}|g"); done
  sed "${words[@]}" -e "s|@KEYSTONE@|http://$HOST:$PORT_KEYSTONE|g" \
    -e "s|@DATABASE:\([a-z_]*\)@|mysql+pymysql://root@localhost/\1?unix_socket=$RUN/mysql.sock\&charset=utf8|g" \
    "$HERE/etc/$1" > "$ETC/${2:-$1}"
}
for file in "$HERE"/etc/*; do render "$(basename "$file")"; done
sed 's/^expiration = .*/expiration = 5/; s/^enabled = true/enabled = false/' "$ETC/keystone.conf" > "$ETC/keystone-short.conf"
url() { echo "\"http://$HOST:$1\""; }
cat > "$STATE/settings.json" <<END
{"keystone": $(url "$PORT_KEYSTONE"), "keystoneShort": $(url "$PORT_KEYSTONE_SHORT"), "placement": $(url "$PORT_PLACEMENT"),
 "glance": $(url "$PORT_GLANCE"), "neutron": $(url "$PORT_NEUTRON"), "nova": $(url "$PORT_NOVA"), "region": "$REGION",
 "hosts": $HOSTS, "guest": "$GUEST", "libvirt": "${WITH_LIBVIRT:+$LIBVIRT}",
 "passwords": $(cat "$STATE/passwords.json")}
END

# ---- what everything stands on

start memcached memcached ${AS_ROOT:+-u root} -l $HOST -p "$PORT_MEMCACHED" -U 0 -m 64
start epmd env HOME="$STATE/home" epmd -address $HOST -port "$PORT_EPMD"
echo '[].' > "$ETC/enabled_plugins"
start rabbitmq env HOME="$STATE/home" RABBITMQ_NODENAME="lab$PORT@localhost" RABBITMQ_MNESIA_BASE="$STATE/rabbitmq" \
  RABBITMQ_LOG_BASE="$LOG" RABBITMQ_CONFIG_FILE="$ETC/rabbitmq" RABBITMQ_ENABLED_PLUGINS_FILE="$ETC/enabled_plugins" \
  RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_DIST_PORT="$PORT_RABBITMQ_PEERS" ERL_EPMD_PORT="$PORT_EPMD" ERL_EPMD_ADDRESS=$HOST \
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false +sbwt none +sbwtdcpu none +sbwtdio none" \
  RABBITMQ_GENERATED_CONFIG_DIR="$STATE/rabbitmq-config" RABBITMQ_ALLOW_INPUT=1 /usr/lib/rabbitmq/bin/rabbitmq-server -noinput
if [ ! -d "$STATE/mysql/mysql" ]; then
  mariadb-install-db --no-defaults --datadir="$STATE/mysql" --auth-root-authentication-method=normal --skip-test-db \
    --skip-name-resolve ${AS_ROOT:+--user=root} > "$LOG/mariadb-install.log" 2>&1 || { tail -5 "$LOG/mariadb-install.log" >&2; exit 1; }
fi
# It may lose a second of work when the machine stops: nobody's data.
start mariadb mariadbd --no-defaults ${AS_ROOT:+--user=root} --datadir="$STATE/mysql" --socket="$RUN/mysql.sock" \
  --pid-file="$RUN/mariadbd.own-pid" --skip-networking --skip-log-bin --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 \
  --innodb-log-file-size=32M --innodb-buffer-pool-size=192M --max-connections=500 --performance-schema=OFF \
  --character-set-server=utf8mb3 --collation-server=utf8mb3_general_ci --skip-name-resolve --tmpdir="$STATE/tmp"
sql() { mariadb --no-defaults -uroot -S "$RUN/mysql.sock" -N -e "$1"; }
ln -sf mysql.sock "$RUN/cell1.sock"
wait_for 60 MariaDB sql 'select 1'
for name in keystone placement glance neutron nova nova_api nova_cell0; do
  sql "create database if not exists $name character set utf8mb3"
done
say 'MariaDB answers'

# ---- schemas, the first time

export XDG_CACHE_HOME=$STATE/cache HOME=$STATE/home LAB_STATE=$STATE
# python_main MODULE ARGUMENT...: the programs themselves stand in packages that would start services.
python_main() {
  local module=$1
  shift
  $PYTHON -c "import sys; sys.argv[0] = '${module##*.}'; from $module import main; sys.exit(main())" "$@"
}
once() {
  local name=$1
  shift
  [ -f "$STATE/.done-$name" ] && return
  "$@" >> "$LOG/first-$name.log" 2>&1 || { echo "$name failed:" >&2; tail -15 "$LOG/first-$name.log" >&2; return 1; }
  touch "$STATE/.done-$name"
}
GLANCE_CONF="--config-file $ETC/common.conf --config-file $ETC/glance.conf"
NEUTRON_CONF="--config-file $ETC/common.conf --config-file $ETC/neutron.conf"
COMPUTE_CONF="--config-file $ETC/common.conf --config-file $ETC/nova.conf"
NOVA_CONF="$COMPUTE_CONF --config-file $ETC/nova-database.conf"
keystone_schema() {
  local manage="keystone-manage --config-file $ETC/keystone.conf" me
  # As root it would take the keys for a user of its own package.
  me="--keystone-user $(id -un) --keystone-group $(id -gn)"
  mkdir -p "$ETC/fernet-keys" "$ETC/credential-keys"
  local admin
  admin=$(sed 's/.*"admin": "\([^"]*\)".*/\1/' "$STATE/passwords.json")
  $manage db_sync && $manage fernet_setup $me && $manage credential_setup $me && OS_BOOTSTRAP_PASSWORD=$admin $manage bootstrap \
    --bootstrap-region-id $REGION --bootstrap-public-url "http://$HOST:$PORT_KEYSTONE/v3" \
    --bootstrap-internal-url "http://$HOST:$PORT_KEYSTONE/v3" --bootstrap-admin-url "http://$HOST:$PORT_KEYSTONE/v3"
}
placement_schema() { placement-manage --config-file "$ETC/placement.conf" db sync; }
glance_schema() { python_main glance.cmd.manage $GLANCE_CONF db_sync; }
neutron_schema() { python_main neutron.db.migration.cli $NEUTRON_CONF upgrade heads; }
nova_schema() {
  local manage="python_main nova.cmd.manage $NOVA_CONF" database='mysql+pymysql://root@localhost'
  # In this order: `db sync` makes the tables of cell 0 as well, if it is known by then.
  $manage api_db sync &&
    $manage cell_v2 map_cell0 --database_connection "$database/nova_cell0?unix_socket=$RUN/mysql.sock&charset=utf8" &&
    $manage db sync || return 1
  # By a socket of its own, so that the cell's database can be taken away.
  $manage cell_v2 list_cells | grep -q cell1 || $manage cell_v2 create_cell --name cell1 \
    --transport-url "rabbit://guest:guest@$HOST:$PORT_RABBITMQ/" \
    --database_connection "$database/nova?unix_socket=$RUN/cell1.sock&charset=utf8"
}
# Side by side, in process groups of their own, so that they end when we are ended.
set -m
(once keystone keystone_schema && once placement placement_schema && once glance glance_schema) & MAKING+=($!)
(once nova nova_schema) & MAKING+=($!)
(once neutron neutron_schema) & MAKING+=($!)
set +m
for job in "${MAKING[@]}"; do wait "$job"; done
MAKING=()
say 'schemas are there'

# ---- the services

# wsgi NAME PORT PROCESSES FILE [SETTING=VALUE...]
wsgi() {
  local name=$1 port=$2 count=$3 file=$4
  shift 4
  start "$name" env "$@" uwsgi-core --plugin python3 --master --die-on-term --need-app --lazy-apps --enable-threads --no-orphans \
    --http-socket "$HOST:$port" --processes "$count" --threads 4 --buffer-size 65535 --listen 100 --thunder-lock --disable-logging \
    --add-header "Connection: close" --wsgi-file "$file" --procname-prefix-spaced "$name"
}
# service NAME MODULE ARGUMENT...
service() {
  local name=$1 module=$2
  shift 2
  start "$name" env PYTHONPATH="$STATE/python" \
    $PYTHON -c "import sys; sys.argv[0] = '$name'; from $module import main; sys.exit(main())" "$@"
}
mkdir -p "$STATE/python/anyseat_lab-1.0.dist-info" "$ETC/placement"
cp "$HERE"/python/*.py "$STATE/python/"
printf 'Metadata-Version: 2.1\nName: anyseat-lab\nVersion: 1.0\n' > "$STATE/python/anyseat_lab-1.0.dist-info/METADATA"
printf '[neutron.ml2.mechanism_drivers]\nlab = anyseat_lab_mechanism:LabMechanismDriver\n' \
  > "$STATE/python/anyseat_lab-1.0.dist-info/entry_points.txt"
cp "$ETC/placement.conf" "$ETC/placement/"

wsgi keystone "$PORT_KEYSTONE" $WORKERS /usr/bin/keystone-wsgi-public OS_KEYSTONE_CONFIG_FILES="$ETC/keystone.conf" OS_KEYSTONE_CONFIG_DIR="$ETC"
wait_for 60 Keystone listens "$PORT_KEYSTONE"
wait_for 60 RabbitMQ listens "$PORT_RABBITMQ"
once identity $PYTHON "$HERE/furnish.py" "$STATE" identity
say 'Keystone has its people'
wsgi keystone-short "$PORT_KEYSTONE_SHORT" 1 /usr/bin/keystone-wsgi-public OS_KEYSTONE_CONFIG_FILES="$ETC/keystone-short.conf" \
  OS_KEYSTONE_CONFIG_DIR="$ETC"
wsgi placement "$PORT_PLACEMENT" $WORKERS /usr/bin/placement-api OS_PLACEMENT_CONFIG_DIR="$ETC/placement"
service glance-api glance.cmd.api $GLANCE_CONF
service neutron-server neutron.cmd.eventlet.server $NEUTRON_CONF
service nova-conductor nova.cmd.conductor $NOVA_CONF
service nova-api nova.cmd.api_os_compute $NOVA_CONF
service nova-scheduler nova.cmd.scheduler $NOVA_CONF
wait_for 90 Placement listens "$PORT_PLACEMENT"

COMPUTES=() STARTED=
for ((i = 1; i <= HOSTS; i++)); do COMPUTES+=("lab$i"); done
[ -z "$WITH_LIBVIRT" ] || COMPUTES+=(virt1)
for name in "${COMPUTES[@]}"; do alive "nova-compute-$name" || STARTED=${STARTED:-$(sql 'select utc_timestamp()')}; done
for ((i = 1; i <= HOSTS; i++)); do
  mkdir -p "$STATE/lab$i"
  printf '[DEFAULT]\nhost = lab%s\nstate_path = %s/lab%s\n' "$i" "$STATE" "$i" > "$ETC/lab$i.conf"
  service "nova-compute-lab$i" anyseat_lab_compute $COMPUTE_CONF --config-file "$ETC/lab$i.conf"
done
[ -z "$WITH_LIBVIRT" ] || . "$HERE/libvirt.sh"
wait_for 90 Glance listens "$PORT_GLANCE"
wait_for 120 Nova listens "$PORT_NOVA"
wait_for 120 Neutron listens "$PORT_NEUTRON"
$PYTHON "$HERE/furnish.py" "$STATE" resources
say 'images, flavors, networks and credentials are there'

# A build that reaches a nova-compute which is not ready yet goes to ERROR: each must have told of itself since it was started.
told() {
  [ "$(sql "select count(*) from nova.services where \`binary\` = 'nova-compute' and deleted = 0
    and updated_at >= '${STARTED:-2000-01-01}'")" -ge ${#COMPUTES[@]} ] &&
    [ "$(sql 'select count(*) from nova.compute_nodes where deleted = 0')" -ge ${#COMPUTES[@]} ]
}
wait_for 120 'the compute services' told
[ "$(sql 'select count(*) from nova_api.host_mappings')" -ge ${#COMPUTES[@]} ] ||
  python_main nova.cmd.manage $NOVA_CONF cell_v2 discover_hosts >> "$LOG/discover.log" 2>&1
$PYTHON "$HERE/furnish.py" "$STATE" zones
echo "export OS_CLIENT_CONFIG_FILE=$STATE/clouds.yaml OS_CLOUD=lab ANYSEAT_LAB=$STATE" > "$STATE/env"
say ready
[ -n "${LAB_OWNER:-}" ] || echo "By hand: . $STATE/env; openstack server list" >&2
