#!/bin/bash
# Every pair of the options that say how tasks are run, all in the queue of one cluster: the same results as on one machine.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster --nodes 8
if python3 "$source/tests/e2e/option_pairs.py" "$bin" slurm; then
  ok "the pairs of options"
else
  bad "the pairs of options"
  squeue -r -o '%i %j %T %r' | head -n 20
fi
