#!/bin/bash
# An exclusive job shares out all cpus and all memory of its node, `[jobs] cpus` brings the memory for as many tasks, and
# `wfc plan` charges the whole node. Seen to fail: one task at a time.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster --nodes 1 --cpus 4 --mem 4000
mkdir -p "$work"/data/c{1..8}
wfc() { (cd "$work" && "$bin/wfc" "$@") 2>&1; }
write() { # LINES of the step
  {
    printf '[workflow]\nname = "whole"\nroot = "data"\nsite = "test"\n'
    printf '[[level]]\nname = "c"\nmatch = "c*"\n'
    printf '[[step]]\nname = "a"\neach = "c"\npack = 8\ntime = "10m"\noutputs = ["a.txt"]\n%s\n' "$1"
    # How many run at the same time, seen from inside each.
    printf "run = '''mkdir -p %q; touch %q/{c}; sleep 2; ls %q >{outputs}; sleep 0.5; rm %q/{c}'''\n" \
      "$work/now" "$work/now" "$work/now" "$work/now"
    printf '%s\n' "${2:-[site.test]}"
  } >"$work/workflow.toml"
}
most() { wc -l "$work"/data/c*/a.txt | sed '$d' | sort -n | tail -n 1 | awk '{ print $1 }'; }
run_it() {
  rm -rf "$work/out" "$work/now"
  rm -f "$work"/data/*/a.txt
  compile
  holds "submitted" submit
  drain 90
  equal "done" "8 0 0 0" "$(counts a)"
}

write $'exclusive = true\nmem = "500M"'
run_it
equal "all cpus of a node of unknown size" 4 "$(most)"
write $'exclusive = true\nmem = "1500M"'
run_it
equal "as many as its memory takes" 2 "$(most)"
write $'exclusive = true\nmem = "500M"' $'[site.test.limits]\nmax_cpus = 4\nmax_mem = "4000M"'
run_it
equal "all cpus of a node of known size" 4 "$(most)"
holds "memory for as many" grep -qx '#SBATCH --mem=2000M' "$work/out/jobs/01-a.sbatch"
hours=$(wfc plan workflow.toml --all --json | python3 -c '
import json, sys
row = json.load(sys.stdin)["jobs"][0]
print(row["cpus"], round(row["core_hours_asked"] * 3600) // row["time_s"])')
equal "the whole node is charged" "4 4" "$hours"
write $'mem = "500M"' $'[jobs]\ncpus = 3\n[site.test]'
run_it
equal "[jobs] cpus: all of them are used" 3 "$(most)"
holds "with memory for as many" grep -qx '#SBATCH --mem=1500M' "$work/out/jobs/01-a.sbatch"

# Without memory to hand out.
"$tests/cluster.sh" down --state "$work/cluster"
"$tests/cluster.sh" up --state "$work/cluster" --nodes 1 --cpus 4 --select cpu >/dev/null || exit 1
write $'exclusive = true\nmem = "100M"' $'[site.test]\nmemory = "none"'
run_it
equal "all cpus where memory is not counted" 4 "$(most)"
