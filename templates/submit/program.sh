#!/bin/bash
# The submission program of wfc: submit.sh, which holds the table of jobs, reads it in and hands over.
# Without -u: bash before 4.4 takes an empty array for an unset variable.
set -o pipefail
if [ "${#names[@]}" = 0 ]; then
  printf '%s\n' "bin/submit does not run by itself: run the submit.sh beside bin/" >&2
  exit 2
fi

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
