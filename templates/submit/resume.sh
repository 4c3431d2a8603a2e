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
