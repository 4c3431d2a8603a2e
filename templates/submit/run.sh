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
