usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' submit.sh; }

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
  if [ -L "${BASH_SOURCE[0]}" ]; then
    # By its own name it finds its directory, and another submit.sh knows it for one.
    script=$(readlink -f -- "${BASH_SOURCE[0]}") && exec "$BASH" -- "$script" "$@"
    exit 1
  fi
  case ${BASH_SOURCE[0]} in */*) cd -- "${BASH_SOURCE[0]%/*}/" || exit 1 ;; esac
  readonly out=$PWD
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
      *)
        usage >&2
        stop "unknown option $option" ;;
    esac
  done
  for ((first_closing = 0; first_closing < ${#names[@]}; first_closing++)); do
    [ "${names[first_closing]}" != "$verdict" ] || break
  done
  clean_environment
  find_users
  cluster=$SBATCH_CLUSTERS
  if [ -z "$dry" ]; then
    case $out in
      *\\*) stop "there is a backslash in $out, and Slurm cannot name logs there: compile into another directory (wfc compile -o)" ;;
    esac
    for script in sbatch squeue scancel scontrol; do
      command -v "$script" >/dev/null || stop "no $script on this machine: run this where Slurm is"
    done
    take_lock
  fi
  case $mode in
    submit) submit_workflow ;;
    cancel) cancel_runs ;;
  esac
}

main "$@"
