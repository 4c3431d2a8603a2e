#!/bin/bash
# After a failed run: `wfc status` and `wfc why`, with the workflow file and without, show the failure, its class, the node,
# the log and its tail, and the command to go on, which is typed here as it stands there. Stopped tasks are not failed,
# held jobs are said to be held, and memory that nobody asked for has its own words.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
type_it() { # PROPOSAL TEXT-BEFORE ANSWER
  local command
  command=$(sed -n "s/^.*$2//p" <<<"$3" | head -n 1)
  # 1 is an answer of wfc verdict.
  holds "$1: $command" bash -c "cd '$work' && PATH='$bin':\$PATH && $command >'$work/answer' 2>&1; [ \$? -le 1 ]"
  [ -n "$command" ] || bad "no $2"
}
wfc() { (cd "$work" && "$bin/wfc" "$@") 2>&1; }

{
  printf '[workflow]\nname = "small"\nroot = "data"\nsite = "test"\n'
  printf '[[level]]\nname = "s"\nmatch = "*"\n[defaults]\ntime = "10m"\n'
  printf '[[step]]\nname = "one"\neach = "s"\ninputs = ["in.txt"]\noutputs = ["one.txt"]\n'
  printf "run = 'if grep hold in.txt; then sleep 100; fi; grep -v bad {inputs} >{outputs} || { echo no good line >&2; exit 3; }'\n"
  printf '[[step]]\nname = "two"\neach = "s"\nneeds = ["one"]\noutputs = ["two.txt"]\nrun = "cp {needs.one} {outputs}"\n'
  printf '[site.test]\n'
} >"$work/workflow.toml"
mkdir -p "$work"/data/{a,b,c,d}
echo good | tee "$work"/data/{a,b}/in.txt >"$work/data/c/in.txt"
echo bad | tee "$work/data/c/in.txt" >"$work/data/d/in.txt"
compile
type_it Submit 'then run ' "$(cat "$work/compile.log")"
submitted=$(cat "$work/answer")
drain 60
for words in "status workflow.toml" "status" "status out"; do
  # shellcheck disable=SC2086 # words
  answer=$(wfc $words)
  contains "$words: the counts" "$answer" "2/4, 2 failed"
  contains "$words: the group" "$answer" "failed: 2 tasks of \`one\`: exit status 3"
  contains "$words: its tail" "$answer" "| no good line"
  contains "$words: the blocked ones" "$answer" "2 blocked"
  log=$(sed -n 's/^ *log: //p' <<<"$answer" | head -n 1)
  holds "$words: the log is there: $log" test -s "$work/$log"
  contains "$words: the node" "$answer" " on n"
  contains "$words: the queue" "$answer" "in Slurm's queue: nothing"
done
for words in "why workflow.toml one:c" "why out one:c"; do
  # shellcheck disable=SC2086 # words
  answer=$(wfc $words)
  contains "$words: its class" "$answer" "recorded: failed (exit)"
  contains "$words: its job" "$answer" "Slurm job"
  contains "$words: its tail" "$answer" "| no good line"
  contains "$words: its log" "$answer" "log: out/logs/01-one."
done
answer=$(wfc why workflow.toml two:c)
contains "why of what is blocked" "$answer" "waits for one:c"
contains "and that one's reason" "$answer" "| no good line"
answer=$("$work/out/bin/wfr" verdict)
contains "wfr verdict from elsewhere" "$answer" "failed: 2 tasks of \`one\`"
answer=$(cd / && "$work/out/bin/wfr" verdict --plan "$(cat "$work/out/state/last")")
contains "and with --plan" "$answer" "failed: 2 tasks of \`one\`"
type_it Why 'for details: ' "${answer/details: /details: cd /; }"

type_it Verdict 'what is done, what failed: ' "$submitted"

# Held by hand, after a resume that the message has proposed.
echo good >"$work/data/c/in.txt"
echo hold >"$work/data/d/in.txt"
scontrol update nodename="n[1-4]" state=drain reason=test
type_it Submit 'to run what is not done: ' "$(wfc status)"
scontrol hold "$(squeue -h -n small.one -o %F | sort -u | head -n 1)" 2>/dev/null ||
  squeue -h -o %F | sort -u | while read -r id; do scontrol hold "$id"; done
answer=$(wfc status workflow.toml)
contains "held jobs are said to be held" "$answer" "are held (JobHeld"
type_it Release 'to release \(it\|them\): ' "$answer"
equal "nothing is held" "" "$(squeue -h -o %r | grep JobHeld)"
scontrol update nodename="n[1-4]" state=resume
for _ in {1..100}; do [ -e "$work/data/d/one.txt" ] || squeue -h -t R | grep -q . && break; sleep 0.2; done
sleep 2
scancel -u root
drain 60
echo >"$work/data/d/in.txt"
answer=$(wfc status)
contains "tasks that were stopped are stopped" "$answer" "1 stopped"
type_it Cancel 'to cancel it all: ' "$submitted"
