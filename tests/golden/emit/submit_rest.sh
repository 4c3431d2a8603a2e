
say() { printf '%s\n' "submit.sh: $*" >&2; }
stop() {
  say "$@"
  exit 1
}

# The caller may itself be a job, or have options in the environment: neither is meant for these jobs.
# SLURM_CONF and SLURM_CLUSTERS say which cluster, and stay.
kept_keys=(ACCOUNT PARTITION QOS RESERVATION CLUSTERS)
clean_environment() {
  local name key keep
  for name in "${!SLURM_@}" "${!PMI@}" "${!SBATCH_@}"; do
    case $name in
      SLURM_JOB* | SLURM_ARRAY* | SLURM_STEP* | SLURM_TASK* | SLURM_CPUS* | SLURM_MEM* | SLURM_NTASKS* | \
        SLURM_NNODES | SLURM_EXPORT_ENV | PMI*) unset "$name" ;;
      SBATCH_*)
        keep=0
        for key in "${kept_keys[@]}"; do [ "$name" = "SBATCH_$key" ] && keep=1; done
        [ "$keep" = 1 ] || unset "$name" ;;
    esac
  done
}

# The #SBATCH options of a script, one a line.
options_of() {
  local line
  while IFS= read -r line; do
    case $line in '#SBATCH '*) printf '%s\n' "${line#'#SBATCH '}" ;; esac
  done <"jobs/$1.sbatch"
}

# True if the script sets the option itself; the environment's value then must not win over it.
script_sets() { # SCRIPT KEY
  local option short=''
  case $2 in ACCOUNT) short=A ;; PARTITION) short=p ;; QOS) short=q ;; CLUSTERS) short=M ;; esac
  while IFS= read -r option; do
    case $option in --"${2,,}"[=\ ]*) return 0 ;; esac
    if [ -n "$short" ]; then case $option in -"$short"*) return 0 ;; esac; fi
  done < <(options_of "$1")
  return 1
}

# sbatch, with the kept variables only where the script leaves the key unset.
call_sbatch() ( # SCRIPT OPTION...
  script=$1
  shift
  for key in "${kept_keys[@]}"; do
    variable=SBATCH_$key
    [ -n "${!variable:-}" ] || continue
    if script_sets "$script" "$key"; then unset "SBATCH_$key"; fi
  done
  exec sbatch "$@"
)

print_kept() {
  local key variable script
  for key in "${kept_keys[@]}"; do
    variable=SBATCH_$key
    [ -n "${!variable:-}" ] || continue
    for script in "${names[@]}"; do
      script_sets "$script" "$key" || { say "$variable=${!variable} of your environment is used"; break; }
    done
  done
}


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
    sleep "$try"
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


# One submit.sh at a time, of whatever plan: a directory with the owner's name in it, made and taken over by rename.
# It comes into being whole, and of several that find its owner gone one alone can rename that owner away.
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

lock_taken() { # HOST:PID
  local left
  lock=state/lock/$1
  trap 'rm -f -- "$lock"; rmdir -- "${lock%/*}" 2>/dev/null' EXIT
  trap 'say "stopped; run it again to go on"; exit 130' INT
  trap 'say "stopped; run it again to go on"; exit 143' TERM HUP
  for left in state/lock.*; do
    if [ -e "$left" ] && ! owner_is_alive "${left#state/lock.}"; then rm -rf -- "$left"; fi
  done
}

take_lock() {
  local me=$HOSTNAME:$$ entry owner
  # What lies there is believed: which job is whose, what is done.
  if [ -e state ] && [ ! -O state ]; then
    stop "$out/state belongs to somebody else: compile into a directory of your own (wfc compile --out)"
  fi
  mkdir -p "$state_dir" logs || stop "cannot write in $out"
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
    if [ -n "$break_lock" ] || [ "$owner" = "$me" ] || ! owner_is_alive "$owner"; then
      if [ "$owner" = "$me" ] || mv -fT "state/lock/$owner" "state/lock/$me" 2>/dev/null; then
        say "taking over the lock of $owner"
        lock_taken "$me"
        return
      fi
      continue
    fi
    stop "locked by $owner (host:pid); if it is no longer there: ./submit.sh --break-lock"
  done
  stop "another submit.sh is at work here; try again"
}


# What is to be submitted in this run: key, script, options for a part of an array, what it waits for.
# A dependency is KIND:KEY, or KIND:=ID for a job of an earlier run that is still in the queue.
keys=() scripts=() specs=() tables=() afters=()
item() { # KEY SCRIPT SPEC TABLE DEPENDENCY...
  keys+=("$1") scripts+=("$2") specs+=("$3") tables+=("$4")
  shift 4
  afters+=("$*")
}

place_of() { # SCRIPT
  local i
  for i in "${!names[@]}"; do [ "${names[i]}" = "$1" ] && printf '%s' "${places[i]}"; done
}

# Jobs that wait for no other job of this run are held until all the others are in: nothing can end,
# and be forgotten by Slurm, while there is still something to submit that waits for it.
is_held() { # ITEM
  local dependency
  for dependency in ${afters[$1]}; do
    case $dependency in *:=*) ;; *) return 1 ;; esac
  done
}

# --dependency=KIND:ID:ID,KIND:ID of an item. Commas are a conjunction, a question mark is a disjunction, and
# Slurm takes a mixture for one: KIND aftercorr-or-afterany is an item's only one.
dependency_option() { # ITEM
  local dependency kind key list='' last=''
  for dependency in ${afters[$1]}; do
    kind=${dependency%%:*} key=${dependency#*:}
    case $key in =*) key=${key#=} ;; *) key=${id_of[$key]} ;; esac
    if [ "$kind" = aftercorr-or-afterany ]; then
      list="aftercorr:$key?afterany:$key"
    elif [ "$kind" = "$last" ]; then
      list+=:$key
    else
      list+=${list:+,}$kind:$key
    fi
    last=$kind
  done
  printf '%s' "$list"
}

# An option of sbatch goes over the script's own.
left_out='' # nodes, joined by commas
exclude_option() { # SCRIPT
  local own
  own=$(options_of "$1" | sed -n 's/^--exclude=//p' | tail -n 1)
  own=${own//\\/}
  printf -- '--exclude=%s' "${own:+$own,}$left_out"
}

# Sets `command`: sbatch's options, the script, and the words that the script hands to wfr.
build_command() { # ITEM
  local i=$1 tag dependency
  tag=$(tag_of "${keys[i]}")
  dependency=$(dependency_option "$i")
  command=(--parsable "--chdir=$out" "--comment=$tag")
  # Until the first job's comment has been read back, and where comments do not last, the name too.
  [ "$tags" = comment ] || command+=("--job-name=$tag")
  if is_held "$i"; then command+=(--hold); fi
  if [ -n "$dependency" ]; then command+=("--dependency=$dependency" --kill-on-invalid-dep=yes); fi
  [ -z "$left_out" ] || command+=("$(exclude_option "${scripts[i]}")")
  [ -z "${specs[i]}" ] || command+=("--array=${specs[i]}")
  command+=("jobs/${scripts[i]}.sbatch" --run "$run")
  [ -z "${tables[i]}" ] || command+=(--table "${tables[i]}")
}

# The id in what sbatch printed: sites add lines of their own. With several numbers the queue knows which one it is.
parse_id() { # TEXT KEY -> answer_id, answer_cluster
  local line ids count=0
  answer_id='' answer_cluster=''
  while IFS= read -r line; do
    if [[ $line =~ ^([0-9]+)(;([A-Za-z0-9._-]+))?$ ]]; then
      answer_id=${BASH_REMATCH[1]} answer_cluster=${BASH_REMATCH[3]:-} count=$((count + 1))
    fi
  done <<<"$1"
  [ "$count" -gt 1 ] || return 0
  ids=$(tagged_ids "$2") || exit 1
  read -r answer_id _ <<<"$ids"
}

refused() { # SCRIPT TEXT
  say "sbatch refused jobs/$1.sbatch ($(place_of "$1")):"
  printf '    %s\n' "${2//$'\n'/$'\n    '}" >&2
}

# The ids in the queue that carry an item's tag, without those given up before.
tagged_ids() { # KEY
  local id of_run key found=' ' queue
  queue=$(read_queue) || exit 1
  while IFS='|' read -r id _ _ _ of_run key; do
    if [ "$of_run" = "$run" ] && [ "$key" = "$1" ] && [ -z "${retired[$id]:-}" ]; then
      case $found in *" $id "*) ;; *) found+="$id " ;; esac
    fi
  done <<<"$queue"
  printf '%s' "$found"
}

# An sbatch that has outlived its submit.sh, and may be trying still, is known by its tag.
end_left_sbatch() { # KEY
  local file
  local -a files=(/proc/[0-9]*/cmdline)
  while IFS= read -r file; do
    file=${file#/proc/}
    kill -KILL "${file%/*}" 2>/dev/null
  done < <(grep -lasF -f - "${files[@]}" <<<"--comment=$(tag_of "$1")")
}

# An intent without an id: sbatch may have reached the controller, or be about to. A job that is older than one it should
# wait for waits for another, of which the journal has lost all trace: it is cancelled with the extras.
adopt_item() { # ITEM
  local key=${keys[$1]} dependency id ids newest=0
  [ -n "${intended[$key]:-}" ] || return 1
  for dependency in ${afters[$1]}; do
    id=${dependency#*:}
    case $id in =*) id=${id#=} ;; *) id=${id_of[$id]} ;; esac
    [ "$id" -le "$newest" ] || newest=$id
  done
  end_left_sbatch "$key"
  sleep 2
  ids=$(tagged_ids "$key") || exit 1
  for id in $ids; do
    [ "$id" -gt "$newest" ] || continue
    id_of[$key]=$id
    note "id $key $id"
    return
  done
  return 1
}

# The controller was away or busy: the job may be in, or may be taken the next time.
may_pass() { # TEXT
  case $1 in
    *'Unable to contact slurm controller'* | *'Socket timed out'* | *'Zero Bytes were transmitted'* | \
      *'Transport endpoint is not connected'* | *'Connection timed out'* | *'Connection refused'* | \
      *'Unexpected message received'* | *'controller in standby mode'* | *'try again later'*) return 0 ;;
  esac
  return 1
}

# 1: jobs that it waits for were lost, and are to be submitted again first.
submit_item() { # ITEM
  local i=$1 key=${keys[$1]} text try
  for try in 1 2 3 4 5; do
    if adopt_item "$i"; then return; fi
    build_command "$i"
    note "intent $key"
    intended[$key]=1
    if text=$(call_sbatch "${scripts[i]}" "${command[@]}" 2>"$state_dir/sbatch.err"); then break; fi
    text+=$(cat "$state_dir/sbatch.err")
    # Such as an id that is not known any more, or that would be its own.
    case $text in *'Job dependency problem'*) if give_up_lost; then return 1; fi ;; esac
    if [ "$try" = 5 ] || ! may_pass "$text"; then
      refused "${scripts[i]}" "$text"
      stop "nothing runs yet: what was submitted is held. Correct it and run ./submit.sh again, or --cancel"
    fi
    say "${text##*error: }; trying again in $((try * 5)) s"
    sleep $((try * 5))
  done
  parse_id "$text" "$key"
  [ -n "$answer_id" ] || { refused "${scripts[i]}" "$text"; stop "no job id in the answer of sbatch"; }
  if [ -n "$answer_cluster" ] && [ -z "$cluster" ]; then
    cluster=$answer_cluster
    note "cluster $cluster"
  fi
  id_of[$key]=$answer_id
  note "id $key $answer_id"
  [ -n "$tags" ] || read_tag_back "$i" "$answer_id"
}

# The first job tells whether comments arrive as they were given.
read_tag_back() { # ITEM ID
  local seen name
  seen=$(on_cluster squeue -h -j "$2" -o %k 2>/dev/null | grep -F -- "$(tag_of "${keys[$1]}")" | head -n 1)
  if [ -z "$seen" ]; then
    tags=name
    note "tags name"
    return
  fi
  tags=comment
  note "tags comment"
  name=$(options_of "${scripts[$1]}" | sed -n 's/^--job-name=//p' | head -n 1)
  on_cluster scontrol update "JobId=$2" "JobName=$name" >/dev/null 2>&1 || true
}


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


# Submits every item that has no job yet, in order: a dependency's id is known before it is named.
submit_items() {
  local i
  for _ in 1 2 3 4; do
    for i in "${!keys[@]}"; do
      [ -z "${id_of[${keys[i]}]:-}" ] || continue
      submit_item "$i" || continue 2
      say "$((i + 1))/${#keys[@]}  ${keys[i]}: job ${id_of[${keys[i]}]}"
    done
    return
  done
  keep_leaving
}

keep_leaving() {
  stop "jobs keep leaving the queue before they start (see: squeue -u $(id -un)); run again, or --cancel"
}

waits_for() { # ITEM KEY
  case " ${afters[$1]} " in *":$2 "*) return 0 ;; esac
  return 1
}

# Gives up the jobs of the keys in `gone` and of all that wait for them. That is noted before any of them
# is cancelled or submitted again: a job that names a lost id would find it satisfied.
give_up() {
  local i other key ids=()
  for i in "${!keys[@]}"; do
    for other in "${!gone[@]}"; do
      if waits_for "$i" "$other"; then gone[${keys[i]}]=1; fi
    done
  done
  for key in "${!gone[@]}"; do
    [ -n "${id_of[$key]:-}" ] || continue
    note "lost $key ${id_of[$key]}"
    ids+=("${id_of[$key]}")
    retired[${id_of[$key]}]=1
    unset "id_of[$key]"
  done
  cancel_jobs "${ids[@]}"
}

# A controller that has crashed may have lost jobs whose ids it had given already. False when it has not.
give_up_lost() {
  local id of_run key queue
  local -A gone present
  queue=$(read_queue) || exit 1
  while IFS='|' read -r id _ _ _ of_run key; do
    if [ "$of_run" = "$run" ] && [ "$id" = "${id_of[$key]:-}" ]; then present[$key]=1; fi
  done <<<"$queue"
  for key in "${keys[@]}"; do
    if [ -n "${id_of[$key]:-}" ] && [ -z "${present[$key]:-}" ]; then gone[$key]=1; fi
  done
  [ "${#gone[@]}" -gt 0 ] || return 1
  say "${#gone[@]} job(s) have left the queue before the start; submitting them again"
  give_up
}

# Exactly one job for each tag, the journal's: further ones are cancelled, missing ones submitted again.
settle() {
  local id state key of_run queue i
  local -a extra
  local -A gone present
  for _ in 1 2 3 4; do
    queue=$(read_queue) || exit 1
    extra=() present=() gone=()
    while IFS='|' read -r id _ state _ of_run key; do
      [ "$of_run" = "$run" ] || continue
      if [ "$id" != "${id_of[$key]:-}" ]; then
        extra+=("$id")
      elif [ "$state" != PD ]; then
        # Nothing may run yet, and wfr has refused to: it does not come back.
        gone[$key]=1
      else
        present[$key]=1
      fi
    done <<<"$queue"
    for i in "${!keys[@]}"; do
      [ -n "${present[${keys[i]}]:-}" ] || gone[${keys[i]}]=1
    done
    if [ "${#extra[@]}" -gt 0 ]; then
      say "cancelling ${#extra[@]} job(s) that were submitted twice"
      cancel_jobs "${extra[@]}"
    fi
    [ "${#gone[@]}" -gt 0 ] || return 0
    say "${#gone[@]} job(s) have left the queue before the start; submitting them again"
    give_up
    submit_items
  done
  keep_leaving
}

release_roots() {
  local i try held id of_run reason key queue
  local -a extra
  note "releasing"
  for try in 1 2 3 4 5; do
    for i in "${!keys[@]}"; do
      if is_held "$i"; then on_cluster scontrol release "${id_of[${keys[i]}]}" >/dev/null 2>&1 || true; fi
    done
    queue=$(read_queue) || exit 1
    held=0 extra=()
    while IFS='|' read -r id _ _ reason of_run key; do
      [ "$of_run" = "$run" ] || continue
      if [ "$id" != "${id_of[$key]:-}" ]; then
        extra+=("$id")
      elif [ "$reason" = JobHeldUser ]; then
        held=1
      fi
    done <<<"$queue"
    # An sbatch that outlived a killed submit.sh may be this late.
    if [ "${#extra[@]}" -gt 0 ]; then
      cancel_jobs "${extra[@]}"
    elif [ "$held" = 0 ]; then
      note "released"
      return
    fi
    sleep "$try"
  done
  stop "the first jobs stay held; run again, or: scontrol release JOBID"
}

# From whatever the journal says has been done to a released run.
finish_run() {
  if [ -z "$releasing" ]; then
    submit_items
    settle
    note "all-in"
  fi
  release_roots
}

items_of_workflow() {
  local i
  for i in "${!names[@]}"; do
    # shellcheck disable=SC2086 # a list of words
    item "${names[i]}" "${names[i]}" '' '' ${waits[i]}
  done
}

note_cancelled() { # JOURNAL
  close_journal "$1"
  printf 'cancelled\n' >>"$1" || stop "cannot write $out/$1"
}

# Sets last_run and last_was_released from another plan's journal.
look_at_last_run() { # FILE
  local word name
  last_run='' last_was_released=''
  while read -r word name _; do
    case $word in
      run) last_run=$name last_was_released='' ;;
      releasing) last_was_released=1 ;;
    esac
  done < <(grep -v ' torn$' "$1")
}

# An older plan's run that was never released can never start: it is cleared away. One that still has
# jobs in the queue works on the same files as this one would.
settle_other_plans() {
  local file id of_run queue=''
  local -a alive
  for file in state/*/journal; do
    if [ ! -e "$file" ] || [ "$file" = "$journal" ]; then continue; fi
    look_at_last_run "$file"
    [ -n "$last_run" ] || continue
    if [ -z "$queue" ]; then queue=$(read_queue) || exit 1; fi
    alive=()
    while IFS='|' read -r id _ _ _ of_run _; do
      [ "$of_run" != "$last_run" ] || alive+=("$id")
    done <<<"$queue"
    [ "${#alive[@]}" -gt 0 ] || continue
    if [ -n "$last_was_released" ]; then
      stop "${#alive[@]} job(s) of an earlier plan are in the queue (run $last_run): let them end, or --cancel them"
    fi
    say "clearing away an unfinished submission of an earlier plan (run $last_run)"
    cancel_jobs "${alive[@]}"
    note_cancelled "$file"
  done
}

# What an earlier plan has done is taken over, by names.
carry_over() {
  local last=''
  [ ! -e state/last ] || read -r last <state/last || true
  if [ -n "$last" ] && [ "$last" != "$plan" ] && [ -d "state/$last" ]; then
    bin/wfr carry "$last" "$plan" >&2 || stop "bin/wfr carry $last $plan failed"
  fi
  if ! printf '%s\n' "$plan" >"state/last.$$" || ! mv -f "state/last.$$" state/last; then
    stop "cannot write $out/state/last"
  fi
}

summary() {
  local total=0 key n count="$1"
  for n in "${elements[@]}"; do total=$((total + n)); done
  [ -n "$count" ] || count=$total
  printf '%s, run %s: %d scripts, %s jobs are in the queue\n' "$workflow" "$run" "${#keys[@]}" "$count"
  for key in "${keys[@]}"; do printf '  %-28s job %s\n' "$key" "${id_of[$key]}"; done
  printf 'next: squeue -u %s\n' "$(id -un)"
  printf '      %s/bin/wfr verdict --plan %s   what is done, what failed\n' "$out" "$plan"
  printf '      %s/submit.sh --resume   after failures\n' "$out"
  printf '      %s/submit.sh --cancel\n' "$out"
}

# Jobs with a tag of this plan's runs that the journal has not got: an sbatch that was killed may be heard late, after
# all is released. They do nothing, but a held one would stay in the queue for ever.
clear_extras() {
  local id of_run word name first second queue
  local -a extra=()
  local -A known=() mine=()
  while read -r word first second _; do
    case $word in
      run) mine[$first]=1 ;;
      id) known[$second]=1 ;;
      lost) unset "known[$second]" ;;
    esac
  done < <(grep -v ' torn$' "$journal")
  queue=$(read_queue) || exit 1
  while IFS='|' read -r id _ _ _ of_run _; do
    if [ -n "$of_run" ] && [ -n "${mine[$of_run]:-}" ] && [ -z "${known[$id]:-}" ]; then extra+=("$id"); fi
  done <<<"$queue"
  [ "${#extra[@]}" -gt 0 ] || return 0
  say "cancelling ${#extra[@]} job(s) that were submitted twice"
  cancel_jobs "${extra[@]}"
}

submit_workflow() {
  settle_other_plans
  load_journal
  if [ -n "$cancelled" ]; then stop "run $run was cancelled: ./submit.sh --resume submits what is missing"; fi
  if [ -n "$released" ]; then
    clear_extras
    say "run $run is submitted; nothing to do. After failures: ./submit.sh --resume"
    return
  fi
  if [ "$kind" = resume ]; then
    resume_interrupted
    return
  fi
  items_of_workflow
  if [ -z "$run" ]; then
    print_kept
    test_resources
    carry_over
    open_run submit "$(new_run_id)"
  else
    say "going on with run $run"
  fi
  finish_run
  summary ''
}


# --resume. A part is the pending tasks of one array that wait in the same way; `wfr resume` finds the
# parts and prints, numbers only:
#   PENDING LIVE FINALIZERS                      tasks to run, tasks in live jobs, finalizers to run
#   ARRAY PART COUNT LIMIT [KIND ON PART]...     KIND 0: aftercorr part PART of array ON, 1: afterany that
#                                                part, 2: afterany the live job ON, 3: aftercorr-or-afterany
#                                                that part; COUNT 0: no array
# ARRAY counts the lines `job ...` above from 0. Its tasks are in state/PLAN/tables/RUN/ARRAY.PART.u32.
tables_of_run() { printf '%s/tables/%s' "$state_dir" "$run"; }

# The array tasks of this plan that are in the queue, as lines "ID INDEX": `queued` all that may still run,
# `live` those that wait for no other job. The rest, the old verdict and its finalizers, are `doomed`: they
# are submitted again with what they need.
look_at_queue() {
  local id index state_now reason of_run key queue script
  live='' queued='' doomed=() cancelled_jobs=() ending=0 verdict_queued=0
  local -A after_all=()
  for script in "${names[@]:first_closing}"; do after_all[$script]=1; done
  queue=$(read_queue -r) || exit 1
  while IFS='|' read -r id index state_now reason of_run key; do
    if [ -z "$of_run" ] || [ -z "${run_is_ours[$of_run]:-}" ]; then continue; fi
    case $index in '' | *[!0-9]*) index=-1 ;; esac
    if [ -n "${run_is_cancelled[$of_run]:-}" ] && [ "$state_now" != CG ]; then
      # --cancel was interrupted, and wfr refuses them.
      cancelled_jobs+=("$id")
    elif [ "$state_now" = CG ]; then
      ending=$((ending + 1))
    elif [ "$state_now" = PD ] && [ -n "${after_all[$key]:-}" ]; then
      doomed+=("$id")
      if [ "$key" = "$verdict" ]; then verdict_queued=1; fi
    elif [ "$state_now" = PD ] && [[ $reason == Dependency* ]]; then
      if [ "$index" = -1 ]; then doomed+=("$id"); else doomed+=("${id}_$index"); fi
      [ "$reason" = DependencyNeverSatisfied ] || queued+="$id $index"$'\n'
    elif [ -z "${after_all[$key]:-}" ]; then
      live+="$id $index"$'\n'
      queued+="$id $index"$'\n'
    fi
  done <<<"$queue"
}

runs_of_plan() {
  local word name last=''
  run_is_ours=() run_is_cancelled=()
  while read -r word name _; do
    case $word in
      run) last=$name run_is_ours[$name]=1 ;;
      cancelled) run_is_cancelled[$last]=1 ;;
    esac
  done < <(grep -v ' torn$' "$journal")
}

# Cancels what waits, and waits for what is ending: a task has one owner at a time.
clear_queue() {
  local try
  for try in {1..60}; do
    look_at_queue
    if [ "${#cancelled_jobs[@]}" -gt 0 ]; then
      cancel_jobs "${cancelled_jobs[@]}"
    elif [ "${#doomed[@]}" -gt 0 ]; then
      cancel_pending "${doomed[@]}"
    elif [ "$ending" = 0 ]; then
      return
    fi
    [ "$try" != 2 ] || say "waiting for jobs that are ending"
    sleep 1
  done
  stop "jobs are still ending after a minute; run --resume again"
}

# Only what has not started meanwhile.
cancel_pending() {
  local -a batch
  while [ $# -gt 0 ]; do
    batch=("${@:1:200}")
    shift "${#batch[@]}"
    on_cluster scancel --state=PENDING "${batch[@]}" 2>/dev/null || true
  done
}

# Nodes on which tasks fail that others do: bin/wfr has found them in the records.
read_exclude() { # DIRECTORY
  left_out=''
  if [ -z "$all_nodes" ] && [ -e "$1/exclude" ]; then read -r left_out <"$1/exclude" || true; fi
}

# The saved answer of `wfr resume` -> items of this run, then the verdict and the finalizers.
items_of_resume() { # FILE
  local array part count limit kind on on_part spec table i
  local -a words deps ends=()
  local -A live_ids=()
  pending=0 live_tasks=0 finalizers=0
  read -r pending live_tasks finalizers <"$1"
  while read -r -a words; do
    array=${words[0]} part=${words[1]} count=${words[2]} limit=${words[3]}
    deps=()
    for ((i = 4; i + 2 < ${#words[@]}; i += 3)); do
      kind=${words[i]} on=${words[i + 1]} on_part=${words[i + 2]}
      case $kind in
        0) deps+=("aftercorr:${names[on]}+$on_part") ;;
        1) deps+=("afterany:${names[on]}+$on_part") ;;
        2) deps+=("afterany:=$on") ;;
        3) deps+=("aftercorr-or-afterany:${names[on]}+$on_part") ;;
      esac
    done
    ends+=("afterany:${names[array]}+$part")
    spec='' table=''
    if [ "$count" != 0 ]; then
      spec=0-$((count - 1)) table=$(tables_of_run)/$array.$part.u32
      [ "$limit" = 0 ] || spec+=%$limit
    fi
    item "${names[array]}+$part" "${names[array]}" "$spec" "$table" "${deps[@]}"
  done < <(tail -n +2 "$1")
  while read -r on _; do
    if [ -n "$on" ]; then live_ids[$on]=1; fi
  done <"$1.live"
  for on in "${!live_ids[@]}"; do ends+=("afterany:=$on"); done
  for ((i = first_closing; i < ${#names[@]}; i++)); do
    if [ "${names[i]}" = "$verdict" ]; then
      item "$verdict" "$verdict" '' '' "${ends[@]}"
    else
      # shellcheck disable=SC2086 # a list of words
      item "${names[i]}" "${names[i]}" '' '' ${waits[i]}
    fi
  done
}

resume_interrupted() {
  say "going on with run $run"
  read_exclude "$(tables_of_run)"
  items_of_resume "$(tables_of_run)/parts"
  finish_run
  summary "$pending"
}

# Asks wfr which tasks are pending; `answer` is the file of its lines.
find_parts() { # DIRECTORY LIVE-LINES
  mkdir -p "$1" || stop "cannot write $1"
  answer=$1/parts
  printf '%s' "$2" >"$answer.live" || stop "cannot write $answer.live"
  bin/wfr resume --plan "$plan" --live "$answer.live" --dir "$1" >"$answer.new" || stop "bin/wfr resume failed"
  mv -f "$answer.new" "$answer" || stop "cannot write $answer"
}

# True if all that is not done is in the queue, and the verdict too.
nothing_is_missing() {
  local scratch
  look_at_queue
  scratch=$(mktemp -d) || stop "mktemp failed"
  find_parts "$scratch" "$queued"
  read -r pending live_tasks finalizers <"$answer"
  rm -rf -- "$scratch"
  if [ "$pending" = 0 ] && [ "$live_tasks" = 0 ] && [ "$finalizers" = 0 ]; then
    say "every task is done; nothing to resume"
  elif [ "$pending" = 0 ] && [ "$live_tasks" != 0 ] && [ "$verdict_queued" = 1 ]; then
    say "nothing to resume: all $live_tasks task(s) that are not done are in the queue"
  else
    return 1
  fi
}

resume_workflow() {
  [ -n "$dry" ] || settle_other_plans
  load_journal
  if [ -z "$run" ] || { [ -z "$released" ] && [ -z "$cancelled" ]; }; then
    if [ -n "$dry" ]; then dry_unfinished; else submit_workflow; fi
    return
  fi
  local -A run_is_ours run_is_cancelled
  runs_of_plan
  local live queued ending verdict_queued pending live_tasks finalizers answer
  local -a doomed cancelled_jobs
  [ -n "$dry" ] || clear_extras
  if nothing_is_missing; then return; fi
  if [ -n "$dry" ]; then
    dry_resume
    return
  fi
  clear_queue
  # From here on the queue holds running jobs and jobs that wait for nothing but nodes.
  run=$(new_run_id)
  find_parts "$(tables_of_run)" "$live"
  items_of_resume "$answer"
  read_exclude "$(tables_of_run)"
  say "$pending task(s) to run, $live_tasks in the queue already"
  [ -z "$left_out" ] ||
    say "left out: $left_out, where the last tasks have failed that other nodes do (--all-nodes: use them)"
  print_kept
  test_resources
  open_run resume "$run"
  finish_run
  summary "$pending"
}

# What an interrupted submission has still to submit.
dry_unfinished() {
  if [ "$kind" = resume ]; then
    read_exclude "$(tables_of_run)"
    items_of_resume "$(tables_of_run)/parts"
  else
    items_of_workflow
  fi
  : "${run:=RUN}"
  print_commands
}

dry_resume() {
  local scratch
  scratch=$(mktemp -d) || stop "mktemp failed"
  find_parts "$scratch" "$live"
  forget_run
  run=RUN
  read_exclude "$scratch"
  items_of_resume "$answer"
  rm -rf -- "$scratch"
  print_commands
}


# --cancel: every job in the queue that carries the tag of a run of this directory, of any plan.
cancel_runs() {
  local file word name queue id of_run
  local -A ours=() jobs=() hit=()
  for file in state/*/journal; do
    [ -e "$file" ] || continue
    while read -r word name _; do
      case $word in
        run) ours[$name]=1 ;;
        cluster) cluster=$name ;;
      esac
    done < <(grep -v ' torn$' "$file")
  done
  queue=$(read_queue) || exit 1
  while IFS='|' read -r id _ _ _ of_run _; do
    if [ -n "$of_run" ] && [ -n "${ours[$of_run]:-}" ]; then jobs[$id]=1 hit[$of_run]=1; fi
  done <<<"$queue"
  if [ "${#jobs[@]}" = 0 ]; then
    say "no job of this directory is in the queue"
    return
  fi
  if [ -n "$dry" ]; then
    printf 'scancel %s\n' "${!jobs[@]}"
    return
  fi
  # Noted first: a job that starts in between sees it and does nothing.
  for file in state/*/journal; do
    look_at_last_run "$file"
    if [ -n "$last_run" ] && [ -n "${hit[$last_run]:-}" ]; then note_cancelled "$file"; fi
  done
  cancel_jobs "${!jobs[@]}"
  say "cancelled ${#jobs[@]} job(s); what was finished is kept: ./submit.sh --resume goes on from there"
}


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

