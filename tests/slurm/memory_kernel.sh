#!/bin/bash
# A job's memory is watched over by the kernel (task/cgroup): what it kills at once, long before anybody polls, is
# recorded as out of memory, and the next pass runs it with more.
# Seen to fail: without OomKills and the limit of 90 % in failure.cpp (`exit` and `signal`, and no second pass); without
# OomKills alone, one time in three (less than 90 % was seen: tried again in place).
# shellcheck source=../faults/real_lib.sh
source "$(dirname "$0")/../faults/real_lib.sh"
probe=/sys/fs/cgroup/memory/wfc-test.$$
if ! mkdir "$probe" 2>/dev/null; then
  echo "skipped: needs a writable memory hierarchy of cgroup v1 below /sys/fs/cgroup"
  exit 77
fi
rmdir "$probe"
start_cluster --nodes 2 --cpus 4 --memory-kill kernel

mkdir -p "$work"/data/c{1..6}
touch "$work/data/c1/in-a-pipe" "$work/data/c2/by-itself" "$work/data/c3/far-too-much" "$work/data/c4/goes-on"
cat >"$work/workflow.toml" <<'TOML'
[workflow]
name = "oom"
root = "data"
[[level]]
name = "c"
match = "c*"
[defaults]
mem = "100M"
time = "10m"
[[step]]
name = "fat"
each = "c"
run = '''
echo x >>ran.fat
if [ -e in-a-pipe ]; then head -c 300M /dev/zero | tail -c 300M >/dev/null; fi
if [ -e by-itself ]; then exec python3 -c 'x = bytearray(300 << 20); open("fat.txt", "w").write("a")'; fi
if [ -e far-too-much ]; then exec python3 -c 'x = bytearray(2000 << 20)'; fi
echo a >fat.txt'''
outputs = ["fat.txt"]
retry = { times = 1, mem = "x5" }
[[step]]
name = "next"
each = "c"
needs = ["fat"]
run = "echo x >>ran.next; cat {needs.fat} >{outputs}"
outputs = ["next.txt"]
[[step]]
name = "sly"
each = "c"
run = "if [ -e goes-on ]; then head -c 300M /dev/zero | tail -c 300M >/dev/null || true; fi; echo x >>ran.sly; echo b >sly.txt"
outputs = ["sly.txt"]
[[step]]
name = "last"
each = "c"
needs = ["sly"]
run = "cp {needs.sly} {outputs}"
outputs = ["last.txt"]
TOML
compile
fault memory-kernel
holds "submitted" submit --no-test
drain 90
equal "the kernel has killed" 4 "$(grep -l 'oom-kill event' "$work"/out/logs/0[0-9]-fat* | wc -l)"
equal "five are done, one is too large for the last pass" "5 1 0 0" "$(counts fat)"
equal "and what needs it is held back" "5 0 1 0" "$(counts next)"
equal "only the three were run twice" 9 "$(runs fat)"
(cd "$work/out" && bin/wfr verdict --plan "$(plan_hash)") >"$work/verdict" 2>&1
holds "it is out of memory" grep -q 'fat:c3: out of memory' "$work/verdict"
equal "so were the two before" 3 "$(cat "$work"/out/logs/0[0-9]-fat.[0-9]* | grep -c 'failed: fat:.*: out of memory')"
# A command that goes on is done, and its job is out of memory for Slurm.
equal "one that has lost a process goes on" "6 0 0 0" "$(counts sly)"
equal "Slurm cancels what waits for its success" "5 0 0 1" "$(counts last)"
rm "$work"/data/c*/far-too-much
holds "--resume" submit --resume --no-test
drain 60
equal "--resume runs that" "6 0 0 0" "$(counts last)"
equal "and what was too large" "6 0 0 0" "$(counts next)"
equal "nothing that is done" 6 "$(runs sly)"
survived
