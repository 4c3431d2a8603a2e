# Every job carries a tag, wfc:RUN:JOB:PLAN, as its comment; where a site rewrites comments, as its name.
tag_of() { printf 'wfc:%s:%s:%s' "$run" "$1" "${plan:0:12}"; }

cluster='' # set when sbatch answers "ID;CLUSTER"
on_cluster() { # COMMAND ARGUMENT...: a Slurm command on the cluster that took the jobs
  local program=$1
  shift
  if [ -n "$cluster" ]; then "$program" --clusters="$cluster" "$@"; else "$program" "$@"; fi
}

# Whose jobs to look for: only its owner submits from a directory, but others may ask what would be done.
find_users() { users=$(stat -c %u state 2>/dev/null || id -u); }

# Their queue as lines "ID|INDEX|STATE|REASON|RUN|JOB" of jobs with a tag. An answer is needed:
# an empty one and none at all are different things.
# A name, a comment or a directory may hold anything, also what looks like another job: the fields are divided by a word that
# nobody has known before, only a job of this directory counts, and its tag must be one from the first to the last byte.
read_queue() { # [-r: a line for each array task]
  local raw try mark=:$RANDOM-$RANDOM-$RANDOM: own_dir=${PWD%%$'\n'*}
  command -v squeue >/dev/null || stop "no squeue on this machine: run this where Slurm is"
  for try in 1 2 3 4 5; do
    raw=$(on_cluster squeue -h "$@" -u "$users" -o "$mark%F|%K|%t|%U$mark%r$mark%k$mark%j$mark%Z" 2>&1) && break
    [ "$try" = 5 ] && stop "squeue does not answer: $raw"
    [ "$try" != 2 ] || say "squeue does not answer; trying again"
    sleep $((try * 3))
  done
  local head="^$mark($id_word)[|]([^|]*)[|]([A-Z]+)[|]$users$mark([A-Za-z]*).*$mark" tail="$mark(.*)\$/\1|\2|\3|\4|\5|\6|\8\//p"
  local id index state reason of_run key directory last='' ours=''
  while IFS='|' read -r id index state reason of_run key directory; do
    if [ "$directory" != "$last" ]; then
      last=$directory ours=''
      if [ "$directory" = "$own_dir/" ] || [ "$directory" -ef . ]; then ours=1; fi
    fi
    [ -z "$ours" ] || printf '%s\n' "$id|$index|$state|$reason|$of_run|$key"
  done < <(LC_ALL=C sed -nE "s/$head$tag_word$mark.*$tail; t; s/$head.*$mark$tag_word$tail" <<<"$raw")
}

cancel_jobs() { # ID...
  local -a batch
  while [ $# -gt 0 ]; do
    batch=("${@:1:200}")
    shift "${#batch[@]}"
    on_cluster scancel "${batch[@]}" || say "scancel failed for some of these jobs: ${batch[*]}"
  done
}
