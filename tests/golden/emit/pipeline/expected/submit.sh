#!/bin/bash
# Submits workflow `pipeline` to Slurm: 14 scripts, 6010 jobs, plan HASH.
# Made by wfc. You may stop it at any moment and run it again: every job is submitted exactly once.
#   ./submit.sh             submit all tasks whose results are missing or stale, unless a job in the queue will run them
#   ./submit.sh --dry-run   print every sbatch command; nothing is submitted or written
#   ./submit.sh --cancel    cancel all jobs that were submitted from this directory
#   --json            with --dry-run: print the tasks that would run, are blocked or are in the queue as JSON, for tools
#   --trust-records   trust the records: do not check inputs and outputs for changes
#   --set-aside       rename files of others that are in the places of outputs to NAME.before-wfc
#   --replace         replace such files, each one when the new result is complete
#   --all-nodes       also use the nodes on which the last tasks have failed
#   --no-test         do not check the scripts with `sbatch --test-only` first
#   --break-lock      take over the lock of a submit.sh that ran on another host and has ended

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
# What is executed or read as a plan must be as it was compiled. To cancel, or for help, the programs are enough.
checked=
case " $* " in *" --cancel "* | *" --help "*) checked='  \(submit\.sh\|bin/.*\)$' ;; esac
(cd -- "${real%/*}" && grep -e "$checked" -- "plan/$plan/manifest.sha256" | sha256sum --check --quiet --strict) >&2 || {
  printf '%s\n' "submit.sh: files were changed after \`wfc compile\` (above): make changes in the workflow, and compile it again" >&2
  exit 1
}
# shellcheck source=bin/submit
. "${real%/*}/bin/submit"
