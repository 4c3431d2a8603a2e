#!/usr/bin/env bash
# The makespan that `wfc plan --simulate` gives a workflow of sleeps, against a real Slurm of four nodes.
# usage: simulate_bench.sh BUILD_DIR [ROUNDS] [SESSIONS] [CHANNELS]
# Prints each round and the median ratio of simulated to real; exit status 1 when it is off by more than 15 %.
# Needs root and slurmctld, as tests/slurm. The cluster runs at a raised priority: what else the machine does is
# not simulated.
set -euo pipefail
bin=$(cd "$1/bin" && pwd)
rounds=${2:-3} sessions=${3:-4} channels=${4:-8}
tests=$(cd "$(dirname "$0")/../slurm" && pwd)
work=$(mktemp -d)
# shellcheck source=../slurm/simulate_lib.sh
source "$tests/simulate_lib.sh"
trap '"$tests/cluster.sh" down --state "$work/cluster"; rm -rf "$work"' EXIT
unset "${!SLURM_@}" "${!SBATCH_@}"
nice -n -15 "$tests/cluster.sh" up --state "$work/cluster" --cpus 4 >/dev/null
export SLURM_CONF=$work/cluster/etc/slurm.conf XDG_CONFIG_HOME=$work/config

for ((round = 1; round <= rounds; round++)); do
  rm -rf "$work/data" "$work/out"
  sleeping_workflow "$sessions" "$channels"
  (cd "$work" && "$bin/wfc" compile workflow.toml) >"$work/compile.log"
  real=$(real_makespan 300)
  simulated=$(simulated_makespan)
  ratio=$(awk -v s="$simulated" -v r="$real" 'BEGIN { printf "%.3f", s / r }')
  echo "round $round: real $real s, simulated $simulated s, ratio $ratio"
  echo "$ratio" >>"$work/ratios"
  while [ -n "$(squeue -h)" ]; do sleep 0.2; done
done
ratio=$(sort -n "$work/ratios" | awk '{ r[NR] = $1 } END { print r[int((NR + 1) / 2)] }')
echo "$((sessions * channels)) channels: median ratio $ratio (bound 0.85 to 1.15)"
awk -v r="$ratio" 'BEGIN { exit r < 0.85 || r > 1.15 }'
