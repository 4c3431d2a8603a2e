#!/bin/bash
# `[jobs] split`: a session goes on while a task of another is still running; where there are not enough calls of
# sbatch for that, those go on alone that share no array. Without `split` the first checks fail: no gather begins.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster

# Until the files are there.
wait_for() { # SECONDS FILE...
  local end=$((SECONDS + $1)) file
  shift
  for file; do
    until [ -e "$work/data/$file" ]; do
      [ "$SECONDS" -lt "$end" ] || return 1
      sleep 0.2
    done
  done
}
# The filter of session2/channel1 runs until somebody writes into its pipe.
fresh() { # MAX_SUBMISSIONS
  rm -rf "$work/data" "$work/out"
  make_data 3 2
  mkfifo "$work/data/session2/channel1/slow.filter"
  write_workflow "[site.test.limits]
max_submissions = $1"
  printf '[jobs]\nsplit = "session"\n' >>"$work/workflow.toml"
  compile
}
go_on() { timeout 60 tee "$work/data/session2/channel1/slow.filter" <<<0; }

fresh 17
equal "arrays for each session" 3 "$(grep -c '^job 04-gather' "$work/out/submit.sh")"
holds "a gather waits for its own session" grep -q '^job 04-gather.2 1 .* afterok:03-sort.2$' "$work/out/submit.sh"
holds "submitted" submit
holds "two sessions go on" wait_for 60 session1/gather.txt session3/gather.txt
equal "the other one is not done" 0 "$(lines "$work/data/session2/channel1/filter.txt")"
holds "it may go on" go_on
drain 60
equal "done" "1 0 0 0" "$(counts day)"

fresh 16
contains "less was cut, and said" "$(cat "$work/compile.log")" "up to 2 \`session\` directories share job arrays"
equal "two parts" 2 "$(grep -c '^job 04-gather' "$work/out/submit.sh")"
touch "$work/data/session2/channel2/fail.filter"
holds "submitted" submit
holds "what shares no array goes on" wait_for 60 session1/gather.txt
holds "and what waits for its own directory" wait_for 60 session3/channel{1,2}/sort.txt
equal "what shares one does not" 0 "$(lines "$work/data/session3/gather.txt")"
holds "it may go on" go_on
drain 60
equal "filter" "5 1 0 0" "$(counts filter)"
equal "only the gather after the failure does not run" "2 0 1 0" "$(counts gather)"
rm "$work"/data/session2/channel2/fail.filter "$work"/data/session2/channel1/slow.filter
holds "--resume" submit --resume
drain 60
equal "done after --resume" "1 0 0 0" "$(counts day)"
equal "and nothing else is run again" "7 6 3" "$(runs filter) $(runs sort) $(runs gather)"
