#!/bin/bash
# A requeued job of several tasks goes on where it was: its warning comes in the middle of them.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 1 4
write_workflow
printf '[jobs]\nper = "session"\n' >>"$work/workflow.toml"
echo 12 >"$work/data/session1/channel3/slow.filter"
compile
holds "submitted" submit
for _ in {1..300}; do [ -e "$work/data/session1/channel3/ran.filter" ] && break; sleep 0.1; done
array=$(sed -n 's/^id 01-split-to-gather //p' "$work/out/state/$(plan_hash)/journal")
holds "requeued in the middle" scontrol requeue "${array}_0"
drain 90
equal "done" "1 0 0 0" "$(counts day)"
equal "split once" 1 "$(runs split)"
# The last one may have been begun when Slurm's signal had ended the slow one and not yet reached wfr.
contains "the first two filters once, the slow one twice, the last in the end" "1 1 2 1;1 1 2 2" "$(for c in 1 2 3 4; do lines "$work/data/session1/channel$c/ran.filter"; done | xargs)"
# Or a sort, in the same moment.
contains "each sort once, but for one begun then" "4;5" "$(runs sort)"
