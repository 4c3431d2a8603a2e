#!/bin/bash
# Submits workflow `stack` to Slurm: 8 scripts, 22 jobs, plan HASH.
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

readonly plan=HASH workflow=stack
readonly verdict=04-verdict

# ---- the jobs: name, number of array tasks, line of the workflow, what it waits for -----------------
names=() elements=() places=() waits=()
job() {
  names+=("$1") elements+=("$2") places+=("$3")
  shift 3
  waits+=("$*")
}
job 01-mask 12 workflow.toml:21
job 02-register 2 workflow.toml:29 afterany:01-mask
job 02-register.1 1 workflow.toml:29 afterany:02-register
job 02-register.2 1 workflow.toml:29 aftercorr-or-afterany:02-register.1
job 03-stack 2 workflow.toml:38 afterany:02-register.2
job 02-register.pass2 1 workflow.toml:29 afterany:02-register.2
job 03-stack.pass2 2 workflow.toml:38 afterany:03-stack afterany:02-register.pass2
job 04-verdict 1 verdict afterany:01-mask afterany:02-register afterany:02-register.1 afterany:02-register.2 afterany:03-stack afterany:02-register.pass2 afterany:03-stack.pass2
# ------------------------------------------------------------------------------------------------------

# bin/submit calls sbatch. It is the same for every workflow, and lies beside this file, also when that is called by a link.
self=${BASH_SOURCE[0]}
real=$(readlink -f -- "$self") || exit 1
# shellcheck source=bin/submit
. "${real%/*}/bin/submit"
