usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]##*/}"; }

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

dry_run() {
  case $1 in
    submit)
      run=RUN
      items_of_workflow
      print_commands ;;
    resume) resume_workflow ;;
    cancel) cancel_runs ;;
  esac
}

main() {
  local mode=submit option script
  no_test='' break_lock='' dry='' all_nodes=''
  case ${BASH_SOURCE[0]} in */*) cd -- "${BASH_SOURCE[0]%/*}/" || exit 1 ;; esac
  readonly out=$PWD
  for option in "$@"; do
    case $option in
      --resume | --cancel) mode=${option#--} ;;
      --dry-run) dry=1 ;;
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
  if [ -n "$dry" ]; then
    dry_run "$mode"
    return
  fi
  for script in sbatch squeue scancel scontrol; do
    command -v "$script" >/dev/null || stop "no $script on this machine: run this where Slurm is"
  done
  take_lock
  case $mode in
    submit) submit_workflow ;;
    resume) resume_workflow ;;
    cancel) cancel_runs ;;
  esac
}

main "$@"
