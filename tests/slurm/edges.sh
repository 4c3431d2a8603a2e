#!/bin/bash
# Inputs that are other tasks' outputs by their paths alone, on a real Slurm: every session reads a file of session2, which
# is slow and fails the first time. Each waits for it, none runs without it.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 4 1
{
  printf '[workflow]\nname = "edges"\nroot = "data"\nsite = "test"\n'
  printf '[[level]]\nname = "session"\nmatch = "session*"\n'
  printf '[defaults]\ntime = "10m"\nmem = "100M"\n'
  one_step one session '' 'echo x >>ran.one; sleep 1; test ! -e fail.one; cp {inputs} {outputs}'
  printf '[[step]]\nname = "two"\neach = "session"\ninputs = ["../session2/one.txt"]\n'
  printf 'run = "echo x >>ran.two; cat {inputs} >{outputs}"\noutputs = ["two.txt"]\n[site.test]\n'
} >"$work/workflow.toml"
touch "$work/data/session2/fail.one"
compile
holds "verified" "$bin/wfc" verify "$work/out"
holds "two waits for one" grep -q 'job 02-two 4 .*after[a-z]*:01-one' "$work/out/submit.sh"
holds "submitted" submit
drain 120
equal "one" "3 1 0 0" "$(counts one)"
equal "nobody read what is not made" "0 0 4 0" "$(counts two)"
equal "nothing ran" 0 "$(runs two)"
rm "$work/data/session2/fail.one"
holds "resumed" submit --resume
drain 120
equal "one is done" "4 0 0 0" "$(counts one)"
equal "two is done" "4 0 0 0" "$(counts two)"
equal "each ran once" 4 "$(runs two)"
equal "what session4 was given" "recording 2" "$(cat "$work/data/session4/two.txt")"
