#!/bin/bash
# A cluster that refuses --mem: memory is asked for by cpus.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster --select cpu
make_data 1 2
write_workflow
compile
if submit; then bad "--mem is refused here"; else ok "--mem is refused here"; fi
contains "the script and its line are named" "$(cat "$work/submit.err")" "jobs/01-split.sbatch (workflow.toml:"
contains "nothing was submitted" "$(cat "$work/submit.err")" "nothing was submitted"
equal "nothing is in the queue" "" "$(squeue -h)"
write_workflow $'memory = "cpus"\nmem_per_cpu = "30M"'
compile
holds "no --mem in the scripts" sh -c "! grep -q -- --mem '$work'/out/jobs/*.sbatch"
holds "its cpus instead" grep -q -- '--cpus-per-task=4' "$work/out/jobs/01-split.sbatch"
holds "submitted" submit
drain 60
equal "done" "1 0 0 0" "$(counts day)"
