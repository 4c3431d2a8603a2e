#!/bin/bash
# Submission on a real Slurm: submit.sh killed before an effect of it or of sbatch (also what sbatch sends), the controller
# away or crashed, all nodes drained, jobs forgotten after two seconds.
# Seen to fail: a crash that loses every job, without give_up_lost in submit.sh (the verdict's own id is among those it waits for).
# WFC_FAULT_ROUNDS: kill points (default 3). Arguments: bin, source, kill_at.
# shellcheck source=real_lib.sh
source "$(dirname "$0")/real_lib.sh"
kill_at=$3
rounds=${WFC_FAULT_ROUNDS:-3}
start_cluster --min-job-age 2
make_data 2 3
write_workflow
compile
make_reference

one_each() { # exactly one job for every script, and all of them the journal's
  local journal want got run
  journal=$work/out/state/$(plan_hash)/journal
  want=$(awk '$1 == "run" { delete id } $1 == "id" && NF == 3 { id[$2] = $3 } END { for (j in id) print id[j] }' "$journal" | sort -n | tr '\n' ' ')
  run=$(awk '$1 == "run" { print $2 }' "$journal" | tail -n 1)
  got=$(squeue -h -o '%F %k' | awk -v tag="wfc:$run:" 'index($2, tag) { print $1 }' | sort -nu | tr '\n' ' ')
  equal "nine jobs ($1)" 9 "$(wc -w <<<"$want")"
  equal "one job each, the journal's ($1)" "$want" "$got"
}
submit_until_done() {
  local again
  for again in 1 2 3; do
    submit --no-test && return
    [ "$again" -lt 3 ] || { cat "$work/submit.err"; bad "does not finish"; }
  done
}

fault real-killed
fresh
"$kill_at" --sockets 0 "$work/effects" /bin/bash "$work/out/submit.sh" --no-test >/dev/null 2>&1
total=$(wc -l <"$work/effects")
echo "   $total effects"
scancel -u root && drain 30
good=0
for ((round = 0; round < rounds; round++)); do
  point=$((total * (2 * round + 1) / (2 * rounds)))
  how=()
  [ $((round % 2)) = 0 ] || how=(--alone)
  fresh
  # Nothing starts before it has been looked at.
  scontrol update PartitionName=debug State=DOWN
  before=$failures
  "$kill_at" "${how[@]}" --sockets "$point" "$work/effects" /bin/bash "$work/out/submit.sh" --no-test >/dev/null 2>&1
  effect=$(tail -n 1 "$work/effects")
  submit_until_done
  one_each "killed at $effect ${how[*]}"
  scontrol update PartitionName=debug State=UP
  if [ "$round" = $((rounds - 1)) ]; then
    drain 150
    done_before=''
    all_is_well
    equal "each filter ran once" 6 "$(runs filter)"
  else
    holds "cancelled" submit --cancel
    drain 150
  fi
  good=$((good + (failures == before)))
done
survived "$good" "$rounds"

fault real-nodes-drained
fresh
scontrol update 'NodeName=n[1-4]' State=DRAIN Reason=test
holds "submitted while every node is drained" submit
one_each "drained"
scontrol update 'NodeName=n[1-4]' State=RESUME
drain 150
done_before=''
all_is_well
survived

fault real-controller-away
fresh
controller_dies TERM
(sleep 6; controller_starts) &
holds "submitted while the controller is away for six seconds" submit --no-test
wait
drain 150
done_before=''
all_is_well
survived

# A controller that is killed forgets the jobs that it has taken since it last wrote its state, and gives their ids again.
fault real-controller-crash
fresh
mkdir -p "$work/late"
printf '#!/bin/bash\nsleep 0.4\nexec %q "$@"\n' "$(command -v sbatch)" >"$work/late/sbatch"
chmod +x "$work/late/sbatch"
# What it had saved is that of before the submission: every job is lost, and its id given again. Only a controller
# that ends in order has saved that the jobs of the fault before have ended.
controller_dies TERM
cp -a "$work_all/cluster/ctld" "$work/saved"
controller_starts
(
  wait_for 60 sh -c "grep -qs '^id 04' '$work'/out/state/*/journal"
  controller_dies KILL
  rm -rf "$work_all/cluster/ctld"
  cp -a "$work/saved" "$work_all/cluster/ctld"
  sleep 2
  controller_starts
  exit "$failures"
) &
PATH=$work/late:$PATH submit_until_done
wait $! || bad "the controller was not killed"
one_each "after a crash"
drain 150
done_before=''
all_is_well
equal "each filter ran once" 6 "$(runs filter)"
survived

# What has failed is forgotten after two seconds; its successors must not be started by that.
fault real-forgotten
fresh
touch "$work/data/session1/channel2/fail.filter"
holds "submitted" submit --no-test
drain 150
wait_for 60 sh -c '! scontrol show job '"$(job_of 02-filter)"
holds "--resume, while the cause is still there" submit --resume --no-test
drain 150
equal "filter has failed again" "5 1 0 0" "$(counts filter)"
equal "its successor was never run" 0 "$(lines "$work/data/session1/channel2/ran.sort")"
equal "nor the day" 0 "$(lines "$work/data/ran.day")"
rm "$work/data/session1/channel2/fail.filter"
before_fault
# Interrupted before its release, and gone on with when all but the held jobs could have been forgotten.
"$kill_at" 60 "$work/effects" /bin/bash "$work/out/submit.sh" --resume --no-test >/dev/null 2>&1
sleep 4
holds "gone on with" submit --resume --no-test
drain 150
all_is_well
survived
