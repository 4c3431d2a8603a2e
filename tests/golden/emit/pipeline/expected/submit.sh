#!/bin/bash
# Submits workflow `pipeline` to Slurm: 14 scripts, 6010 jobs, plan HASH.
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

readonly plan=HASH workflow=pipeline
readonly verdict=08-verdict

# ---- the jobs: name, number of array tasks, line of the workflow, what it waits for -----------------
names=() elements=() places=() waits=()
job() {
  names+=("$1") elements+=("$2") places+=("$3")
  shift 3
  waits+=("$*")
}
job 01-calibrate 1 workflow.toml:18
job 02-split 2 workflow.toml:23 afterok:01-calibrate
job 03-filter 2000 workflow.toml:30 afterany:02-split
job 03-filter.1 400 workflow.toml:30 afterany:02-split
job 04-sort 2000 workflow.toml:37 aftercorr-or-afterany:03-filter
job 04-sort.1 400 workflow.toml:37 aftercorr-or-afterany:03-filter.1
job 05-inspect 1000 workflow.toml:46 afterany:04-sort
job 05-inspect.1 200 workflow.toml:46 aftercorr-or-afterany:04-sort.1
job 06-gather 2 workflow.toml:54 afterany:04-sort afterany:04-sort.1
job 07-day 1 workflow.toml:61 afterok:06-gather
job 08-verdict 1 verdict afterany:01-calibrate afterany:02-split afterany:03-filter afterany:03-filter.1 afterany:04-sort afterany:04-sort.1 afterany:05-inspect afterany:05-inspect.1 afterany:06-gather afterany:07-day
job 09-mourn 1 workflow.toml:68 afternotok:08-verdict
job 10-snapshot 1 workflow.toml:73 afterok:08-verdict
job 11-notify 1 workflow.toml:78 afterany:08-verdict
# ------------------------------------------------------------------------------------------------------

# bin/submit calls sbatch. It is the same for every workflow, and lies beside this file, also when that is called by a link.
self=${BASH_SOURCE[0]}
real=$(readlink -f -- "$self") || exit 1
# shellcheck source=bin/submit
. "${real%/*}/bin/submit"
