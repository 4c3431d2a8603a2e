#!/bin/bash
# What is stale has one answer on a real Slurm too: after each change `wfc run -n`, `plan`, `status`, `why` and
# `submit.sh --dry-run` name the same tasks, and out/submit.sh then runs just them.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
if /usr/bin/python3 "$source/tests/e2e/one_answer.py" "$bin" slurm; then
  ok "one answer after every change"
else
  bad "one answer after every change"
fi
