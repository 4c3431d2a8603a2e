# Every job carries a tag, wfc:RUN:JOB:PLAN, as its comment; where a site rewrites comments, as its name.
tag_of() { printf 'wfc:%s:%s:%s' "$run" "$1" "${plan:0:12}"; }

cluster='' # set when sbatch answers "ID;CLUSTER"
on_cluster() { # COMMAND ARGUMENT...: a Slurm command on the cluster that took the jobs
  local program=$1
  shift
  if [ -n "$cluster" ]; then "$program" --clusters="$cluster" "$@"; else "$program" "$@"; fi
}

# Whose jobs to look for: the own ones, and those of whoever has submitted from this directory.
find_users() { users=$({ id -u; stat -c %u state/*/journal 2>/dev/null; } | sort -u | paste -sd , -); }

# Their queue as lines "ID|INDEX|STATE|REASON|RUN|JOB" of jobs with a tag. An answer is needed:
# an empty one and none at all are different things.
read_queue() { # [-r: a line for each array task]
  local raw try
  for try in 1 2 3 4 5; do
    raw=$(on_cluster squeue -h "$@" -u "$users" -o '%F|%K|%t|%r|%j|%k' 2>&1) && break
    [ "$try" = 5 ] && stop "squeue does not answer: $raw"
    [ "$try" != 2 ] || say "squeue does not answer; trying again"
    sleep $((try * 3))
  done
  local id index state reason name comment tag rest
  while IFS='|' read -r id index state reason name comment; do
    case $comment$name in *wfc:*) ;; *) continue ;; esac
    case $comment in wfc:*:*:*) tag=$comment ;; *) tag=$name ;; esac
    case $tag in wfc:*:*:*) ;; *) continue ;; esac
    case $id in '' | *[!0-9]*) continue ;; esac
    rest=${tag#wfc:}
    printf '%s|%s|%s|%s|%s|' "$id" "$index" "$state" "$reason" "${rest%%:*}"
    rest=${rest#*:}
    printf '%s\n' "${rest%%:*}"
  done <<<"$raw"
}

cancel_jobs() { # ID...
  local -a batch
  while [ $# -gt 0 ]; do
    batch=("${@:1:200}")
    shift "${#batch[@]}"
    on_cluster scancel "${batch[@]}" || say "scancel failed for some of: ${batch[*]}"
  done
}
