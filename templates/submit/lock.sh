# One submit.sh at a time, of whatever plan: a directory with the owner's name in it, made and taken over by rename.
# It comes into being whole, and of several that find its owner gone one alone can rename that owner away.
lock=''
readonly owner_word='^[A-Za-z0-9._-]+:[1-9][0-9]{0,9}$' host=${HOSTNAME//[!A-Za-z0-9._-]/_}
owner_is_alive() { # HOST:PID
  local pid=${1##*:} words
  [[ $1 =~ $owner_word ]] || return 0
  [ "${1%:*}" = "$host" ] || return 0
  kill -0 "$pid" 2>/dev/null || return 1
  # The number may have gone to another program since.
  if [ -r "/proc/$pid/cmdline" ]; then
    words=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)
    case $words in *submit.sh*) ;; *) return 1 ;; esac
  fi
}

lock_taken() { # HOST:PID
  local left
  lock=state/lock/$1
  trap 'rm -f -- "$lock"; rmdir -- "${lock%/*}" 2>/dev/null' EXIT
  trap 'say "stopped; run it again to continue"; exit 130' INT
  trap 'say "stopped; run it again to continue"; exit 143' TERM HUP
  for left in state/lock.*; do
    if [ -e "$left" ] && ! owner_is_alive "${left#state/lock.}"; then rm -rf -- "$left"; fi
  done
}

take_lock() {
  local me=$host:$$ entry owner
  mkdir -p "$state_dir" logs || stop "cannot write in $out"
  # What Slurm writes of jobs with secrets.
  if grep -qs '^#SBATCH --output=logs/private/' jobs/*.sbatch; then
    if ! mkdir -p logs/private || ! chmod 700 logs/private; then stop "cannot keep $out/logs/private to its owner"; fi
  fi
  for _ in 1 2 3 4 5 6 7 8; do
    if ! mkdir -p "state/lock.$me" || ! : >"state/lock.$me/$me"; then stop "cannot write in $out/state"; fi
    # A directory that holds a name is never replaced, one that is being given back is.
    if mv -fT "state/lock.$me" state/lock 2>/dev/null; then
      lock_taken "$me"
      return
    fi
    rm -rf -- "state/lock.$me"
    owner=''
    for entry in state/lock/*; do [ ! -e "$entry" ] || owner=${entry##*/}; done
    [ -n "$owner" ] || continue
    [[ $owner =~ $owner_word ]] || stop "$out/state/lock is not a lock of wfc: it holds \`$owner\`; remove it"
    if [ -n "$break_lock" ] || [ "$owner" = "$me" ] || ! owner_is_alive "$owner"; then
      if [ "$owner" = "$me" ] || mv -fT "state/lock/$owner" "state/lock/$me" 2>/dev/null; then
        say "taking over the lock of $owner"
        lock_taken "$me"
        return
      fi
      continue
    fi
    stop "locked by another submit.sh, $owner (host:pid); if that process has ended: $(this --break-lock)"
  done
  stop "another submit.sh is running here; try again"
}
