#!/bin/bash
# The submission program of wfc: submit.sh, which holds the table of jobs, reads it in and hands over.
# Without -u: bash before 4.4 takes an empty array for an unset variable.
set -o pipefail
if [ "${#names[@]}" = 0 ]; then
  printf '%s\n' "bin/submit has no jobs by itself: run the submit.sh beside bin/" >&2
  exit 2
fi

say() { printf '%s\n' "submit.sh: $*" >&2; }
stop() {
  say "$@"
  exit 1
}

# A command to type: this script, from wherever the reader stands.
this() { # OPTION...
  printf '%q' "$out/submit.sh"
  [ $# = 0 ] || printf ' %s' "$@"
}

# The caller may itself be a job, or have options of Slurm's commands in the environment: neither is meant for these jobs, nor for
# what is asked about them. A job hands all that it gets on to its steps, where srun reads it as options. What says which cluster
# it is, and who asks, stays.
kept_keys=(ACCOUNT PARTITION QOS RESERVATION CLUSTERS)
ignored_variables=()
clean_environment() {
  local name key
  for name in "${!SLURM_@}" "${!PMI@}" "${!SBATCH_@}" "${!SQUEUE_@}" "${!SCANCEL_@}" "${!SCONTROL_@}" "${!SINFO_@}"; do
    case $name in
      SLURM_CONF | SLURM_CLUSTERS | SLURM_JWT) continue ;;
      SBATCH_*)
        for key in "${kept_keys[@]}"; do [ "$name" != "SBATCH_$key" ] || continue 2; done
        [ -z "${!name}" ] || ignored_variables+=("$name") ;;
    esac
    unset "$name"
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
  [ "${#ignored_variables[@]}" = 0 ] ||
    say "ignored: ${ignored_variables[*]} of your environment; the workflow says what its jobs ask for"
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
    stop "$out belongs to the user $(stat -c '%U (%u)' state), and only its owner submits from it or cancels:" \
      "compile into a directory of your own (wfc compile --out)"
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
    stop "locked by $owner (host:pid); if it is no longer there: $(this --break-lock)"
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

# Slurm expands % in the path of the log, also where the script says it relative to the out directory.
add_output_option() { # SCRIPT
  local own
  own=$(options_of "$1" | sed -n 's/^--output=//p' | tail -n 1)
  case $own in '' | /*) return ;; esac
  case $out in *%*) command+=("--output=${out//%/%%}/$own") ;; esac
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
  add_output_option "${scripts[i]}"
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

try_later() { # TEXT TRY
  say "${1##*error: }; trying again in $(($2 * 5)) s"
  sleep $(($2 * 5))
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
      stop "nothing runs yet: what was submitted is held. Correct it and run it again, or: $(this --cancel)"
    fi
    try_later "$text" "$try"
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


# sbatch --test-only, once for each distinct set of options: held jobs are not checked against the nodes. It comes before anything
# in the queue is touched: whatever stops it leaves that as it was.
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
        say "jobs/$1.sbatch fits no node that is up now; others may come up"
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
  stop "jobs keep leaving the queue before they start (see: squeue -u $(id -un)); run again, or: $(this --cancel)"
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
      stop "${#alive[@]} job(s) of an earlier plan are in the queue (run $last_run): let them end, or: $(this --cancel)"
    fi
    say "clearing away an unfinished submission of an earlier plan (run $last_run)"
    cancel_jobs "${alive[@]}"
    note_cancelled "$file"
  done
}

# What earlier plans have done is taken over, by names, and this plan is the last.
carry_over() { bin/wfr carry "$plan" >&2 || stop "bin/wfr carry $plan failed"; }

counted() { # NUMBER NAME: "1 job", "3 jobs"
  if [ "$1" = 1 ]; then printf '%s %s' "$1" "$2"; else printf '%s %ss' "$1" "$2"; fi
}

# How many jobs an item is: array tasks count, as in squeue.
jobs_of() { # ITEM
  local i
  case ${specs[$1]} in
    0-*)
      i=${specs[$1]#0-}
      printf '%s' "$((${i%%%*} + 1))" ;;
    *)
      for i in "${!names[@]}"; do
        [ "${names[i]}" != "${keys[$1]}" ] || printf '%s' "${elements[i]}"
      done
      case ${keys[$1]} in *+*) printf 1 ;; esac ;;
  esac
}

summary() { # NUMBER OF TASKS, where it is known
  local total=0 i what=''
  for i in "${!keys[@]}"; do total=$((total + $(jobs_of "$i"))); done
  [ -z "$1" ] || what="$(counted "$1" task) in "
  printf '%s, run %s: %s%s in the queue, by %s of sbatch\n' "$workflow" "$run" "$what" \
    "$(counted "$total" job)" "$(counted "${#keys[@]}" call)"
  for i in "${keys[@]}"; do printf '  %-28s job %s\n' "$i" "${id_of[$i]}"; done
  printf 'next: squeue -u %s\n' "$(id -un)"
  printf '      what is done, what failed: %q verdict %q\n' "$out/bin/wfc" "$out"
  printf '      %s   submits what is missing then\n' "$(this)"
  printf '      to cancel it all: %s\n' "$(this --cancel)"
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

items_of_run() { # submit|resume
  read_exclude "$(tables_of_run)"
  if [ "$1" = resume ]; then items_of_resume "$(tables_of_run)/parts"; else items_of_workflow; fi
}

go_on() {
  if [ -n "$dry" ]; then
    items_of_run "$kind"
    print_commands
    return
  fi
  say "going on with run $run"
  items_of_run "$kind"
  finish_run
  if [ "$kind" = resume ]; then summary "$pending"; else summary ''; fi
}

# Finishes what was interrupted, else submits what is missing or stale.
submit_workflow() {
  [ -n "$dry" ] || settle_other_plans
  load_journal
  if [ -n "$json" ]; then
    print_decision
    return
  fi
  if [ -n "$run" ] && [ -z "$released$cancelled" ]; then
    go_on
    return
  fi
  if [ -z "$dry" ]; then
    [ -z "$run" ] || clear_extras
    carry_over
  fi
  bring_up_to_date
}


# What is missing or stale. A part is the pending tasks of one array that wait in the same way; `wfr resume`
# finds the parts and prints, numbers only:
#   PENDING LIVE FINALIZERS TOTAL BLOCKED        tasks to run, jobs in the queue, finalizers to run, all tasks,
#                                                tasks that cannot run
#   ARRAY PART COUNT LIMIT [KIND ON PART]...     KIND 0: aftercorr part PART of array ON, 1: afterany that
#                                                part, 2: afterany the live job ON, 3: aftercorr-or-afterany
#                                                that part; COUNT 0: no array
# ARRAY counts the lines `job ...` above from 0. Its tasks are in state/PLAN/tables/RUN/ARRAY.PART.u32.
tables_of_run() { printf '%s/tables/%s' "$state_dir" "$run"; }

# The array tasks of this plan that are in the queue, as lines "ID INDEX": `queued` all that may still run,
# `live` those that wait for no other job. The rest, the old verdict and its finalizers, are `doomed`: they
# are submitted again with what they need. `returning` are the scripts of all that does not stay.
look_at_queue() {
  local id index state_now reason of_run key queue script
  live='' queued='' doomed=() cancelled_jobs=() held_jobs=() returning=() ending=0 verdict_queued=0
  [ "${#run_is_ours[@]}" -gt 0 ] || return 0
  local -A after_all=()
  for script in "${names[@]:first_closing}"; do after_all[$script]=1; done
  queue=$(read_queue -r) || exit 1
  while IFS='|' read -r id index state_now reason of_run key; do
    if [ -z "$of_run" ] || [ -z "${run_is_ours[$of_run]:-}" ]; then continue; fi
    case $index in '' | *[!0-9]*) index=-1 ;; esac
    script=${key%+*}
    if [ -n "${run_is_cancelled[$of_run]:-}" ] && [ "$state_now" != CG ]; then
      # --cancel was interrupted, and wfr refuses them.
      cancelled_jobs+=("$id")
    elif [ "$state_now" = CG ]; then
      ending=$((ending + 1))
    elif [ -n "${after_all[$key]:-}" ]; then
      [ "$state_now" != PD ] || doomed+=("$id")
      if [ "$key" = "$verdict" ]; then verdict_queued=1; fi
    elif [ "$state_now" = PD ] && [[ $reason == Dependency* ]]; then
      if [ "$index" = -1 ]; then doomed+=("$id"); else doomed+=("${id}_$index"); fi
      [ "$reason" = DependencyNeverSatisfied ] || queued+="$id $index"$'\n'
    else
      case $reason in JobHeld*) held_jobs[id]=1 ;; esac
      live+="$id $index"$'\n'
      queued+="$id $index"$'\n'
      script=''
    fi
    [ -z "$script" ] || returning[$script]=1
  done <<<"$queue"
}

runs_of_plan() {
  local word name last=''
  run_is_ours=() run_is_cancelled=()
  [ -e "$journal" ] || return 0
  while read -r word name _; do
    case $word in
      run) last=$name run_is_ours[$name]=1 ;;
      cancelled) run_is_cancelled[$last]=1 ;;
    esac
  done < <(grep -v ' torn$' "$journal")
}

# Waits for what is ending, then cancels what waits: a task has one owner at a time.
clear_queue() {
  local try
  for try in {1..60}; do
    look_at_queue
    if [ "${#cancelled_jobs[@]}" -gt 0 ]; then
      cancel_jobs "${cancelled_jobs[@]}"
    elif [ "$ending" != 0 ]; then
      [ "$try" != 2 ] || say "waiting for jobs that are ending"
    elif [ "${#doomed[@]}" -gt 0 ]; then
      cancel_pending "${doomed[@]}"
    else
      return
    fi
    sleep 1
  done
  stop "jobs are still ending after a minute; run it again"
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
  pending=0
  read -r pending _ <"$1"
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

# How to record as done what is there already: wfc's own word for the message of `wfr resume`.
adopt() {
  local file
  file=$(sed -n 2p workflow 2>/dev/null)
  case $file in /*) ;; *) file=$out/$file ;; esac
  printf '%q touch %q -o %q' "$out/bin/wfc" "$(realpath -ms -- "$file")" "$out"
}

# Asks wfr which tasks are pending; `answer` is the file of its lines.
find_parts() { # DIRECTORY LIVE-LINES
  mkdir -p "$1" || stop "cannot write $1"
  answer=$1/parts
  printf '%s' "$2" >"$answer.live" || stop "cannot write $answer.live"
  bin/wfr resume --plan "$plan" --live "$answer.live" --dir "$1" "${trust[@]}" "${foreign[@]}" \
    --adopt-by "$(adopt)" --again-by "$(this)" ${dry:+--dry-run} >"$answer.new"
  case $? in
    0) ;;
    3) stop "nothing was submitted" ;;
    *) stop "bin/wfr resume failed" ;;
  esac
  mv -f "$answer.new" "$answer" || stop "cannot write $answer"
  read -r pending live_jobs finalizers total blocked <"$answer"
}

# True if all that is not up to date is in the queue, and the verdict too.
nothing_is_missing() {
  local text='everything is up to date'
  [ "${#trust[@]}" = 0 ] || text='by the records everything is up to date'
  if [ "$pending" = 0 ] && [ "$blocked" != 0 ] && [ "$live_jobs" = 0 ]; then
    # wfr has said which and why.
    say "nothing to submit; up to date: $(counted "$((total - blocked))" task)"
  elif [ "$pending" = 0 ] && [ "$live_jobs" = 0 ] && [ "$finalizers" = 0 ]; then
    say "$text ($(counted "$total" task))"
  elif [ "$pending" = 0 ] && [ "$verdict_queued" = 1 ]; then
    say "nothing to submit: what is not up to date is in the queue ($(counted "$live_jobs" job) and the verdict)"
  else
    return 1
  fi
}

# A job that somebody has put on hold after its release stays in the queue for ever.
tell_held() {
  [ "${#held_jobs[@]}" = 0 ] ||
    say "$(counted "${#held_jobs[@]}" job) held in the queue; to let them start: scontrol release ${!held_jobs[*]}"
}

# Everything is as it was compiled: whole arrays, in place of tables.
all_is_pending() { [ "$pending" = "$total" ] && [ "$live_jobs" = 0 ]; }

items_of_answer() { if all_is_pending; then items_of_workflow; else items_of_resume "$answer"; fi; }

# Sets `to_test`: the scripts of what is missing, and of the jobs that make way for it.
find_scripts() {
  local array
  to_test=()
  while read -r array _; do to_test+=("${names[array]}"); done < <(tail -n +2 "$answer")
  to_test+=("${names[@]:first_closing}" "${!returning[@]}")
}

print_decision() {
  local -A run_is_ours run_is_cancelled returning
  local live queued ending verdict_queued
  local -a doomed cancelled_jobs held_jobs
  runs_of_plan
  look_at_queue
  # wfr closes all that it inherits but these three.
  bin/wfr resume --plan "$plan" --live /dev/stdin --dir . --json "${trust[@]}" <<<"$queued"
}

# Submits what is missing or stale. First all is tested, then what is in the way is cancelled, then comes the new: whatever stops
# in between, the next call finishes.
bring_up_to_date() {
  local -A run_is_ours run_is_cancelled returning
  local live queued ending verdict_queued pending live_jobs finalizers total blocked answer scratch id
  local -a doomed cancelled_jobs held_jobs to_test
  runs_of_plan
  look_at_queue
  tell_held
  [ "${#trust[@]}" = 0 ] || say "the records are trusted: inputs and outputs are not looked at"
  id=$(new_run_id)
  scratch=$state_dir/tables/$id
  if [ -n "$dry" ]; then scratch=$(mktemp -d) || stop "mktemp failed"; fi
  find_parts "$scratch" "$queued"
  if nothing_is_missing; then
    rm -rf -- "$scratch"
    return
  fi
  if [ -n "$dry" ]; then
    [ "$live" = "$queued" ] || find_parts "$scratch" "$live"
    forget_run
    run=RUN
    read_exclude "$scratch"
    items_of_answer
    rm -rf -- "$scratch"
    print_commands
    return
  fi
  print_kept
  find_scripts
  test_resources "${to_test[@]}"
  if [ "$((${#doomed[@]} + ${#cancelled_jobs[@]} + ending))" != 0 ]; then
    clear_queue
    # From here on the queue holds running jobs and jobs that wait for nothing but nodes.
    find_parts "$scratch" "$live"
  fi
  read_exclude "$scratch"
  say "$(counted "$pending" task) to run, $(counted "$live_jobs" job) in the queue already"
  [ -z "$left_out" ] ||
    say "left out: $left_out, where the last tasks have failed that other nodes do (--all-nodes: use them)"
  run=$id
  items_of_answer
  if all_is_pending; then open_run submit "$id"; else open_run resume "$id"; fi
  finish_run
  summary "$pending"
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
  say "cancelled ${#jobs[@]} job(s); what was finished is kept: $(this) goes on from there"
}


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
    *) say "unknown argument $1: there are only options" ;;
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

