#!/bin/bash
# --dry-run changes nothing, --cancel takes every job away, the next call goes on from there.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 2 2
write_workflow
echo 30 >"$work/data/session2/slow.split"
compile
tree() { (cd "$work/out" && find . -printf '%p %s %T@\n' | sort | sha256sum); }
before=$(tree)
holds "--dry-run" submit --dry-run
equal "nine scripts" 9 "$(grep -c '^sbatch' "$work/submit.out")"
equal "the out directory is as before" "$before" "$(tree)"
equal "the queue is empty" "" "$(squeue -h)"
if submit --nonsense; then bad "an unknown option"; else ok "an unknown option is refused"; fi
holds "submitted" submit
for _ in {1..100}; do [ -e "$work/data/session1/split.txt" ] && break; sleep 0.1; done
holds "--cancel" submit --cancel
drain 30
equal "nothing else was run" 0 "$(runs filter)"
contains "it says how to go on" "$(cat "$work/submit.err")" "$work/out/submit.sh goes on from there"
rm "$work/data/session2/slow.split"
holds "called again" submit
drain 60
equal "done" "1 0 0 0" "$(counts day)"
equal "what was finished was kept" 1 "$(lines "$work/data/session1/ran.split")"
holds "--cancel of nothing" submit --cancel

# A lock of a process that is gone is taken over, that of another host is not.
mkdir "$work/out/state/lock"
touch "$work/out/state/lock/$HOSTNAME:999999"
holds "a stale lock" submit
mkdir "$work/out/state/lock"
touch "$work/out/state/lock/elsewhere.example:1"
if submit; then bad "another host's lock holds"; else ok "another host's lock holds"; fi
contains "it names the owner" "$(cat "$work/submit.err")" "elsewhere.example:1"
holds "--break-lock" submit --break-lock
