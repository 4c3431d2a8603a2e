#!/bin/bash
# A file of pairs on a real Slurm: each session is registered to its neighbours and to a reference; a
# mask that fails holds back its neighbours alone, and --resume runs just them. Then slices that are merged in
# a tree: tasks of one step that wait for each other, an array a depth; and the same in fewer, longer jobs.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 6 1
{
  echo from,to
  for i in 1 2 3 4 5; do printf 'session%d,session%d\nsession%d,session%d\n' "$i" $((i + 1)) $((i + 1)) "$i"; done
} >"$work/neighbours.csv"
printf 'from,to\nsession2,.\n' >"$work/reference.csv"
# Each session by itself: the array of `own` corresponds to that of `mask`.
{
  echo to,from
  for i in 1 2 3 4 5 6; do echo "session$i,session$i"; done
} >"$work/own.csv"
{
  printf '[workflow]\nname = "register"\nroot = "data"\nsite = "test"\n'
  printf '[[level]]\nname = "session"\nmatch = "session*"\n'
  printf '[defaults]\ntime = "10m"\nmem = "100M"\n'
  one_step mask session '' 'echo x >>ran.mask; test ! -e fail.mask; cp raw.txt {outputs}'
  printf '[[step]]\nname = "own"\neach = "session"\nneeds = [{ step = "mask", pairs = "own.csv" }]\n'
  printf 'run = "cp {needs.mask} {outputs}"\noutputs = ["own.txt"]\n'
  printf '[[step]]\nname = "reference"\nneeds = [{ step = "mask", pairs = "reference.csv" }]\n'
  printf 'run = "cp {needs.mask} {outputs}"\noutputs = ["reference.txt"]\n'
  printf '[[step]]\nname = "register"\neach = "session"\n'
  printf 'needs = [{ step = "mask", pairs = "neighbours.csv" }, "reference"]\n'
  printf 'run = "echo x >>ran.register; cat {needs.mask} {needs.reference} >{outputs}"\n'
  printf 'outputs = ["moved.txt"]\n[site.test]\n'
} >"$work/workflow.toml"
touch "$work/data/session5/fail.mask"
compile
holds "own and mask correspond" grep -q 'job 02-own 6 .*aftercorr:01-mask' "$work/out/submit.sh"
holds "register waits for all of mask, and gates" \
  grep -q 'job 04-register 6 .*after[a-z]*:' "$work/out/submit.sh"
if grep -q 'job 04-register .*aftercorr' "$work/out/submit.sh"; then bad "no aftercorr"; fi
holds "submitted" submit
drain 120
equal "mask" "5 1 0 0" "$(counts mask)"
equal "own" "5 0 1 0" "$(counts own)"
equal "the reference does not need the failed one" "1 0 0 0" "$(counts reference)"
equal "the two neighbours are held back" "4 0 2 0" "$(counts register)"
equal "nothing else ran" 4 "$(runs register)"
equal "what session2 was given" "recording 1 recording 3 recording 2" \
  "$(tr '\n' ' ' <"$work/data/session2/moved.txt" | sed 's/ $//')"
rm "$work/data/session5/fail.mask"
holds "resumed" submit --resume
drain 120
equal "mask is done" "6 0 0 0" "$(counts mask)"
equal "own is done" "6 0 0 0" "$(counts own)"
equal "register is done" "6 0 0 0" "$(counts register)"
equal "each register ran once" 6 "$(runs register)"

# Slices 1 2 -> 3, 4 5 -> 6, 3 6 -> 7 -> 8, and beside them 9 -> 10 -> 11.
outer=$work
work=$outer/tree
mkdir -p "$work"
for i in 01 02 03 04 05 06 07 08 09 10 11; do
  mkdir -p "$work/data/slice$i"
  echo "slice$i" >"$work/data/slice$i/raw.txt"
done
{
  echo from,to
  printf 'slice%s,slice%s\n' 01 03 02 03 04 06 05 06 03 07 06 07 07 08 09 10 10 11
} >"$work/tree.csv"
merge_workflow() { # LINES of the site
  cat <<TOML
[workflow]
name = "merge"
root = "data"
site = "test"
[[level]]
name = "slice"
match = "slice*"
[defaults]
time = "10m"
mem = "100M"
[[step]]
name = "merge"
each = "slice"
pairs = "tree.csv"
inputs = ["raw.txt"]
run = "echo x >>ran.merge; test ! -e fail.merge; cat {inputs} {needs.merge} >{outputs}"
outputs = ["merge.txt"]
[[step]]
name = "all"
needs = ["merge"]
run = "cat {needs.merge} >{outputs}"
outputs = ["all.txt"]
[site.test]
$1
TOML
}
merge_workflow '' >"$work/workflow.toml"
touch "$work/data/slice06/fail.merge"
compile
equal "an array a depth" 4 "$(grep -c '^job 01-merge' "$work/out/submit.sh")"
holds "the depths are submitted" submit
drain 120
equal "a failure holds back what comes after it, nothing else" "8 1 2 0" "$(counts merge)"
equal "so many ran" 9 "$(runs merge)"
rm "$work/data/slice06/fail.merge"
holds "the depths are resumed" submit --resume
drain 120
equal "all merges are done" "11 0 0 0" "$(counts merge)"
equal "only what was missing ran again" 12 "$(runs merge)"
equal "what the last one holds" "slice08 slice07 slice03 slice01 slice02 slice06 slice04 slice05" \
  "$(tr '\n' ' ' <"$work/data/slice08/merge.txt" | sed 's/ $//')"
equal "all is gathered" "1 0 0 0" "$(counts all)"

# Too few calls of sbatch for four depths.
rm -rf "$work/out" "$work"/data/*/merge.txt "$work"/data/all.txt
merge_workflow 'limits = { max_submissions = 4 }' >"$work/workflow.toml"
touch "$work/data/slice06/fail.merge"
compile
contains "fewer, longer jobs" "$(cd "$work" && "$bin/wfc" plan workflow.toml --why)" \
  'connected components of'
holds "the longer jobs are submitted" submit
drain 120
equal "a failure in a job holds back what comes after it there" "8 1 2 0" "$(counts merge)"
rm "$work/data/slice06/fail.merge"
holds "the longer jobs are resumed" submit --resume
drain 120
equal "all merges are done again" "11 0 0 0" "$(counts merge)"
equal "each ran once more, and one twice" 24 "$(runs merge)"
work=$outer
