#!/bin/bash
# `wfc run` beside live jobs of the same out directory, in both orders: every task is run once, and none fails.
# Seen to fail: without live_tasks() and without claims, tasks run twice.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
mkdir -p "$work"/data/{a,b,c}
for s in a b c; do echo $s >"$work/data/$s/in.txt"; done
cat >"$work/workflow.toml" <<'END'
[workflow]
name = "beside"
root = "data"
[defaults]
time = "10m"
mem = "100M"
[[level]]
name = "s"
match = "*"
[[step]]
name = "one"
each = "s"
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "echo x >>ran.one; while [ -e ../../wait ]; do sleep 0.1; done; cp {inputs} {outputs}"
[[step]]
name = "two"
each = "s"
needs = ["one"]
outputs = ["two.txt"]
run = "echo x >>ran.two; cp {needs.one} {outputs}"
[site.test]
END
run() { (cd "$work" && timeout 120 "$bin/wfc" run workflow.toml "$@") >"$work/run.log" 2>&1; }
state() { (cd "$work" && "$bin/wfc" status workflow.toml) 2>&1; }

# Jobs first.
touch "$work/wait"
compile --site test
holds "submitted" submit
for _ in {1..100}; do [ "$(runs one)" = 3 ] && break; sleep 0.1; done
equal "the jobs are at work" 3 "$(runs one)"
if run; then bad "the run has nothing to do"; else ok "the run is not complete"; fi
contains "it says why" "$(cat "$work/run.log")" "6 tasks are left to Slurm jobs in the queue"
equal "it has run nothing" "3 0" "$(runs one) $(runs two)"
contains "and so does a dry run" "$(cd "$work" && "$bin/wfc" run workflow.toml -n 2>&1)" "0 tasks would run"
rm "$work/wait"
drain 60
equal "each task once" "3 3" "$(runs one) $(runs two)"
holds "now the run finds all done" run
equal "still once" "3 3" "$(runs one) $(runs two)"

# The run first.
rm -rf "$work/out" "$work"/data/*/{one,two}.txt "$work"/data/*/ran.*
touch "$work/wait"
run -j1 &
here=$!
for _ in {1..100}; do [ "$(runs one)" = 1 ] && break; sleep 0.1; done
compile --site test
holds "submitted beside it" submit
for _ in {1..100}; do [ "$(runs one)" = 3 ] && break; sleep 0.1; done
equal "the other two are the jobs'" 3 "$(runs one)"
rm "$work/wait"
holds "the run ends well" wait $here
drain 60
equal "each task once again" "3 3" "$(runs one) $(runs two)"
equal "one" "3 0 0 0" "$(counts one)"
equal "two" "3 0 0 0" "$(counts two)"
contains "status says the same" "$(state)" "3/3"
holds "nothing is to submit" submit
contains "and it says so" "$(cat "$work/submit.err")" "everything is up to date (6 tasks)"
