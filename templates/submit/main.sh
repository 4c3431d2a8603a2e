# The comment at the head of submit.sh.
usage() { sed -n '2,/^$/s/^# \{0,1\}//p' submit.sh; }

# How many letters are to be inserted, left out or changed.
edits_between() { # WORD WORD
  local a=$1 b=$2 i j left corner here
  local -a row=()
  for ((j = 0; j <= ${#b}; j++)); do row[j]=$j; done
  for ((i = 1; i <= ${#a}; i++)); do
    corner=$((i - 1)) left=$i
    for ((j = 1; j <= ${#b}; j++)); do
      here=$corner
      [ "${a:i-1:1}" = "${b:j-1:1}" ] || here=$((here + 1))
      [ "$here" -le "$((left + 1))" ] || here=$((left + 1))
      [ "$here" -le "$((row[j] + 1))" ] || here=$((row[j] + 1))
      corner=${row[j]} row[j-1]=$left left=$here
    done
    row[${#b}]=$left
  done
  printf '%s' "${row[${#b}]}"
}

unknown_option() { # WORD
  local option near='' least=4 edits
  for option in $(usage | sed -n 's:^  *\(\./submit\.sh \)\{0,1\}\(--[a-z-]*\) .*:\2:p') --resume --json --help; do
    edits=$(edits_between "${1:0:40}" "$option")
    case $option in "$1"??*) edits=2 ;; esac
    if [ "$edits" -lt "$least" ]; then near=$option least=$edits; fi
  done
  case $1 in
    -*) say "unknown option $1${near:+; did you mean $near?}" ;;
    *) say "unknown argument $1: submit.sh takes only options" ;;
  esac
  say "all options: $(this --help)"
  exit 2
}

# What would be submitted, with the names of jobs in place of their ids.
print_commands() {
  local i key
  tags=comment
  for key in "${keys[@]}"; do [ -n "${id_of[$key]}" ] || id_of[$key]="<$key>"; done
  for i in "${!keys[@]}"; do
    case ${id_of[${keys[i]}]} in '<'*) ;; *) continue ;; esac
    build_command "$i"
    printf 'sbatch'
    printf ' %q' "${command[@]}"
    printf '\n'
  done
}

main() {
  local mode=submit option script
  no_test='' break_lock='' dry='' json='' all_nodes='' trust=() foreign=()
  # By its own name another submit.sh knows it for one.
  if [ -L "$self" ]; then exec "$BASH" -- "$real" "$@"; fi
  case $self in */*) cd -- "${self%/*}/" || exit 1 ;; esac
  readonly out=$PWD
  # Nobody else may write to what is made here. What the jobs make is as the user would make it.
  user_umask=$(umask)
  umask go-w
  for option in "$@"; do
    case $option in
      --cancel) mode=cancel ;;
      --resume) ;; # what it does by itself
      --trust-records) trust=("$option") ;;
      --set-aside | --replace) foreign=("$option") ;;
      --dry-run) dry=1 ;;
      --json) dry=1 json=1 ;;
      --no-test) no_test=1 ;;
      --all-nodes) all_nodes=1 ;;
      --break-lock) break_lock=1 ;;
      -h | --help)
        usage
        return ;;
      *) unknown_option "$option" ;;
    esac
  done
  for ((first_closing = 0; first_closing < ${#names[@]}; first_closing++)); do
    [ "${names[first_closing]}" != "$verdict" ] || break
  done
  clean_environment
  own_out
  find_users
  cluster=$SBATCH_CLUSTERS
  [ -z "$cluster" ] || [[ $cluster =~ ^$names_word$ ]] || stop "SBATCH_CLUSTERS is no name of a cluster: $cluster"
  if [ -z "$dry" ]; then
    case $out in
      *\\*) stop "there is a backslash in $out, and Slurm cannot name logs there: compile into another directory (wfc compile -o)" ;;
    esac
    for script in sbatch squeue scancel scontrol; do
      command -v "$script" >/dev/null || stop "no $script on this machine: run this where Slurm is"
    done
    # A message that cannot be written must not end a submission halfway: a closed pipe fails the write, here and in the
    # programs that are called, and kills nobody.
    trap '' PIPE
    take_lock
  fi
  find_journals
  case $mode in
    submit) submit_workflow ;;
    cancel) cancel_runs ;;
  esac
}

main "$@"
