#!/bin/bash
# Which tasks run after a failure does not depend on which jobs they are in; nor does a resume, nor what a
# plan with other jobs takes over.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster

# Every directory and step that was run, and how often.
ran() { (cd "$work/data" && find . -name 'ran.*' -exec wc -l {} + | grep -v ' total$' | awk '{print $2, $1}' | LC_ALL=C sort); }
verdicts() { for step in split filter sort gather day; do echo "$step $(counts "$step")"; done; }
fresh() { # LINES of [jobs]
  rm -rf "$work/data" "$work/out"
  make_data 3 4
  write_workflow
  printf '[jobs]\n%s\n' "$1" >>"$work/workflow.toml"
  touch "$work/data/session1/channel2/fail.filter" "$work/data/session2/channel3/fail.sort"
  compile
}

fresh ''
holds "a job a task: submitted" submit
drain 90
want_ran=$(ran) want_verdicts=$(verdicts)
equal "one of twelve fails" "filter 11 1 0 0" "$(sed -n 2p <<<"$want_verdicts")"
rm "$work"/data/*/*/fail.*
holds "a job a task: --resume" submit --resume
drain 90
want_after=$(ran)

while IFS='|' read -r name lines; do
  fresh "$(printf '%b' "$lines")"
  holds "$name: submitted" submit
  drain 90
  equal "$name: the same tasks run" "$want_ran" "$(ran)"
  equal "$name: the same verdicts" "$want_verdicts" "$(verdicts)"
  equal "$name: the finalizer of failure" 1 "$(lines "$work/data/mourn.txt")"
  rm "$work"/data/*/*/fail.*
  holds "$name: --resume" submit --resume
  drain 90
  equal "$name: just what is missing runs" "$want_after" "$(ran)"
  equal "$name: all is done" "day 1 0 0 0" "$(verdicts | tail -n 1)"
  holds "$name: nothing to submit" submit
  equal "$name: nothing is left" "" "$(squeue -h)"
done <<'END'
per session|per = "session"\ncpus = 2
pack and fuse|pack = 3\nfuse = true
everything in one job|per = "root"\ncpus = 4
END

# The same tasks in other jobs: all is taken over.
sed -i '/^\[jobs\]/,$d' "$work/workflow.toml"
old=$(plan_hash)
compile
holds "another partition: submitted" submit
drain 90
holds "it is another plan" test "$old" != "$(plan_hash)"
equal "nothing is run again" "$want_after" "$(ran)"
equal "and all is done" "day 1 0 0 0" "$(verdicts | tail -n 1)"
