#!/usr/bin/env bash
# External commands under `wfc run` against a bare posix_spawn loop of the same commands at the same -j.
# usage: run_bench.sh BUILD_DIR [TASKS] [JOBS] [ROUNDS]
# Prints each round, the median ratio and the memory of `wfc run`; exit status 1 when the ratio is above 1.3.
set -euo pipefail
build=$(cd "$1" && pwd)
tasks=${2:-5000}
jobs=${3:-2}
rounds=${4:-5}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

c++ -O2 -std=c++20 -o "$work/loop" "$here/run_bench_spawn.cpp"
for ((i = 0; i < tasks; i++)); do printf 'channel%06d\n' "$i"; done >"$work/names"
# Fresh directories for every run, and nothing deleted before the end: ext4 is slow to make files
# for a minute after many were removed, which would be charged to whoever runs next.
fresh() {
  mkdir "$work/$1" && cd "$work/$1"
  xargs mkdir <"$work/names"
  while IFS= read -r name; do echo "$name" >"$name/in.txt"; done <"$work/names"
}
cat >"$work/workflow.toml" <<'TOML'
[workflow]
name = "bench"
root = "run"
[[level]]
name = "channel"
match = "channel*"
[[step]]
name = "copy"
each = "channel"
inputs = ["in.txt"]
outputs = ["out.txt"]
argv = ["cp", "{inputs}", "{outputs}"]
TOML

for ((round = 1; round <= rounds; round++)); do
  fresh "loop$round"
  sync
  "$work/loop" "$jobs" in.txt out.txt <"$work/names" >"$work/floor.s"
  fresh "run$round"
  cd "$work"
  sed "s/^root = .*/root = \"run$round\"/" workflow.toml >"run$round.toml"
  sync
  /usr/bin/env time -f '%e %M' -o run.s "$build/bin/wfc" run "run$round.toml" -j "$jobs" --out "out$round" >run.txt
  read -r seconds memory <run.s
  echo "round $round: loop $(cat floor.s) s, wfc run $seconds s, $memory kB"
  awk -v a="$seconds" -v b="$(cat floor.s)" 'BEGIN { printf "%.3f\n", a / b }' >>ratios
done
cd "$work"
ratio=$(sort -n ratios | awk '{ r[NR] = $1 } END { print r[int((NR + 1) / 2)] }')
echo "$tasks tasks, -j $jobs: median ratio $ratio (bound 1.3)"
awk -v r="$ratio" 'BEGIN { exit r > 1.3 }'
