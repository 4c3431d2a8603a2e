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
  stop "jobs keep leaving the queue before they can start (see: squeue -u $(id -un)). Run this again, or cancel all: $(this --cancel)"
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
    id_of[$key]=''
  done
  cancel_jobs "${ids[@]}"
}

tell_gone() { say "$(counted "${#gone[@]}" job) left the queue before the start; submitting again"; }

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
  tell_gone
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
      say "cancelling $(counted "${#extra[@]}" "duplicate job")"
      cancel_jobs "${extra[@]}"
    fi
    [ "${#gone[@]}" -gt 0 ] || return 0
    tell_gone
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
  stop "the first jobs are still held: scontrol release had no effect. Run this again"
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
  local word name lines
  last_run='' last_was_released=''
  read_journal "$1"
  while read -r word name _; do
    case $word in
      run) last_run=$name last_was_released='' ;;
      releasing) last_was_released=1 ;;
    esac
  done <<<"$lines"
}

# An older plan's run that was never released can never start: it is cleared away. One that still has
# jobs in the queue works on the same files as this one would.
settle_other_plans() {
  local file id of_run queue=''
  local -a alive
  for file in "${all_journals[@]}"; do
    [ "$file" != "$journal" ] || continue
    look_at_last_run "$file"
    [ -n "$last_run" ] || continue
    if [ -z "$queue" ]; then queue=$(read_queue) || exit 1; fi
    alive=()
    while IFS='|' read -r id _ _ _ of_run _; do
      [ "$of_run" != "$last_run" ] || alive+=("$id")
    done <<<"$queue"
    [ "${#alive[@]}" -gt 0 ] || continue
    if [ -n "$last_was_released" ]; then
      stop "an earlier plan still has $(counted "${#alive[@]}" job) in the queue (run $last_run): wait until they end, or cancel them:" \
        "$(this --cancel)"
    fi
    if [ -n "$dry" ]; then
      say "first $(counted "${#alive[@]}" "held job") of an unfinished earlier submission would be cancelled (run $last_run)"
      continue
    fi
    say "cancelling $(counted "${#alive[@]}" "held job") of an unfinished earlier submission (run $last_run)"
    cancel_jobs "${alive[@]}"
    note_cancelled "$file"
  done
}

# What earlier plans have done is taken over, by names, and this plan is the last.
carry_over() { bin/wfr carry "$plan" >&2 || stop "bin/wfr carry $plan failed"; }

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
  print_summary "$1" 2>/dev/null || true
}

print_summary() { # NUMBER OF TASKS
  local total=0 i what=''
  for i in "${!keys[@]}"; do total=$((total + $(jobs_of "$i"))); done
  [ "${1:-0}" = 0 ] || what="$(counted "$1" task) in "
  printf '%s, run %s: %s%s in the queue, by %s of sbatch\n' "$workflow" "$run" "$what" \
    "$(counted "$total" job)" "$(counted "${#keys[@]}" call)"
  for i in "${keys[@]}"; do printf '  %-28s job %s\n' "$i" "${id_of[$i]}"; done
  printf 'next: squeue -u %s\n' "$(id -un)"
  printf '      what is done, what failed: %q verdict %q\n' "$out/bin/wfc" "$out"
  printf '      to submit what is missing then: %s\n' "$(this)"
  printf '      to cancel it all: %s\n' "$(this --cancel)"
}

# Jobs with a tag of this plan's runs that the journal has not got: an sbatch that was killed may be heard late, after
# all is released. They do nothing, but a held one would stay in the queue for ever.
clear_extras() {
  local id of_run word first second queue lines
  local -a extra=()
  local -A known=() mine=()
  read_journal "$journal"
  while read -r word first second _; do
    case $word in
      run) mine[$first]=1 ;;
      id) known[$second]=1 ;;
      lost) known[$second]='' ;;
    esac
  done <<<"$lines"
  queue=$(read_queue) || exit 1
  while IFS='|' read -r id _ _ _ of_run _; do
    if [ -n "$of_run" ] && [ -n "${mine[$of_run]:-}" ] && [ -z "${known[$id]:-}" ]; then extra+=("$id"); fi
  done <<<"$queue"
  [ "${#extra[@]}" -gt 0 ] || return 0
  say "cancelling $(counted "${#extra[@]}" "duplicate job")"
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
  say "continuing run $run, which was interrupted"
  items_of_run "$kind"
  finish_run
  if [ "$kind" = resume ]; then summary "$pending"; else summary ''; fi
}

# Finishes what was interrupted, else submits what is missing or stale.
submit_workflow() {
  settle_other_plans
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
