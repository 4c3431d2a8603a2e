#!/usr/bin/env bash
# wfc compile of many channel directories against the floor: the bare walk and writing the same bytes.
# Usage: compile_bench.sh WFC [SESSIONS ARRAYS CHANNELS]   (default: 10 x 100 x 100, three steps)
# Fails when the compile takes more than 0.5 s or 60 MB at the default size.
set -euo pipefail

wfc=$(realpath "$1")
sessions=${2:-10} arrays=${3:-100} channels=${4:-100}
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d "${TMPDIR:-/tmp}/wfc-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

${CXX:-c++} -std=c++20 -O2 -o "$work/tool" "$here/compile_tool.cpp"
"$work/tool" make "$work/data" "$sessions" "$arrays" "$channels"
cat >"$work/workflow.toml" <<TOML
[workflow]
name = "bench"
root = "data"
site = "big"

[site.big.limits]
max_array_size = 4000001
max_job_count = 4000000

[[level]]
name = "session"
match = "session*"
[[level]]
name = "array"
match = "array*"
[[level]]
name = "channel"
match = "channel*"

[[step]]
name = "lowpass"
each = "channel"
run = "lowpass raw.h5 {outputs}"
outputs = ["lowpass.h5"]
[[step]]
name = "highpass"
each = "channel"
where = { session = "*[0-8]" }
run = "highpass raw.h5 {outputs}"
outputs = ["highpass.h5"]
[[step]]
name = "gather"
each = "session"
needs = ["lowpass"]
run = "gather {needs.lowpass.list} {outputs}"
outputs = ["all.h5"]
TOML

# Warm the directory cache and the program, and see how much is written: bin/ and lib/ are copies.
cd "$work"
"$wfc" compile workflow.toml >compile.log
bytes=$(find out -type f -not -path 'out/bin/*' -not -path 'out/lib/*' -printf '%s\n' | awk '{ n += $1 } END { print n }')

best() { sort -n | head -n 1; }
floor=$(for _ in 1 2 3 4 5; do "$work/tool" run "$work/tool" floor data 3 "$bytes" "$work/floor.bin" 2>&1; done | best)
compile=$(for _ in 1 2 3 4 5; do
  rm -rf out/plan out/jobs out/submit.sh
  "$work/tool" run "$wfc" compile workflow.toml 2>&1
done | best)

awk -v floor="$floor" -v compile="$compile" -v bytes="$bytes" -v dirs=$((sessions * arrays * channels)) 'BEGIN {
  split(floor, f, " ")
  split(compile, c, " ")
  printf "%d channels, %d bytes written\n", dirs, bytes
  printf "floor    %8.4f s  %7.1f MB\n", f[1], f[2]
  printf "compile  %8.4f s  %7.1f MB  (%.1f x the floor, %.0f bytes of memory a directory)\n", c[1], c[2], c[1] / f[1], c[2] * 1048576 / dirs
  if (dirs == 100000 && (c[1] > 0.5 || c[2] > 60)) {
    print "too slow or too large: the bounds are 0.5 s and 60 MB"
    exit 1
  }
}'
