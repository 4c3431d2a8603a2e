# sbatch --test-only, once for each distinct set of options: held jobs are not checked against the nodes.
resource_set() { # SCRIPT
  options_of "$1" | grep -vE -- '^--(job-name|array|output|comment|signal|requeue|no-requeue|open-mode)'
}

# True if every node that the script could run on is up: only then "not available" means "never".
nodes_are_up() { # SCRIPT
  local partition states
  partition=$(options_of "$1" | sed -n 's/^--partition=//p' | head -n 1)
  [ -n "$partition" ] || partition=${SBATCH_PARTITION:-}
  if [ -n "$partition" ]; then
    states=$(on_cluster sinfo -h -p "$partition" -o '%T' 2>/dev/null) || return 1
  else
    states=$(on_cluster sinfo -h -o '%P %T' 2>/dev/null | sed -n 's/^[^ ]*\* //p') || return 1
  fi
  # A suffix (~ # % $ @ *) is a node that sleeps, boots, or does not answer.
  [ -n "$states" ] && ! grep -qvxE 'CLUSTER:.*|idle|mixed|allocated|completing' <<<"$states"
}

test_resources() {
  [ -z "$no_test" ] || return 0
  local -A seen=()
  local i script set text bad=0
  for i in "${!keys[@]}"; do
    script=${scripts[i]}
    set=$(resource_set "$script")
    [ -z "${seen[_$set]:-}" ] || continue
    seen[_$set]=1
    text=$(call_sbatch "$script" --test-only "--chdir=$out" "jobs/$script.sbatch" 2>&1) && continue
    case $text in
      *'Requested node configuration is not available'*)
        if ! nodes_are_up "$script"; then
          say "jobs/$script.sbatch fits no node that is up now; others may come up"
          continue
        fi ;;
    esac
    refused "$script" "$text"
    bad=1
  done
  [ "$bad" = 0 ] || stop "nothing was submitted"
}
