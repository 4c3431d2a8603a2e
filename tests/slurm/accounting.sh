#!/bin/bash
# A real slurmdbd: jobs that were killed at once are told by what `sacct` knows when the controller has forgotten them,
# also when it learns of it late; and `wfc site probe` finds the account and the limits, which `wfc compile` then holds.
# Takes 55 s, in waiting: Slurm looks every 30 s for what is over its time, and for its slurmdbd every 10 s.
# Seen to fail: without the question to sacct (all are lost without a word), without asking it again (RUNNING), without
# the only qos of a user (no max_submit_jobs).
# shellcheck source=../faults/real_lib.sh
source "$(dirname "$0")/../faults/real_lib.sh"
for program in mariadbd mariadb-install-db slurmdbd; do
  command -v "$program" >/dev/null && continue
  echo "skipped: needs $program (packages mariadb-server and slurmdbd)"
  exit 77
done
start_cluster --nodes 2 --cpus 4 --min-job-age 2 --accounting yes
trap 'status=$?; kill $frozen 2>/dev/null; (exit "$status"); finish' EXIT
frozen=''
{
  sacctmgr -iQ add account proj Description=x Organization=x
  sacctmgr -iQ add qos limited MaxSubmitJobsPerUser=12
  sacctmgr -iQ add user root Account=proj DefaultAccount=proj QosLevel=limited
  sacctmgr -iQ delete user root where account=root
} >"$work/sacctmgr.log" 2>&1 || cat "$work/sacctmgr.log"

# Each command stays whatever signal asks it to end, but for the one that takes its wfr with it.
one_command() { # STEP NODE COMMANDS
  printf '[[step]]\nname = "%s"\nnodelist = "%s"\n' "$1" "$2"
  printf "run = '''%s'''\n" "trap \"\" TERM; echo \$PPID >wfr.$1; $3 sleep 100 & wait; sleep 100"
}
{
  printf '[workflow]\nname = "lost"\nroot = "data"\n[defaults]\ntime = "10m"\nmem = "100M"\n'
  printf '[[level]]\nname = "c"\nmatch = "c*"\n'
  one_command late n1 ''
  one_command gone n1 ''
  one_command power n2 ''
  one_command killed n1 "kill -KILL \$PPID;"
  printf 'each = "c"\n'
} >"$work/workflow.toml"
mkdir -p "$work"/data/c{1,2}
compile

accounted() { sacct -X -n -P -o JobName,State | grep -qE "^[a-z]+\.$1\|$2"; } # STEP STATE
forgotten() { ! timeout 5 scontrol show job "$1" >/dev/null 2>&1; }
failure_of() { # STEP: class and message, without the job's id
  jq -r --arg task "$1" '.failures[] | select(.task == $task) | "\(.kind): \(.message)"' "$state/verdict.json" |
    sed 's/ its job [0-9_]*/ its job/'
}
# As a process that hangs in the kernel: no signal but SIGKILL reaches it.
freeze() { # PID
  python3 -c 'import ctypes, os, sys
pid, attach, every_child = int(sys.argv[1]), 16, 0x40000000
if ctypes.CDLL(None).ptrace(attach, pid, None, None) != 0: sys.exit("ptrace is not allowed")
while not os.WIFSIGNALED(os.waitpid(pid, every_child)[1]): pass' "$1" &
  frozen=$!
}


# An account, and a limit by the only qos of its user.
probe_and_compile() {
  local file=$work/sites/mine.toml
  (cd "$work" && "$bin/wfc" site probe --name mine) >"$work/probe.log" 2>&1 || bad "probe: $(cat "$work/probe.log")"
  holds "probe: the account" grep -Eq '^account += "proj" +# sacctmgr: your only one' "$file"
  holds "probe: the limit" grep -Eq '^max_submit_jobs += 12 +# MaxSubmitJobsPerUser of qos limited' "$file"
  mkdir -p "$work"/many/c{1..40}
  printf '[workflow]\nname = "many"\nroot = "many"\n[[level]]\nname = "c"\nmatch = "c*"\n[[step]]\nname = "s"\neach = "c"\nrun = "true"\n' \
    >"$work/many.toml"
  (cd "$work" && "$bin/wfc" compile many.toml --site mine -o many.out) >"$work/many.log" 2>&1 || cat "$work/many.log"
  contains "forty tasks and the verdict in no more than twelve jobs" "$(cat "$work/many.log")" "in 11 jobs"
  holds "its script names the account" grep -qx '#SBATCH --account=proj' "$work/many.out/jobs/01-s.sbatch"
  holds "Slurm takes it" timeout 60 "$work/many.out/submit.sh" --no-test
  scancel -u root
  (cd "$work" && "$bin/wfc" compile many.toml -o most.out) >"$work/most.log" 2>&1 || cat "$work/most.log"
  if timeout 60 "$work/most.out/submit.sh" --no-test >"$work/most.log" 2>&1; then bad "Slurm refuses more"; fi
  contains "what a limit that is not known leads to" "$(cat "$work/most.log")" "Job violates accounting/QOS policy"
  scancel -u root
}

# Each job is ended in its own way, and none of them can say so.
end_all() {
  scontrol update "JobId=$(job_of 03-power)" Requeue=0
  node_dies n2
  late="lost with its job on n1 (TIMEOUT)"
  freeze "$(cat "$work/data/wfr.late")"
  sleep 0.5
  # Without ptrace it says itself that its time is over.
  kill -0 "$frozen" || late=''
  scontrol update "JobId=$(job_of 01-late)" "EndTime=now+2"
  scancel "$(job_of 02-gone)"
}
told() {
  contains "$1: killed for its time" "$(failure_of late)" "timeout: $late"
  # Some see their command killed a moment before themselves, and say so: "stopped with the run".
  contains "$1: cancelled" "$(failure_of gone)" "cancelled: "
  equal "$1: its node died" "node: lost with its job on n2 (NODE_FAIL)" "$(failure_of power)"
  equal "$1: wfr was killed" "lost: lost with its job on n1 (FAILED)" "$(failure_of killed:c1)"
  equal "$1: in each element of its array" "lost: lost with its job on n1 (FAILED)" "$(failure_of killed:c2)"
}

probe_and_compile
fault told-by-accounting
holds "submitted" submit --no-test
state=$work/out/state/$(plan_hash)
verdict=$(job_of 05-verdict)
scontrol hold "$verdict"
# slurmdbd knows the jobs, and is gone when they end.
for job in late gone power; do wait_for 20 accounted "$job" RUNNING; done
for file in wfr.late wfr.gone wfr.power c1/wfr.killed c2/wfr.killed; do wait_for 20 test -s "$work/data/$file"; done
# By SIGKILL it would forget what it has not written yet: such jobs run for ever for sacct.
kill -TERM "$(cat "$work/cluster/run/slurmdbd.pid")"
wait_for 20 test ! -e "$work/cluster/run/slurmdbd.pid"
end_all
for job in 01-late 02-gone 03-power 04-killed; do wait_for 60 forgotten "$(job_of "$job")"; done
rm "$work"/out/logs/*
cp -a "$state" "$work/state.kept"
"$tests/cluster.sh" slurmdbd --state "$work/cluster" || bad "slurmdbd does not start"
echo "   at first sacct says: $(sacct -X -n -P -o JobName,State | tail -n 4 | xargs)"
(cd "$work/out" && bin/wfr verdict --plan "$(plan_hash)" --run "$(sed -n 's/^run \([^ ]*\).*/\1/p' "$state/journal")") >"$work/verdict.log" 2>&1
told "at once"
contains "wfc status says it" "$(cd "$work" && "$bin/wfc" status 2>&1)" "NODE_FAIL"

# The same in the verdict's own job.
rm -rf "$state"
mv "$work/state.kept" "$state"
scontrol release "$verdict"
wait_for 40 test -e "$state/verdict.json"
told "in the verdict's job"
survived
