#!/bin/bash
# A second submission whose first job never starts: the old results are there, and nobody takes them for done. Seen to say
# "every task is done", and to run the finalizer of a success.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 2 1
write_workflow
compile
holds "submitted" submit
drain 60
equal "all is done" "2 0 0 0" "$(counts split)"
equal "a success" "1 0" "$(lines "$work/data/good.txt") $(lines "$work/data/mourn.txt")"
echo changed >>"$work/data/session1/raw.txt"
scontrol update nodename="n[1-4]" state=drain reason=test
holds "submitted again" submit
# Another one, while the job of the first waits for a node: its verdict counts for both.
echo changed >>"$work/data/session2/raw.txt"
holds "and for another session" submit
scancel --name=small.split
scontrol update nodename="n[1-4]" state=resume
drain 60
equal "what was cancelled is not done" "0 0 0 2" "$(counts split)"
equal "nor what comes after it" "0 0 2 0" "$(counts filter)"
equal "a failure" "1 1" "$(lines "$work/data/good.txt") $(lines "$work/data/mourn.txt")"
(cd "$work" && "$bin/wfc" verdict out) >"$work/verdict" 2>&1
equal "wfc verdict" 1 $?
contains "wfc status" "$(cd "$work" && "$bin/wfc" status)" "stale"
holds "and a third time" submit
drain 60
equal "now it is done" "2 0 0 0" "$(counts split)"
equal "a success again" "2 1" "$(lines "$work/data/good.txt") $(lines "$work/data/mourn.txt")"

# A new plan owes its finalizers; where all the rest is blocked they are submitted alone, and once.
sed -i 's/mourn\.txt/&; true/' "$work/workflow.toml"
compile
for session in session1 session2; do mv "$work/data/$session/raw.txt" "$work/$session.away"; done
holds "all is blocked: submitted" submit
contains "all is blocked: it says what" "$(cat "$work/submit.err")" "submitting the verdict and the finalizers alone"
drain 60
equal "all is blocked: a failure" "2 2" "$(lines "$work/data/good.txt") $(lines "$work/data/mourn.txt")"
holds "all is blocked: again" submit
contains "all is blocked: nothing is owed" "$(cat "$work/submit.err")" "nothing to submit: 9 tasks blocked, 0 up to date"
equal "all is blocked: nothing is submitted" "" "$(squeue -h)"
