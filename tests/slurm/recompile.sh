#!/bin/bash
# Recompiling while jobs are queued harms nothing: they go on with the plan they were submitted with.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 2 3
write_workflow
echo 4 >"$work/data/session1/slow.split"
compile
holds "submitted" submit
old=$(plan_hash)
# Another plan in the same out directory, while the first is still at work.
sed -i 's/^time = "10m"/time = "20m"/' "$work/workflow.toml"
sed -i 's/cat {needs.gather} >/sort {needs.gather} >/' "$work/workflow.toml"
compile
new=$(sed -n 's/^readonly plan=\([0-9a-f]*\).*/\1/p' "$work/out/submit.sh")
holds "it is another plan" test "$old" != "$new"
if submit; then bad "the new plan waits for the old one's jobs"; else ok "the new plan waits for the old one's jobs"; fi
contains "it says why" "$(cat "$work/submit.err")" "earlier plan"
drain 90
equal "the old plan is done" "1 0 0 0" "$(counts day)"
equal "every filter ran once" 6 "$(runs filter)"
equal "both plans are there" 2 "$(find "$work/out/plan" -mindepth 1 -maxdepth 1 | wc -l)"
# A slot that is as new as its carrying is carried once more.
sleep 3
holds "now the new plan is submitted" submit
equal "the old plan is gone" "$new" "$(ls -A "$work/out/plan")"
contains "but not what was done under it" "$("$bin/wfc" why "$work/out" filter:session1/channel1)" "recorded: done"
drain 90
equal "it took over what was done" 6 "$(runs filter)"
equal "the changed step ran again" 2 "$(runs day)"
equal "and is done" "1 0 0 0" "$(counts day)"

# A job that was submitted by hand is in no journal, and needs its plan.
by_hand=$(cd "$work/out" && sbatch --parsable --hold jobs/01-split.sbatch)
sed -i 's/^time = "20m"/time = "30m"/' "$work/workflow.toml"
compile
sleep 3
holds "submitted while it waits" submit
equal "the plan of a job by hand stays" 2 "$(find "$work/out/plan" -mindepth 1 -maxdepth 1 | wc -l)"
scontrol release "$by_hand"
drain 60
equal "it finds its plan" "0:0" "$(scontrol show job "$by_hand" | sed -n 's/.*ExitCode=//p' | sort -u)"
sleep 3
holds "once more" submit
equal "then it goes" "$(plan_hash)" "$(ls -A "$work/out/plan")"
