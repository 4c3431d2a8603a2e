#!/bin/bash
# Submits workflow `classical` to Slurm: 6 scripts, 12 jobs, plan HASH.
# Made by wfc. It may be stopped at any moment and run again: every job is submitted exactly once.
#   ./submit.sh             bring the results up to date: submit what is missing or stale and not in the queue
#   ./submit.sh --dry-run   print every sbatch command; nothing is submitted or written
#   ./submit.sh --cancel    cancel every job of this directory's runs
#   --json            with --dry-run: print what would run, is blocked or in the queue as JSON, for tools
#   --trust-records   believe the records: do not look for changed inputs and outputs
#   --set-aside       keep what is in the places of outputs and is not this workflow's as NAME.before-wfc
#   --replace         replace it, each file when its successor is complete
#   --all-nodes       also use nodes on which the last tasks have failed
#   --no-test         leave out `sbatch --test-only`
#   --break-lock      take over another host's lock

readonly plan=HASH workflow=classical
readonly verdict=05-verdict

# ---- the jobs: name, number of array tasks, line of the workflow, what it waits for -----------------
names=() elements=() places=() waits=()
job() {
  names+=("$1") elements+=("$2") places+=("$3")
  shift 3
  waits+=("$*")
}
job 01-eye 1 workflow.toml:24
job 02-split 3 workflow.toml:29
job 03-lowpass-to-sort 5 workflow.toml:35 afterany:02-split
job 04-day 1 workflow.toml:60 afterok:01-eye afterany:03-lowpass-to-sort
job 05-verdict 1 verdict afterany:01-eye afterany:02-split afterany:03-lowpass-to-sort afterany:04-day
job 06-notify 1 workflow.toml:66 afterany:05-verdict
# ------------------------------------------------------------------------------------------------------

# bin/submit calls sbatch. It is the same for every workflow, and lies beside this file, also when that is called by a link.
self=${BASH_SOURCE[0]}
real=$(readlink -f -- "$self") || exit 1
# shellcheck source=bin/submit
. "${real%/*}/bin/submit"
