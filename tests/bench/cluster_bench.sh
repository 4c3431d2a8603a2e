#!/usr/bin/env bash
# A large workflow on a real Slurm with its default limits, and two layouts of one workflow side by side.
# usage: cluster_bench.sh BUILD_DIR [CHANNELS] [SESSIONS]
# First W(CHANNELS) of scale_bench.py (100,000: 300,101 tasks): calls of sbatch, jobs, time to submit and to finish, and
# whether every task is done and the gathers have all channels. Then 8 channels in each of SESSIONS (6) directories, a
# chain of three steps of a second each: one job a task against one job a session; the ratio of their makespans.
# Needs root and slurmctld, as tests/slurm. Exit status 1 when a task is not done or more than 10 arrays are submitted.
set -euo pipefail
bin=$(cd "$1/bin" && pwd)
channels=${2:-100000} sessions=${3:-6}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap '"$here/../slurm/cluster.sh" down --state "$work/cluster"; rm -rf "$work"' EXIT
unset "${!SLURM_@}" "${!SBATCH_@}"
"$here/../slurm/cluster.sh" up --state "$work/cluster" --cpus 4 >/dev/null
export SLURM_CONF=$work/cluster/etc/slurm.conf XDG_CONFIG_HOME=$work/config

seconds_since() { awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }'; }
wait_for_all() { while [ -n "$(squeue -h)" ]; do sleep 0.5; done; }
done_of() { (cd "$1" && bin/wfr verdict --plan "$(cat state/last)") >"$work/verdict" 2>&1; }

large() {
  local begin submitted
  mkdir "$work/large" && cd "$work/large"
  c++ -O2 -std=c++20 -o "$work/tool" "$here/compile_tool.cpp"
  "$work/tool" make data 10 10 $((channels / 100)) 64
  python3 -c "import sys; sys.path.insert(0, '$here'); import scale_bench; sys.stdout.write(scale_bench.WORKFLOW)" >workflow.toml
  # Packs that take about a minute: with as many jobs as the controller keeps, starting them would be what is measured.
  printf '[jobs]\npack = %s\n' $((channels / 50 > 0 ? channels / 50 : 1)) >>workflow.toml
  "$bin/wfc" compile workflow.toml >compile.log 2>&1
  begin=$(date +%s.%N)
  out/submit.sh >submit.log 2>&1
  submitted=$(seconds_since "$begin")
  wait_for_all
  echo "W($channels): $(grep -c '^job ' out/submit.sh) calls of sbatch, submitted in $submitted s, over after $(seconds_since "$begin") s"
  if ! done_of out; then
    cat "$work/verdict"
    echo "missed: not every task is done"
    return 1
  fi
  tail -n 1 "$work/verdict"
  # A line for each channel's b and c.
  [ "$(cat data/*/*/d.txt | wc -l)" -eq $((channels * 2)) ] || { echo "missed: the gathers are short"; return 1; }
  [ "$(grep -c '^job ' out/submit.sh)" -le 11 ] || { echo "missed: more than 10 arrays and the verdict"; return 1; }
}

layout() { # NAME [JOBS]
  local s c begin
  mkdir "$work/$1" && cd "$work/$1"
  for ((s = 1; s <= sessions; s++)); do
    for ((c = 1; c <= 8; c++)); do mkdir -p "data/session$s/channel$c"; done
  done
  {
    printf '[workflow]\nname = "layout"\nroot = "data"\nsite = "test"\n[site.test]\naccount = "x"\n'
    printf '[[level]]\nname = "session"\nmatch = "session*"\n[[level]]\nname = "channel"\nmatch = "channel*"\n'
    printf '[defaults]\ntime = "2m"\nmem = "100M"\n'
    printf '[[step]]\nname = "a"\neach = "channel"\nrun = "sleep 1; echo >{outputs}"\noutputs = ["a.txt"]\n'
    printf '[[step]]\nname = "b"\neach = "channel"\nneeds = ["a"]\nrun = "sleep 1; echo >{outputs}"\noutputs = ["b.txt"]\n'
    printf '[[step]]\nname = "c"\neach = "channel"\nneeds = ["b"]\nrun = "sleep 1; echo >{outputs}"\noutputs = ["c.txt"]\n'
    printf '%s' "${2:-}"
  } >workflow.toml
  "$bin/wfc" compile workflow.toml >compile.log 2>&1
  begin=$(date +%s.%N)
  out/submit.sh >submit.log 2>&1
  wait_for_all
  seconds_since "$begin"
  done_of out
}

status=0
if [ "$channels" -gt 0 ]; then large || status=1; fi
single=$(layout task)
placed=$(layout session $'[jobs]\nper = "session"\ncpus = 4\nmem = "400M"\n')
awk -v a="$single" -v b="$placed" -v n=$((sessions * 24)) 'BEGIN {
  printf "%d tasks of 1 s on 16 cpus: one job a task %.1f s, one job a session %.1f s, ratio %.2f\n", n, a, b, b / a }'
exit $status
