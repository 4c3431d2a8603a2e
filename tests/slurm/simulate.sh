#!/bin/bash
# The simulation of `wfc plan` agrees with what a real Slurm then does.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=simulate_lib.sh
source "$tests/simulate_lib.sh"
start_cluster --cpus 4
sleeping_workflow 4 4
compile
sources() { # FROM
  (cd "$work" && "$bin/wfc" plan workflow.toml --json --all) | grep -c "\"from\": \"$1\""
}
equal "five steps have an estimate" 5 "$(sources estimate)"
equal "the others are taken by the time they ask for" 2 "$(sources asked)"
holds "nothing is written by it" test ! -e "$work/out/state"
real=$(real_makespan 120) || { bad "the workflow does not end"; cat "$work/submit.err"; exit 1; }
simulated=$(simulated_makespan) || bad "wfc plan"
equal "what has run is known by its records" 2 "$(sources records)"
echo "      real $real s, simulated $simulated s"
# What slows a busy machine down is not simulated: it may take longer than that, not less.
holds "not more than 15 % longer than it was" awk "BEGIN { exit !($simulated <= 1.15 * $real) }"
holds "not more than 25 % shorter" awk "BEGIN { exit !($simulated >= 0.75 * $real) }"
drain 30
