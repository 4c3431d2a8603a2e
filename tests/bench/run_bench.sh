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
mkdir "$work/data"
for ((i = 0; i < tasks; i++)); do printf -v name 'channel%06d' "$i"; echo "$name"; done >"$work/names"
(cd "$work/data" && xargs mkdir <../names && xargs -I{} sh -c 'echo {} >{}/in.txt' <../names)
cat >"$work/workflow.toml" <<'TOML'
[workflow]
name = "bench"
root = "data"
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

cd "$work"
for ((round = 1; round <= rounds; round++)); do
  (cd data && sync && ../loop "$jobs" in.txt floor.txt <../names) >floor.s
  rm -rf out
  (cd data && xargs -I{} rm -f {}/out.txt <../names)
  sync
  /usr/bin/env time -f '%e %M' -o run.s "$build/bin/wfc" run workflow.toml -j "$jobs" >run.txt
  read -r seconds memory <run.s
  echo "round $round: loop $(cat floor.s) s, wfc run $seconds s, $memory kB"
  awk -v a="$seconds" -v b="$(cat floor.s)" 'BEGIN { printf "%.3f\n", a / b }' >>ratios
done
ratio=$(sort -n ratios | awk '{ r[NR] = $1 } END { print r[int((NR + 1) / 2)] }')
echo "$tasks tasks, -j $jobs: median ratio $ratio (bound 1.3)"
awk -v r="$ratio" 'BEGIN { exit r > 1.3 }'
