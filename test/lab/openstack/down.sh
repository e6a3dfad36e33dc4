#!/bin/bash
# down.sh STATE [--wipe]: stops what up.sh started (nothing else), guests first; with --wipe STATE goes as well.
set -u
[ $# -ge 1 ] || { sed -n 2p "$0" >&2; exit 64; }
STATE=$(readlink -m "$1")
[ -d "$STATE/run" ] || exit 0
. "$(dirname "$(readlink -f "$0")")/settings.sh"
. "$HERE/processes.sh"

# The guests of the lab's own libvirt: their process ids stand in its folder.
end_guests() {
  local file pid
  for file in "$STATE"/libvirt/run/qemu/*.pid; do
    pid=$(cat "$file" 2>/dev/null) || continue
    # Its disk stands in our folder: it is a guest of ours and no process that got its number.
    grep -qaF "$STATE/virt1/" "/proc/$pid/cmdline" 2>/dev/null && kill -KILL "$pid"
  done
}

# What goes with its folder need not tidy up.
if [ "${2:-}" = --wipe ]; then grace=0; else grace=20; fi

# If it is still starting, it must start nothing more.
stop 5 up
services=()
for file in "$RUN"/*.pid; do
  name=$(basename "$file" .pid)
  case $name in
    mariadb | libvirtd | rabbitmq | epmd | memcached | '*') ;;
    owner) # Ourselves, when the lab's owner is gone.
      read -r pid _ < "$file"
      [ "$pid" = $$ ] && rm -f "$file" || services+=("$name") ;;
    *) services+=("$name") ;;
  esac
done
stop $grace "${services[@]}"
end_guests
stop $grace rabbitmq memcached libvirtd
stop $grace mariadb epmd
if [ "${2:-}" = --wipe ] && [ -d "$STATE/run" ]; then rm -rf -- "$STATE"; fi
