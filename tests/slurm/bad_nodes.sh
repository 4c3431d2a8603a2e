#!/bin/bash
# A node that eats tasks: later passes that wait are told to leave it out, and --resume does so by itself, until
# somebody says --all-nodes.
# Seen to fail: with a bad_nodes() that knows none (no job is told, and --resume runs the same tasks on n1 again).
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster --nodes 2 --cpus 4
for s in 1 2 3 4 5 6 7 8; do mkdir -p "$work/data/session$s"; done
{
  printf '[workflow]\nname = "nodes"\nroot = "data"\nsite = "test"\n[defaults]\ntime = "5m"\nmem = "40M"\n'
  printf '[[level]]\nname = "session"\nmatch = "session*"\n'
  printf '[[step]]\nname = "fit"\neach = "session"\noutputs = ["fit.txt"]\n'
  printf 'retry = { times = 1, mem = "x2", on = ["oom"] }\n'
  printf "run = '''echo \$SLURMD_NODENAME >>ran.fit; if [ -e ../broken ] && [ \$SLURMD_NODENAME = n1 ]; then sleep 2; exit 1; fi; "
  printf "sleep 1; touch {outputs}'''\n[site.test]\n"
} >"$work/workflow.toml"
ran_on() { cat "$work"/data/session*/ran.fit | grep -c "^$1\$"; }
# The nodes that a job of this name may not run on, as Slurm has it.
excluded() { # JOB
  scontrol -o show job "$(sed -n "s/^id $1 //p" "$work/out/state/$(plan_hash)/journal" | tail -n 1)" |
    grep -o 'ExcNodeList=[^ ]*' | head -n 1
}

touch "$work/data/broken"
compile
holds "submitted" submit
drain 60
failed=$(ran_on n1)
holds "n1 has eaten three tasks or more" test "$failed" -ge 3
equal "the others are done" "$((8 - failed)) $failed 0 0" "$(counts fit)"
contains "the job that saw it says so" "$(cat "$work"/out/logs/*.log)" "later passes avoid node n1 in 1 job"
equal "the later pass leaves it out" "ExcNodeList=n1" "$(excluded 01-fit.pass2)"
holds "--resume" submit --resume
contains "it says what it leaves out" "$(cat "$work/submit.err")" "nodes left out: n1;"
equal "Slurm was told" "ExcNodeList=n1" "$(excluded 01-fit+0)"
drain 60
equal "everything is done" "8 0 0 0" "$(counts fit)"
equal "n1 was not asked again" "$failed" "$(ran_on n1)"

# Repaired: somebody says so.
rm "$work/data/broken" "$work"/data/session*/fit.txt
rm "$work"/out/state/*/slots/fit.slots
holds "dry run with --all-nodes" submit --resume --all-nodes --dry-run
holds "nothing is left out" sh -c "! grep -q exclude '$work/submit.out'"
holds "dry run without" submit --resume --dry-run
contains "it is still left out" "$(cat "$work/submit.out")" "--exclude=n1"
echo "fault: node-eats-tasks survived $((failures == 0)) of 1 seed 0"
