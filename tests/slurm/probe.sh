#!/bin/bash
# A cluster describes itself: compiled with that description, a workflow is submitted and done.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster --nodes 2 --cpus 8 --mem 4000 --max-array 101 --max-jobs 500 \
  --extra 'GresTypes=gpu' \
  --partition 'quick Nodes=ALL Default=YES MaxTime=20 State=UP' \
  --partition 'slow Nodes=ALL MaxTime=2-00:00:00 MaxNodes=1 DefMemPerCPU=50 State=UP' \
  --partition 'gone Nodes=ALL State=DOWN'
make_data 1 3

(cd "$work" && "$bin/wfc" site probe --name mine) >"$work/probe.log" 2>&1 || bad "probe: $(cat "$work/probe.log")"
file=$work/sites/mine.toml
holds "the array size" grep -Eq '^max_array_size += 101 ' "$file"
holds "the default partition" grep -q '^\[partitions.quick\]' "$file"
holds "its time" grep -q '^max_time .*"00:20:00"' "$file"
holds "one that is down is left out" grep -q '^# Left out: .gone. is DOWN' "$file"
holds "no accounting" grep -q 'accounting_storage/none' "$file"
if (cd "$work" && "$bin/wfc" site probe --name mine) >"$work/again.log" 2>&1; then
  bad "a file that is there is kept"
else
  contains "a file that is there is kept" "$(cat "$work/again.log")" "exists; use --force to replace it"
fi
cp "$file" "$work/first.toml"
(cd "$work" && "$bin/wfc" site probe --name mine --force) >/dev/null 2>&1
equal "the same again, but for the date" "" "$(diff <(grep -v '^# Date' "$work/first.toml") <(grep -v '^# Date' "$file"))"

# A long step goes to the slow partition, the rest to the default.
write_workflow
sed -i 's/^site = "test"/site = "mine"/; /^\[site.test\]/d' "$work/workflow.toml"
sed -i 's/^name = "sort"/&\ntime = "5h"/' "$work/workflow.toml"
compile
holds "the default" grep -qx '#SBATCH --partition=quick' "$work/out/jobs/02-filter.sbatch"
holds "the slow one" grep -qx '#SBATCH --partition=slow' "$work/out/jobs/03-sort.sbatch"
holds "submitted" submit
drain 60
equal "done" "1 0 0 0" "$(counts day)"
equal "where" "quick slow" "$(sed -n 's/.*Partition=\([a-z]*\) .*/\1/p' "$work"/cluster/log/jobcomp.txt | sort -u | xargs)"

# What no partition takes is said before anything is written.
sed -i 's/^time = "5h"/time = "3d"/' "$work/workflow.toml"
if (cd "$work" && "$bin/wfc" compile workflow.toml -o none) >"$work/none.log" 2>&1; then bad "three days are too long"; fi
contains "three days are too long" "$(cat "$work/none.log")" "error[WFC4020]"
contains "with the reason" "$(cat "$work/none.log")" "ends every job after 48 h"
holds "nothing is written" test ! -e "$work/none"

# Without a controller, and without Slurm.
kill -STOP "$(cat "$work/cluster/run/slurmctld.pid")"
begun=$SECONDS
(cd "$work" && "$bin/wfc" site probe --name other) >"$work/down.log" 2>&1 && bad "no answer is an error"
kill -CONT "$(cat "$work/cluster/run/slurmctld.pid")"
contains "no answer is an error" "$(cat "$work/down.log")" "slurmctld does not answer"
holds "after ten seconds" test $((SECONDS - begun)) -le 20
PATH=$work/nothing "$bin/wfc" site probe --name other >"$work/absent.log" 2>&1 && bad "no scontrol is an error"
contains "no scontrol is an error" "$(cat "$work/absent.log")" "here: run this where jobs are submitted"
holds "nothing is written" test ! -e "$work/sites/other.toml"
