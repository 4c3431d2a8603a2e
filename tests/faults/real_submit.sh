#!/bin/bash
# Submission on a real Slurm: submit.sh killed before an effect of it or of sbatch (also what sbatch sends), the controller
# away or crashed, all nodes drained, jobs forgotten after two seconds.
# Seen to fail: a crash that loses every job, without give_up_lost in submit.sh (the verdict's own id is among those it waits for).
# Every other kill, and a controller that is away, come without --no-test.
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
submit_until_done() { # OPTION...
  local again
  for again in 1 2 3; do
    submit "$@" && return
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
  how=() words=(--no-test)
  [ $((round % 2)) = 0 ] || how=(--alone) words=()
  fresh
  # Nothing starts before it has been looked at.
  scontrol update PartitionName=debug State=DOWN
  before=$failures
  "$kill_at" "${how[@]}" --sockets "$point" "$work/effects" /bin/bash "$work/out/submit.sh" "${words[@]}" >/dev/null 2>&1
  effect=$(tail -n 1 "$work/effects")
  submit_until_done "${words[@]}"
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
holds "submitted while the controller is away for six seconds" submit
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
PATH=$work/late:$PATH submit_until_done --no-test
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
holds "--resume, while the cause is still there" submit --resume
drain 150
equal "filter has failed again" "5 1 0 0" "$(counts filter)"
equal "its successor was never run" 0 "$(lines "$work/data/session1/channel2/ran.sort")"
equal "nor the day" 0 "$(lines "$work/data/ran.day")"
rm "$work/data/session1/channel2/fail.filter"
before_fault
# Interrupted before its release, and gone on with when all but the held jobs could have been forgotten.
"$kill_at" 60 "$work/effects" /bin/bash "$work/out/submit.sh" --resume --no-test >/dev/null 2>&1
sleep 4
holds "gone on with" submit --resume
drain 150
all_is_well
survived

# While jobs run and others wait for them, sbatch --test-only does not reach the controller: too often for the patience of
# submit.sh, then twice. What waits is cancelled only when all is tested.
fault real-test-only-away
fresh
touch "$work/data/session1/channel1/fail.filter"
echo 30 >"$work/data/session2/channel1/slow.filter"
holds "submitted" submit
wait_for 60 test -e "$work/data/session2/channel1/ran.filter"
one_runs() { [ "$(squeue -h -r -t R,CG -o %i | wc -l)" = 1 ] && [ -e "$work/data/session1/channel1/ran.filter" ]; }
# All else that can end has ended, and Slurm has seen it.
quiet() { one_runs && sleep 2 && one_runs; }
wait_for 60 quiet
rm "$work/data/session1/channel1/fail.filter"
mkdir -p "$work/away"
cat >"$work/away/sbatch" <<END
#!/bin/bash
case " \$* " in *' --test-only '*)
  echo x >>"$work/away/calls"
  if [ "\$(wc -l <"$work/away/calls")" -le "\$(cat "$work/away/last")" ]; then
    echo 'sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)' >&2
    exit 1
  fi ;;
esac
exec $(command -v sbatch) "\$@"
END
printf '#!/bin/bash\nexec %s 0.2\n' "$(command -v sleep)" >"$work/away/sleep"
chmod +x "$work/away/sbatch" "$work/away/sleep"
waiting() { squeue -h -r -t PD -o '%i %r' | sort; }
before=$(waiting)
holds "jobs wait" test "$(wc -l <<<"$before")" -gt 3
echo 99 >"$work/away/last"
if PATH=$work/away:$PATH submit; then bad "it stops"; else ok "it stops"; fi
contains "and says that nothing was cancelled" "$(cat "$work/submit.err")" "nothing was submitted or cancelled"
equal "the queue is as it was" "$before" "$(waiting)"
rm "$work/away/calls"
echo 2 >"$work/away/last"
holds "it is patient" env "PATH=$work/away:$PATH" timeout 60 "$work/out/submit.sh"
equal "what waited has made way" "" "$(comm -12 <(printf '%s\n' "$before") <(waiting))"
rm "$work/data/session2/channel1/slow.filter"
drain 150
done_before=''
all_is_well
equal "each filter ran once, the failed one twice" 7 "$(runs filter)"
survived
