#!/bin/bash
# Submits workflow `{{{workflow}}}` to Slurm: {{{scripts}}} scripts, {{{elements}}} jobs, plan {{{short_plan}}}.
# Made by wfc. It may be stopped at any moment and run again: every job is submitted exactly once.
#   ./submit.sh             submit everything; run again, it finishes what was interrupted
#   ./submit.sh --dry-run   print every sbatch command; nothing is submitted or written
#   ./submit.sh --resume    after failures: submit what is not done and not in the queue
#   ./submit.sh --cancel    cancel every job of this directory's runs
#   --all-nodes    with --resume: also nodes on which the last tasks have failed
#   --no-test      leave out `sbatch --test-only`       --break-lock   take over another host's lock
# Without -u: bash before 4.4 takes an empty array for an unset variable.
set -o pipefail
readonly plan={{plan}} workflow={{workflow}}
readonly verdict={{verdict}}

# ---- the jobs: name, number of array tasks, line of the workflow, what it waits for -----------------
names=() elements=() places=() waits=()
job() {
  names+=("$1") elements+=("$2") places+=("$3")
  shift 3
  waits+=("$*")
}
{{#jobs}}
job {{name}} {{elements}} {{place}}{{#after}} {{dependency}}{{/after}}
{{/jobs}}
# ------------------------------------------------------------------------------------------------------

{{>submit/environment.sh}}

{{>submit/queue.sh}}

{{>submit/journal.sh}}

{{>submit/lock.sh}}

{{>submit/sbatch.sh}}

{{>submit/check.sh}}

{{>submit/run.sh}}

{{>submit/resume.sh}}

{{>submit/cancel.sh}}

{{>submit/main.sh}}
