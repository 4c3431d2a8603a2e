#!/bin/bash
# One channel fails: its siblings are done, what needs it is not run, the rest is; submit.sh, called again, runs just
# what is missing.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 3 4
write_workflow
touch "$work/data/session1/channel2/fail.filter"
compile
holds "submitted" submit
drain 90
equal "filter" "11 1 0 0" "$(counts filter)"
equal "sort: only the channel that failed is blocked" "11 0 1 0" "$(counts sort)"
equal "gather: the other sessions' run" "2 0 1 0" "$(counts gather)"
equal "day" "0 0 1 0" "$(counts day)"
equal "the failure finalizer ran once" 1 "$(lines "$work/data/mourn.txt")"
equal "the other one once" 1 "$(lines "$work/data/notify.txt")"
equal "that of success did not" 0 "$(lines "$work/data/good.txt")"
last_output=$(find "$work/data" -name '*.txt' ! -name notify.txt ! -name mourn.txt -printf '%T@\n' | sort -n | tail -n 1)
mourned=$(stat -c %.9Y "$work/data/mourn.txt")
holds "it ran after everything" test "$(printf '%s\n' "$last_output" "$mourned" | sort -n | tail -n 1)" = "$mourned"

rm "$work/data/session1/channel2/fail.filter"
before=$(runs split)
holds "dry run of what is missing" submit --dry-run
equal "it names the parts" 8 "$(grep -c '^sbatch' "$work/submit.out")"
equal "and submits nothing" "" "$(squeue -h)"
holds "what is missing is submitted" submit
contains "tasks and jobs are counted apart" "$(cat "$work/submit.out")" ": 4 tasks in 8 jobs in the queue, by 8 calls of sbatch"
drain 90
for step in split:3 filter:12 sort:12 gather:3 day:1; do
  equal "${step%:*} is done" "${step#*:} 0 0 0" "$(counts "${step%:*}")"
done
equal "split was not run again" "$before" "$(runs split)"
equal "filter: one more run" 13 "$(runs filter)"
equal "sort: one run each" 12 "$(runs sort)"
equal "gather: one run each" 3 "$(runs gather)"
equal "the finalizer of success" 1 "$(lines "$work/data/good.txt")"
equal "no second mourning" 1 "$(lines "$work/data/mourn.txt")"
holds "nothing to submit" submit
contains "it says so" "$(cat "$work/submit.err")" "everything is up to date (31 tasks)"
holds "--resume is the same" submit --resume
contains "and says the same" "$(cat "$work/submit.err")" "everything is up to date (31 tasks)"
holds "a dry run" submit --dry-run
equal "prints no command" "" "$(cat "$work/submit.out")"
equal "nothing is left" "" "$(squeue -h)"
