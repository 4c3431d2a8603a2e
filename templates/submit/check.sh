# What lies in this directory is executed and believed, and Slurm writes its logs there: nobody else may have a hand in it,
# and no link may lead elsewhere. A group of the user's own number is nobody else. A dry run may be somebody else's.
own_out() {
  local place found type owner user mode
  local -a places=() others=(-perm -002 -o -perm -020 ! -gid "$EUID")
  [ -n "$dry" ] || others+=(-o ! -uid "$EUID")
  for place in ./submit.sh ./bin ./failed ./jobs ./lib ./logs ./plan ./state; do
    if [ -e "$place" ] || [ -L "$place" ]; then places+=("$place"); fi
  done
  # Of the directory itself nothing else is looked at, of failed/ and logs/ the directories and what is a link, of state/held what
  # keeps others out.
  found=$(find . "${places[@]}" -ignore_readdir_race \( -path . -o -path './failed/*' -o -path './logs/*' -o -path './state/held/*/*' \) -prune , \
    \( -type l -o \( -type d -o ! -path './failed/*' ! -path './logs/*' \) \( "${others[@]}" \) \) \
    -printf '%y %U %u %m %p\n' -quit) ||
    stop "cannot check who may write to $out"
  [ -n "$found" ] || return 0
  read -r type owner user mode place <<<"$found"
  place=$(printf '%q' "$out${place#.}")
  [ "$type" != l ] || stop "$place is a symbolic link: remove it, what is made there must not land elsewhere"
  if [ -z "$dry" ] && [ "$owner" != "$EUID" ]; then
    stop "$place belongs to the user $user ($owner), and only its owner submits from it or cancels:" \
      "compile into a directory of your own (wfc compile --out)"
  fi
  stop "others may write to $place (owner $owner, mode $mode), and what lies there is executed:" \
    "look at what is in it, then chmod -R go-w $(printf '%q' "$out")"
}

# sbatch --test-only, once for each distinct set of options: held jobs are not checked against the nodes. It comes before anything
# in the queue is touched: whatever stops it leaves that as it was.
resource_set() { # SCRIPT
  options_of "$1" | grep -vE -- '^--(job-name|array|output|comment|signal|requeue|no-requeue|open-mode)'
}

# True if every node that the script could run on is up: only then "not available" means "never".
nodes_are_up() { # SCRIPT
  local partition states
  partition=$(options_of "$1" | sed -n 's/^--partition=//p' | sed -n 1p)
  [ -n "$partition" ] || partition=${SBATCH_PARTITION:-}
  if [ -n "$partition" ]; then
    states=$(on_cluster sinfo -h -p "$partition" -o '%T' 2>/dev/null) || return 1
  else
    states=$(on_cluster sinfo -h -o '%P %T' 2>/dev/null | sed -n 's/^[^ ]*\* //p') || return 1
  fi
  # A suffix (~ # % $ @ *) is a node that sleeps, boots, or does not answer.
  [ -n "$states" ] && ! grep -qvxE 'CLUSTER:.*|idle|mixed|allocated|completing' <<<"$states"
}

# False when Slurm refuses the script. One that does not answer is asked again.
test_script() { # SCRIPT
  local text try
  for try in 1 2 3 4 5; do
    text=$(call_sbatch "$1" --test-only "--chdir=$out" "jobs/$1.sbatch" 2>&1) && return
    may_pass "$text" || break
    [ "$try" != 5 ] || stop "Slurm does not answer (${text##*error: }): nothing was submitted or cancelled; run it again later"
    try_later "$text" "$try"
  done
  case $text in
    *'Requested node configuration is not available'*)
      if ! nodes_are_up "$1"; then
        say "no node that is up now can run jobs/$1.sbatch; its jobs wait until one is"
        return
      fi ;;
  esac
  refused "$1" "$text"
  return 1
}

test_resources() { # SCRIPT...
  [ -z "$no_test" ] || return 0
  local -A seen=()
  local script set bad=0
  for script in "$@"; do
    set=$(resource_set "$script")
    [ -z "${seen[_$set]:-}" ] || continue
    seen[_$set]=1
    test_script "$script" || bad=1
  done
  [ "$bad" = 0 ] || stop "nothing was submitted or cancelled"
}
