# The journal says what was intended before it is done, and what came of it after.
readonly state_dir=state/$plan
readonly journal=$state_dir/journal
run='' kind='' tags='' releasing='' released='' cancelled=''
declare -A id_of=() intended=() retired=()

note() { printf '%s\n' "$*" >>"$journal" || stop "cannot write $out/$journal"; }

forget_run() {
  tags='' releasing='' released='' cancelled='' cluster=$SBATCH_CLUSTERS
  id_of=() intended=() retired=()
}

# Half a line, whose writer was killed or had no room on the disk, is closed by a word that makes it void for ever:
# half a number is a number.
close_journal() { # FILE
  if [ -n "$(tail -c 1 "$1")" ]; then printf ' torn\n' >>"$1" || stop "cannot write $out/$1"; fi
}

# Reads the last run.
load_journal() {
  forget_run
  run='' kind=''
  [ -e "$journal" ] || return 0
  local line word first second
  while IFS= read -r line; do
    case $line in *' torn') continue ;; esac
    read -r word first second _ <<<"$line"
    case $word in
      run) forget_run; run=$first kind=$second ;;
      tags) tags=$first ;;
      cluster) cluster=$first ;;
      intent) intended[$first]=1 ;;
      id) id_of[$first]=$second ;;
      lost) unset "id_of[$first]"; retired[$second]=1 ;;
      releasing) releasing=1 ;;
      released) released=1 ;;
      cancelled) cancelled=1 ;;
    esac
  done <"$journal"
  [ -n "$dry" ] || close_journal "$journal"
}

open_run() { # submit|resume ID
  local same=$cluster
  forget_run
  run=$2 kind=$1
  [ -z "$same" ] || cluster=$same
  note "run $run $kind $plan${same:+$'\n'cluster $same}"
  # Jobs are known by their run: a power cut must not take its name away.
  sync "$journal" 2>/dev/null || true
}

new_run_id() { printf '%(%Y%m%d-%H%M%S)T-%04x%04x' -1 "$RANDOM" "$((($$ + RANDOM) % 65536))"; }
