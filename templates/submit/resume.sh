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
  local word name last='' lines
  run_is_ours=() run_is_cancelled=()
  read_journal "$journal"
  while read -r word name _; do
    case $word in
      run) last=$name run_is_ours[$name]=1 ;;
      cancelled) [ -z "$last" ] || run_is_cancelled[$last]=1 ;;
    esac
  done <<<"$lines"
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
  local lines
  left_out=''
  [ -z "$all_nodes" ] || return 0
  read_lines "$1/exclude" "$names_word" 'list of nodes'
  read -r left_out <<<"$lines"
}

# Sets `lines` to an answer of `wfr resume`, whose first is about all.
readonly counts_line="$number_word( $number_word){4}"
readonly part_line="$number_word $number_word $number_word $number_word( [0-3] $number_word $number_word)*"
read_answer() { # FILE
  local -a words
  local i
  read_lines "$1" "$counts_line|$part_line" 'answer'
  [[ ${lines%%$'\n'*} =~ ^$counts_line$ ]] || stop "$1 in $out: not an answer of wfr"
  while read -r -a words; do
    is_script "${words[0]}" || stop "$1 in $out names job array ${words[0]}, which is none"
    for ((i = 4; i + 2 < ${#words[@]}; i += 3)); do
      [ "${words[i]}" = 2 ] || is_script "${words[i + 1]}" ||
        stop "$1 in $out names job array ${words[i + 1]}, which is none"
    done
  done < <(tail -n +2 <<<"$lines")
}
is_script() { [ "$1" -lt "${#names[@]}" ]; }

# The saved answer of `wfr resume` -> items of this run, then the verdict and the finalizers.
items_of_resume() { # FILE
  local array part count limit kind on on_part spec table i lines
  local -a words deps ends=()
  local -A live_ids=()
  pending=0
  read_answer "$1"
  read -r pending _ <<<"$lines"
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
  done < <(tail -n +2 <<<"$lines")
  read_lines "$1.live" "$id_word (-1|$number_word)" 'list of jobs'
  while read -r on _; do
    if [ -n "$on" ]; then live_ids[$on]=1; fi
  done <<<"$lines"
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
  local file=''
  [ ! -f workflow ] || file=$(sed -n 2p workflow 2>/dev/null)
  case $file in /*) ;; *) file=$out/$file ;; esac
  printf '%q touch %q -o %q' "$out/bin/wfc" "$(realpath -ms -- "$file")" "$out"
}

# Asks wfr which tasks are pending; `answer` is the file of its lines.
find_parts() { # DIRECTORY LIVE-LINES
  local lines
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
  read_answer "$answer"
  read -r pending live_jobs finalizers total blocked <<<"$lines"
}

# True if all that is not up to date is in the queue, and the verdict too.
nothing_is_missing() {
  local text='everything is up to date' in_queue='the verdict'
  [ "${#trust[@]}" = 0 ] || text='according to the records, everything is up to date'
  [ "$pending" = 0 ] || return 1
  if [ "$verdict_queued" = 1 ] && [ "$((live_jobs + finalizers))" != 0 ]; then
    [ "$live_jobs" = 0 ] || in_queue="$(counted "$live_jobs" job) and the verdict"
    say "nothing to submit: the rest is in the queue ($in_queue)"
  elif [ "$((live_jobs + finalizers))" != 0 ]; then
    return 1
  elif [ "$blocked" != 0 ]; then
    # wfr has said which and why.
    say "nothing to submit: $(counted "$blocked" task) blocked, $((total - blocked)) up to date"
  else
    say "$text ($(counted "$total" task))"
  fi
}

tell_what_runs() {
  local text already=''
  text="$(counted "$pending" task) to run"
  [ "$pending" != 0 ] || text='no task to run: submitting the verdict and the finalizers alone'
  [ "$live_jobs" = 0 ] || already=", $(counted "$live_jobs" job) in the queue already"
  say "$text$already"
}

# A job that somebody has put on hold after its release stays in the queue for ever.
tell_held() {
  [ "${#held_jobs[@]}" = 0 ] ||
    say "$(counted "${#held_jobs[@]}" "held job") in the queue; to release: scontrol release ${!held_jobs[*]}"
}

# Everything is as it was compiled: whole arrays, in place of tables.
all_is_pending() { [ "$pending" = "$total" ] && [ "$live_jobs" = 0 ]; }

items_of_answer() { if all_is_pending; then items_of_workflow; else items_of_resume "$answer"; fi; }

# Sets `to_test`: the scripts of what is missing, and of the jobs that make way for it.
find_scripts() {
  local array lines
  to_test=()
  read_answer "$answer"
  while read -r array _; do
    [ -z "$array" ] || to_test+=("${names[array]}")
  done < <(tail -n +2 <<<"$lines")
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
  [ "${#trust[@]}" = 0 ] || say "trusting the records: inputs and outputs are not checked for changes"
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
  # As after clear_queue: what stops it then, such as a file in an output's place, stops it before.
  [ "$live" = "$queued" ] || find_parts "$scratch" "$live"
  print_kept
  find_scripts
  test_resources "${to_test[@]}"
  if [ "$((${#doomed[@]} + ${#cancelled_jobs[@]} + ending))" != 0 ]; then
    clear_queue
    # From here on the queue holds running jobs and jobs that wait for nothing but nodes.
    find_parts "$scratch" "$live"
  fi
  read_exclude "$scratch"
  tell_what_runs
  [ -z "$left_out" ] ||
    say "nodes left out: $left_out; the last tasks have failed there, but not on other nodes (--all-nodes: use them)"
  run=$id
  items_of_answer
  if all_is_pending; then open_run submit "$id"; else open_run resume "$id"; fi
  finish_run
  summary "$pending"
}
