#!/bin/bash
# The simulation of `wfc plan` agrees with what a real Slurm then does.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=simulate_lib.sh
source "$tests/simulate_lib.sh"
start_cluster --cpus 4
sleeping_workflow 4 4
compile
equal "nothing has run: the times are those asked for" 7 \
  "$(cd "$work" && "$bin/wfc" plan workflow.toml --json | grep -cE '"from": "(asked|assumed)"')"
holds "nothing is written by it" test ! -e "$work/out/state"
real=$(real_makespan 120) || { bad "the workflow does not end"; cat "$work/submit.err"; exit 1; }
simulated=$(simulated_makespan) || bad "wfc plan"
equal "the times are of records" 6 "$(grep -c '"from": "records"' "$work/plan.json")"
echo "      real $real s, simulated $simulated s"
# What slows a busy machine down is not simulated: it may take longer than that, not less.
holds "not more than 15 % longer than it was" awk "BEGIN { exit !($simulated <= 1.15 * $real) }"
holds "not more than 25 % shorter" awk "BEGIN { exit !($simulated >= 0.75 * $real) }"
drain 30
