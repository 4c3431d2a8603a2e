#!/bin/bash
# A requeued job, running or finished, keeps what is done.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 1 2
write_workflow
echo 5 >"$work/data/session1/channel2/slow.filter"
compile
holds "submitted" submit
for _ in {1..200}; do [ -e "$work/data/session1/channel2/ran.filter" ] && break; sleep 0.1; done
for _ in {1..100}; do [ -e "$work/data/session1/channel1/filter.txt" ] && break; sleep 0.1; done
array=$(sed -n 's/^id 02-filter //p' "$work/out/state/$(plan_hash)/journal")
holds "the running one is requeued" scontrol requeue "${array}_1"
holds "and a finished one" scontrol requeue "${array}_0"
drain 90
equal "done" "1 0 0 0" "$(counts day)"
equal "the finished one was not run again" 1 "$(lines "$work/data/session1/channel1/ran.filter")"
equal "the other one was" 2 "$(lines "$work/data/session1/channel2/ran.filter")"
equal "each sort once" 2 "$(runs sort)"
equal "nothing half-written is left" "" "$(find "$work/data" -name '.wfr*' ! -name .wfr.claims)"
