# Sourced: processes of the lab, by name. RUN/<name>.pid holds a process id and when that process was started (field 22 of
# /proc/PID/stat), so that a number which means another process by now is never signalled.

started_at() { awk '{print $22}' "/proc/$1/stat" 2>/dev/null; }

# same PID START: is this still that process, and not only waiting to be reaped?
same() { [ "$(started_at "$1")" = "$2" ] && [ "$(awk '{print $3}' "/proc/$1/stat" 2>/dev/null)" != Z ]; }

alive() {
  local pid start
  { read -r pid start < "$RUN/$1.pid"; } 2>/dev/null && same "$pid" "$start"
}

# start NAME COMMAND...: unless it runs. In a session of its own: a Ctrl-C is not meant for it.
start() {
  local name=$1 pid
  shift
  if alive "$name"; then return 0; fi
  (cd "$STATE" && exec setsid "$@" 9>&-) </dev/null >>"$LOG/$name.log" 2>&1 &
  pid=$!
  sleep 0.05
  echo "$pid $(started_at "$pid" || echo 0)" > "$RUN/$name.pid"
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds. Ends the script when time is up or a process of ours has died.
wait_for() {
  local end=$((SECONDS + $1)) what=$2 file name
  shift 2
  until "$@" >/dev/null 2>&1; do
    for file in "$RUN"/*.pid; do
      name=$(basename "$file" .pid)
      alive "$name" || { echo "$name ended while the lab waited for $what:" >&2; tail -5 "$LOG/$name.log" >&2; exit 1; }
    done
    [ "$SECONDS" -lt "$end" ] || { echo "waited in vain for $what; see $LOG" >&2; exit 1; }
    sleep 0.2
  done
}

listens() { (exec 3<>"/dev/tcp/$HOST/$1") 2>/dev/null; }

# stop SECONDS NAME...: all at once, by force when the time is up.
stop() {
  local end=$((SECONDS + $1)) name pid start
  shift
  for name in "$@"; do
    if alive "$name"; then
      read -r pid start < "$RUN/$name.pid"
      kill -CONT "$pid" 2>/dev/null
      kill -TERM "$pid" 2>/dev/null
    fi
  done
  for name in "$@"; do
    while alive "$name"; do
      read -r pid start < "$RUN/$name.pid"
      if [ "$SECONDS" -ge "$end" ]; then kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null; fi
      sleep 0.1
    done
    rm -f "$RUN/$name.pid"
  done
}
