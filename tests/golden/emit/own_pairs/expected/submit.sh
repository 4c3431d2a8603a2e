#!/bin/bash
# Submits workflow `stack` to Slurm: 9 scripts, 24 jobs, plan HASH.
# Made by wfc. It may be stopped at any moment and run again: every job is submitted exactly once.
#   ./submit.sh             submit everything; run again, it finishes what was interrupted
#   ./submit.sh --dry-run   print every sbatch command; nothing is submitted or written
#   ./submit.sh --resume    after failures: submit what is not done and not in the queue
#   ./submit.sh --cancel    cancel every job of this directory's runs
#   --all-nodes    with --resume: also nodes on which the last tasks have failed
#   --no-test      leave out `sbatch --test-only`       --break-lock   take over another host's lock
# Without -u: bash before 4.4 takes an empty array for an unset variable.
set -o pipefail
readonly plan=HASH workflow=stack
readonly verdict=04-verdict

# ---- the jobs: name, number of array tasks, line of the workflow, what it waits for -----------------
names=() elements=() places=() waits=()
job() {
  names+=("$1") elements+=("$2") places+=("$3")
  shift 3
  waits+=("$*")
}
job 01-mask 9 workflow.toml:19
job 02-register 2 workflow.toml:26 afterany:01-mask
job 02-register.1 2 workflow.toml:26 aftercorr:02-register
job 02-register.2 4 workflow.toml:26 afterany:02-register.1
job 02-register.3 1 workflow.toml:26 afterany:02-register.2
job 03-stack 2 workflow.toml:35 afterany:02-register.3
job 02-register.pass2 1 workflow.toml:26 afterany:02-register.3
job 03-stack.pass2 2 workflow.toml:35 afterany:03-stack afterany:02-register.pass2
job 04-verdict 1 verdict afterany:01-mask afterany:02-register afterany:02-register.1 afterany:02-register.2 afterany:02-register.3 afterany:03-stack afterany:02-register.pass2 afterany:03-stack.pass2
# ------------------------------------------------------------------------------------------------------
