#!/bin/bash
# Submits workflow `keys` to Slurm: 3 scripts, 3 jobs, plan HASH.
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

readonly plan=HASH workflow=keys
readonly verdict=03-verdict

# ---- the jobs: name, number of array tasks, line of the workflow, what it waits for -----------------
names=() elements=() places=() waits=()
job() {
  names+=("$1") elements+=("$2") places+=("$3")
  shift 3
  waits+=("$*")
}
job 01-heavy 1 workflow.toml:6
job 02-light 1 workflow.toml:36 afterok:01-heavy
job 03-verdict 1 verdict afterany:01-heavy afterany:02-light
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
