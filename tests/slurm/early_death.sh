#!/bin/bash
# Jobs that die before wfr starts, because the directory of their logs is gone: `wfc status` and `wfc why` say what Slurm
# knows of the journal's ids, and when it has forgotten them, that no task has started. Seen to fail: "in Slurm's queue:
# nothing", and "has not been run yet".
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster --nodes 2 --min-job-age 20
type_it() { # PROPOSAL TEXT-BEFORE ANSWER
  local command
  command=$(sed -n "s/^.*$2//p" <<<"$3" | head -n 1)
  [ -n "$command" ] || bad "no $2"
  holds "$1: $command" bash -c "cd '$work' && PATH='$bin':\$PATH && $command"
}
wfc() { (cd "$work" && "$bin/wfc" "$@") 2>&1; }
{
  printf '[workflow]\nname = "small"\nroot = "data"\nsite = "test"\n'
  printf '[[level]]\nname = "s"\nmatch = "*"\n[defaults]\ntime = "10m"\nmem = "100M"\n'
  printf '[[step]]\nname = "one"\neach = "s"\noutputs = ["one.txt"]\nrun = "echo 1 >{outputs}"\n'
  printf '[[step]]\nname = "all"\nneeds = ["one"]\noutputs = ["all.txt"]\nrun = "cat {needs.one} >{outputs}"\n'
  printf '[site.test]\n'
} >"$work/workflow.toml"
mkdir -p "$work"/data/{a,b,c}
compile
scontrol update nodename="n[1-2]" state=drain reason=test
holds "submitted" submit
answer=$(wfc status)
contains "what waits is counted, tasks and jobs apart" "$answer" "array tasks of job"
# A file in its place cannot be made a directory by newer versions either.
rm -rf "$work/out/logs"
touch "$work/out/logs"
scontrol update nodename="n[1-2]" state=resume
drain 60
for words in "status workflow.toml" "status" "why workflow.toml one:b" "why out one:b"; do
  # shellcheck disable=SC2086 # words
  answer=$(wfc $words)
  contains "$words: they died" "$answer" "3 array tasks of job"
  contains "$words: before they began" "$answer" "(01-one) failed before they started a task: FAILED, ExitCode 0:53"
  contains "$words: why" "$answer" "could not open its log file"
done
for _ in {1..120}; do scontrol show job 2>&1 | grep "JobName=[a-z]*\.one" >/dev/null || break; sleep 1; done
answer=$(wfc status)
contains "forgotten ones are told too" "$answer" "(01-one) any more, and no task has started in it"
rm "$work/out/logs"
type_it Submit 'to run what is not done: ' "$answer"
drain 60
contains "and then it is done" "$(wfc status)" "3/3"
equal "nothing more is said of dead jobs" "" "$(wfc status | grep -E 'failed before|any more')"

