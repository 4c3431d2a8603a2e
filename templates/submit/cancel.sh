# --cancel: every job in the queue that carries the tag of a run of this directory, of any plan.
cancel_runs() {
  local file word name queue id of_run lines
  local -A ours=() jobs=() hit=()
  for file in "${all_journals[@]}"; do
    read_journal "$file"
    while read -r word name _; do
      case $word in
        run) ours[$name]=1 ;;
        cluster) cluster=$name ;;
      esac
    done <<<"$lines"
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
  for file in "${all_journals[@]}"; do
    look_at_last_run "$file"
    if [ -n "$last_run" ] && [ -n "${hit[$last_run]:-}" ]; then note_cancelled "$file"; fi
  done
  cancel_jobs "${!jobs[@]}"
  say "cancelled $(counted "${#jobs[@]}" job); finished results are kept, and $(this) goes on from there"
}
