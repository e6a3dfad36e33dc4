# Sourced by up.sh and down.sh: where everything is. Wants STATE.
HERE=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
ETC=$STATE/etc LOG=$STATE/log RUN=$STATE/run
HOST=127.0.0.1 REGION=RegionOne
LIBVIRT="qemu+unix:///system?socket=$STATE/libvirt/run/libvirt-sock"

# Debian's own Python and programs, and nothing of the caller's surroundings.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
export PYTHONDONTWRITEBYTECODE=1 no_proxy='*' PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 PYTHONWARNINGS=ignore
PYTHON=/usr/bin/python3

if [ "$(id -u)" = 0 ]; then AS_ROOT=1; else AS_ROOT=; fi
