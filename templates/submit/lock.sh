# One submit.sh at a time: a directory, made by mkdir, that names its owner.
lock=''
owner_is_alive() { # HOST:PID
  local pid=${1##*:} words
  [ "${1%:*}" = "$HOSTNAME" ] || return 0
  kill -0 "$pid" 2>/dev/null || return 1
  # The number may have gone to another program since.
  if [ -r "/proc/$pid/cmdline" ]; then
    words=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)
    case $words in *submit.sh*) ;; *) return 1 ;; esac
  fi
}

take_lock() {
  local dir=$state_dir/lock owner='' try
  mkdir -p "$state_dir" logs || stop "cannot write in $out"
  for try in 1 2 3 4; do
    if mkdir "$dir" 2>/dev/null; then
      lock=$dir
      printf '%s\n' "$HOSTNAME:$$" >"$dir/owner"
      trap 'rm -rf -- "$lock"' EXIT
      trap 'say "stopped; run it again to go on"; exit 130' INT
      trap 'say "stopped; run it again to go on"; exit 143' TERM HUP
      return
    fi
    owner=$(cat "$dir/owner" 2>/dev/null)
    # Between mkdir and the owner's name there is a moment; after two seconds nobody is coming.
    if [ -z "$owner" ] && [ "$try" -lt 3 ]; then sleep 1; continue; fi
    if [ -n "$break_lock" ] || [ -z "$owner" ] || ! owner_is_alive "$owner"; then
      say "taking over the lock of ${owner:-an unknown process}"
      mv "$dir" "$dir.$$" 2>/dev/null && rm -rf -- "$dir.$$"
      continue
    fi
    break
  done
  stop "locked by ${owner:-another process} (host:pid); if it is no longer there: ./submit.sh --break-lock"
}
