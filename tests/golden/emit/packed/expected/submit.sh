#!/bin/bash
# Submits workflow `packed` to Slurm: 5 scripts, 14 jobs, plan HASH.
# Made by wfc. It may be stopped at any moment and run again: every job is submitted exactly once.
#   ./submit.sh             submit everything; run again, it finishes what was interrupted
#   ./submit.sh --dry-run   print every sbatch command; nothing is submitted or written
#   ./submit.sh --resume    after failures: submit what is not done and not in the queue
#   ./submit.sh --cancel    cancel every job of this directory's runs
#   --all-nodes    with --resume: also nodes on which the last tasks have failed
#   --no-test      leave out `sbatch --test-only`       --break-lock   take over another host's lock
# Without -u: bash before 4.4 takes an empty array for an unset variable.
set -o pipefail
readonly plan=HASH workflow=packed
readonly verdict=05-verdict

# ---- the jobs: name, number of array tasks, line of the workflow, what it waits for -----------------
names=() elements=() places=() waits=()
job() {
  names+=("$1") elements+=("$2") places+=("$3")
  shift 3
  waits+=("$*")
}
job 01-split 2 workflow.toml:14
job 02-filter-to-sort 5 workflow.toml:22 afterany:01-split
job 03-inspect 5 workflow.toml:40 aftercorr-or-afterany:02-filter-to-sort
job 04-gather 1 workflow.toml:51 afterany:02-filter-to-sort
job 05-verdict 1 verdict afterany:01-split afterany:02-filter-to-sort afterany:03-inspect afterany:04-gather
# ------------------------------------------------------------------------------------------------------
