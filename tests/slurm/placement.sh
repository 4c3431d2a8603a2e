#!/bin/bash
# The whole workflow gives the bytes of the run on this machine, however its tasks are put into jobs.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
cp -r "$source/workflows/hippocampus" "$work/local"
rm -rf "$work/local/data" "$work/local/out"
(cd "$work/local" && ./generate.sh --channels 8 --seconds 20 --wfr "$bin/wfr") >"$work/generate.log" 2>&1 ||
  { cat "$work/generate.log"; bad "generate.sh"; exit 1; }
printf '[site.rig]\nmemory = "mem"\n' >>"$work/local/workflow.toml"
for way in per fuse; do cp -r "$work/local" "$work/$way"; done
printf '[jobs]\nper = "array"\nmem = "8G"\n' >>"$work/per/workflow.toml"
printf '[jobs]\npack = 3\nfuse = true\n' >>"$work/fuse/workflow.toml"
(cd "$work/local" && "$bin/wfc" run workflow.toml -j 2 --site local) >"$work/local.log" 2>&1 || { tail -n 20 "$work/local.log"; bad "wfc run"; }
for way in per fuse; do
  (cd "$work/$way" && "$bin/wfc" compile workflow.toml --site rig) >"$work/$way.log" 2>&1 || { cat "$work/$way.log"; bad "wfc compile: $way"; exit 1; }
  holds "$way: submitted" timeout 60 "$work/$way/out/submit.sh"
done
drain 180

# The classical layout: one array of jobs for the arrays, five cpus each.
script=$(echo "$work"/per/out/jobs/*-lowpass-to-*.sbatch)
contains "per: a job has the cpus of its largest task" "$(cat "$script")" "--cpus-per-task=5"
# shellcheck disable=SC2016 # the backquotes stand in the scripts
contains "per: all steps of an array share a job" "$(cat "$script")" '`lowpass`, `spectrum`, `highpass`, `sort`, `consolidate`'
script=$(echo "$work"/fuse/out/jobs/*-highpass-to-sort.sbatch)
# shellcheck disable=SC2016
contains "fuse: three directories a job" "$(cat "$script")" 'one job for every 3 `channel` directories'

# An intermediate step: never with the data, made again for whoever reads it on --resume.
mkdir -p "$work/temp/data"/session{1,2}/channel{1,2,3}
cat >"$work/temp/workflow.toml" <<'TOML'
[workflow]
name = "temp"
root = "data"
site = "test"
[[level]]
name = "session"
match = "session*"
[[level]]
name = "channel"
match = "channel*"
[defaults]
time = "5m"
mem = "100M"
[[step]]
name = "split"
each = "session"
outputs = ["{channel}/raw.txt"]
temp = true
job = "session"
run = "echo x >>ran.split; for file in {outputs}; do echo raw >$file; done"
[[step]]
name = "filter"
each = "channel"
needs = ["split"]
outputs = ["big.txt"]
temp = true
job = "session"
run = "echo x >>ran.filter; cat {needs.split} {needs.split} >{outputs}"
[[step]]
name = "sort"
each = "channel"
needs = ["filter"]
outputs = ["sorted.txt"]
job = "session"
run = "echo x >>ran.sort; test ! -e fail; cat {needs.filter} >{outputs}"
[site.test]
TOML
touch "$work/temp/data/session2/channel3/fail"
temp() { (cd "$work/temp" && "$@") >"$work/temp.log" 2>&1; }
ran() { find "$work/temp/data" -name "ran.$1" -exec cat {} + | wc -l; }
holds "temp: compiled" temp "$bin/wfc" compile workflow.toml
holds "temp: submitted" temp timeout 60 out/submit.sh
drain 60
equal "temp: all but one are done" 5 "$(find "$work/temp/data" -name sorted.txt | wc -l)"
equal "temp: no other file" 0 "$(find "$work/temp/data" -type f ! -name sorted.txt ! -name 'ran.*' ! -name fail ! -name .wfr.claims | wc -l)"
rm "$work/temp/data/session2/channel3/fail"
holds "temp: resumed" temp timeout 60 out/submit.sh --resume
drain 60
equal "temp: all are done" 6 "$(find "$work/temp/data" -name sorted.txt -size 8c | wc -l)"
equal "temp: what was read again was made again, and no more" "3 7 7" "$(ran split) $(ran filter) $(ran sort)"

files() { (cd "$1/data" && find . -type f | LC_ALL=C sort); }
for way in per fuse; do
  equal "$way: every task is done" 0 "$(cd "$work/$way/out" && bin/wfr verdict --plan "$(cat state/last)" >"$work/verdict" && echo 0)"
  equal "$way: the same files" "$(files "$work/local")" "$(files "$work/$way")"
  different=0
  while IFS= read -r file; do
    cmp -s "$work/local/data/$file" "$work/$way/data/$file" || { echo "      differs: $file"; different=1; }
  done < <(files "$work/local")
  equal "$way: byte for byte" 0 "$different"
done
