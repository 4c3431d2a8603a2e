#!/bin/bash
# Brings a private, real Slurm cluster up on this machine for a test, and takes it down again.
#   cluster.sh up   --state DIR [knobs]   starts it, prints the line to source
#   cluster.sh env  --state DIR           prints it again
#   cluster.sh down --state DIR           ends every process of it and removes DIR
#   cluster.sh slurmd --state DIR --node n1   starts one node's daemon again
#   cluster.sh slurmdbd --state DIR           starts the accounting's again
# Knobs: --nodes 4  --cpus 16  --mem 16000 (MB a node)  --select cpu_mem|cpu (cpu: --mem is refused)
#        --max-array 1001  --max-jobs 10000  --min-job-age 300  --requeue-delay 5 (s, at least 5)  --port N (default: free ones)
#        --accounting no|yes (yes: slurmdbd and a database, see accounting_lib.sh; associations, limits and qos are enforced)
#        --memory-kill poll|kernel (kernel: a cgroup for each job, whose memory the kernel watches over; nodes are not n1.. then)
#        --extra 'Line=of slurm.conf' (may be repeated)  --partition 'line' (replaces the default ones)
# All files are below DIR, ports come from a claimed block: any number of clusters run side by side.
# Needs root and Debian's slurmctld, slurmd and slurm-client; no munge (auth/none), no systemd.
set -euo pipefail

kCgroups=/sys/fs/cgroup
kPortClaims=${TMPDIR:-/tmp}/wfc-slurm-ports
nodes=4 cpus=16 mem=16000 select=cpu_mem max_array=1001 max_jobs=10000 min_job_age=300
requeue_delay=5 port='' state='' extra='' partitions='' node='' accounting=no memory_kill=poll
node_prefix=n
export PATH="$PATH:/usr/sbin:/sbin"
# shellcheck source=accounting_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/accounting_lib.sh"

fail() {
  echo "cluster.sh: $*" >&2
  exit 1
}

parse_arguments() {
  command=${1:-}
  [ $# -gt 0 ] && shift
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 needs a value"
    case $1 in
      --state) state=$2 ;;
      --nodes) nodes=$2 ;;
      --cpus) cpus=$2 ;;
      --mem) mem=$2 ;;
      --select) select=$2 ;;
      --max-array) max_array=$2 ;;
      --max-jobs) max_jobs=$2 ;;
      --min-job-age) min_job_age=$2 ;;
      --requeue-delay) requeue_delay=$2 ;;
      --port) port=$2 ;;
      --node) node=$2 ;;
      --accounting) accounting=$2 ;;
      --memory-kill) memory_kill=$2 ;;
      --extra) extra+=$2$'\n' ;;
      --partition) partitions+="PartitionName=$2"$'\n' ;;
      *) fail "unknown option $1" ;;
    esac
    shift 2
  done
  [ -n "$state" ] || fail "--state DIR is missing"
  case $state in /*) ;; *) state=$PWD/$state ;; esac
}

# Ports base .. base+63: 0 is slurmctld, 1 slurmdbd, 10.. are the slurmd. A claim is a directory that names its owner;
# one whose cluster is gone is taken over.
claim_ports() {
  mkdir -p "$kPortClaims"
  chmod 1777 "$kPortClaims" 2>/dev/null || true
  local seed base owner
  seed=$(cksum <<<"$state")
  seed=$((${seed%% *} % 280))
  for ((i = 0; i < 280; i++)); do
    base=$((12000 + ((seed + i) % 280) * 64))
    owner=$(cat "$kPortClaims/$base/state" 2>/dev/null || true)
    if [ -n "$owner" ] && [ ! -d "$owner" ]; then rm -rf "${kPortClaims:?}/$base"; fi
    mkdir "$kPortClaims/$base" 2>/dev/null || continue
    echo "$state" >"$kPortClaims/$base/state"
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$base") 2>/dev/null; then
      port=$base
      return
    fi
    rm -rf "${kPortClaims:?}/$base"
  done
  fail "no free ports"
}

write_conf() {
  local host names ports
  host=$(hostname -s)
  names=${node_prefix}1 ports=$((port + 10))
  if [ "$nodes" -gt 1 ]; then
    names="${node_prefix}[1-$nodes]" ports="[$((port + 10))-$((port + 9 + nodes))]"
  fi
  local select_lines="SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=100" node_mem=" RealMemory=$mem"
  # As on clusters that declare no memory: a request for it can never be met.
  if [ "$select" = cpu ]; then select_lines="SelectTypeParameters=CR_CPU" node_mem=''; fi
  local accounting_conf=AccountingStorageType=accounting_storage/none
  if [ "$accounting" = yes ]; then accounting_conf=$(accounting_lines); fi
  local kill_lines='TaskPlugin=task/none
JobAcctGatherParams=OverMemoryKill'
  if [ "$memory_kill" = kernel ]; then
    kill_lines=TaskPlugin=task/cgroup
    printf '%s\n' CgroupPlugin=cgroup/v1 "CgroupMountpoint=$kCgroups" ConstrainRAMSpace=yes >"$state/etc/cgroup.conf"
  fi
  : >"$state/etc/plugstack.conf"
  : >"$state/etc/profile"
  cat >"$state/etc/slurm.conf" <<CONF
ClusterName=wfctest
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=$requeue_delay
StateSaveLocation=$state/ctld
SlurmctldPidFile=$state/run/slurmctld.pid
SlurmctldLogFile=$state/log/slurmctld.log
SlurmdPidFile=$state/run/slurmd.%n.pid
SlurmdSpoolDir=$state/spool/%n
SlurmdLogFile=$state/log/slurmd.%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
$kill_lines
SelectType=select/cons_tres
$select_lines
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=1,bf_interval=1,bf_resolution=1,bf_continue,default_queue_depth=1000
PriorityType=priority/basic
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
$accounting_conf
JobCompType=jobcomp/filetxt
JobCompLoc=$state/log/jobcomp.txt
MaxArraySize=$max_array
MaxJobCount=$max_jobs
MinJobAge=$min_job_age
KillWait=2
MessageTimeout=30
SlurmdTimeout=300
BatchStartTimeout=30
JobRequeue=1
PlugStackConfig=$state/etc/plugstack.conf
MailProg=/bin/true
${extra}NodeName=$names NodeHostname=$host NodeAddr=127.0.0.1 Port=$ports CPUs=$cpus$node_mem State=UNKNOWN
${partitions:-PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE DefaultTime=01:00:00 State=UP
PartitionName=short Nodes=ALL MaxTime=10 State=UP
}
CONF
}

wait_until_idle() {
  local ready
  for ((i = 0; i < 600; i++)); do
    ready=$(timeout 5 sinfo -h -N -t idle,mixed,allocated -o %N 2>/dev/null | sort -u | wc -l) || ready=0
    [ "$ready" -ge "$nodes" ] && return
    sleep 0.05
  done
  tail -n 5 "$state"/log/*.log >&2 || true
  fail "the nodes are not idle after 30 s"
}

# Slurm starts a login shell for each job of --export=NONE. What the profile of whoever runs the tests does
# there (locks that a killed cluster leaves behind, seconds of set-up) is nothing to test: in a mount
# namespace of its own, slurmd sees empty ones.
without_profiles() {
  if ! unshare --mount true 2>/dev/null; then
    echo "cluster.sh: no mount namespaces here: jobs read $HOME/.profile and the like" >&2
    "$@"
    return
  fi
  # shellcheck disable=SC2016  # for the inner shell
  unshare --mount bash -c '
    for profile in "$1"/.bash_profile "$1"/.bash_login "$1"/.profile "$1"/.bashrc; do
      if [ -e "$profile" ]; then mount --bind "$2" "$profile"; fi
    done
    shift 2
    exec "$@"' - "$(getent passwd root | cut -d: -f6)" "$state/etc/profile" "$@"
}

start_slurmd() {
  without_profiles slurmd -N "$1" -f "$state/etc/slurm.conf" </dev/null >>"$state/log/start.log" 2>&1 ||
    fail "slurmd $1 does not start: $(tail -n 3 "$state/log/start.log")"
}

up() {
  [ "$(id -u)" = 0 ] || fail "needs root"
  [ -e "$state/env" ] && fail "$state is up already"
  mkdir -p "$state"/{etc,run,log,spool,ctld}
  chmod 755 "$state" "$state"/*
  [ -n "$port" ] || claim_ports
  # The cgroups bear the node's name, so that is one of this cluster alone.
  if [ "$memory_kill" = kernel ]; then node_prefix=k${port}n; fi
  write_conf
  export SLURM_CONF=$state/etc/slurm.conf
  unset "${!SBATCH_@}"
  if [ "$accounting" = yes ]; then start_accounting; fi
  slurmctld -i -f "$SLURM_CONF" </dev/null >"$state/log/start.log" 2>&1 || {
    cat "$state/log/start.log" "$state/log/slurmctld.log" >&2
    fail "slurmctld does not start"
  }
  for ((i = 0; i < 200; i++)); do
    timeout 5 scontrol ping 2>/dev/null | grep -q 'is UP' && break
    sleep 0.05
  done
  for ((n = 1; n <= nodes; n++)); do
    mkdir -p "$state/spool/$node_prefix$n"
    start_slurmd "$node_prefix$n"
  done
  wait_until_idle
  printf 'export SLURM_CONF=%q\n' "$SLURM_CONF" >"$state/env"
  cat "$state/env"
}

# A test's own shell has SLURM_CONF too, but no job id.
of_a_job() {
  local variables
  variables=$({ tr '\0' '\n' <"$1"; } 2>/dev/null) || return 1
  [[ $'\n'$variables == *$'\n'"SLURM_CONF=$state/"* && $'\n'$variables == *$'\n'SLURM_JOB_ID=* ]]
}

# The pids of every process that belongs to this cluster: daemons by their configuration file, step
# daemons by the files they hold open, what a job left behind by its environment, and all descendants.
processes() {
  local proc pid parent line mine=' ' grown=1
  local -A parent_of=()
  for proc in /proc/[0-9]*; do
    pid=${proc#/proc/}
    { read -r line <"$proc/stat"; } 2>/dev/null || continue
    line=${line##*) }
    read -r _ parent _ <<<"$line"
    parent_of[$pid]=$parent
    line=$({ tr '\0' ' ' <"$proc/cmdline"; } 2>/dev/null) || continue
    case $line in
      slurmctld*"$state/"* | slurmd*"$state/"* | */slurmctld*"$state/"* | */slurmd*"$state/"*) mine+="$pid " ;;
      mariadbd*"$state/"* | */mariadbd*"$state/"*) mine+="$pid " ;;
      slurmdbd* | */slurmdbd*) # its command line has no file of ours
        if grep -qzFx "SLURM_CONF=$state/etc/slurm.conf" "$proc/environ" 2>/dev/null; then mine+="$pid "; fi ;;
      slurmstepd* | */slurmstepd*)
        if find "$proc/fd" -lname "$state/*" 2>/dev/null | grep -q .; then mine+="$pid "; fi ;;
      *) if of_a_job "$proc/environ"; then mine+="$pid "; fi ;;
    esac
  done
  while [ "$grown" = 1 ]; do
    grown=0
    for pid in "${!parent_of[@]}"; do
      case $mine in *" $pid "*) continue ;; esac
      case $mine in *" ${parent_of[$pid]} "*) mine+="$pid " grown=1 ;; esac
    done
  done
  echo "$mine"
}

# Everything at once and hard: the state is thrown away, so there is nothing to save. Repeated, since a
# process may be starting another one while it is looked at.
down() {
  local pids claim
  for ((i = 0; i < 50; i++)); do
    pids=$(processes)
    [ -n "${pids// /}" ] || break
    # shellcheck disable=SC2086  # a list of numbers
    kill -KILL $pids 2>/dev/null || true
    sleep 0.02
  done
  for claim in "$kPortClaims"/*/state; do
    if [ -e "$claim" ] && [ "$(cat "$claim")" = "$state" ]; then
      claim=${claim%/state}
      find "$kCgroups" -depth -type d -path "*/slurm_k${claim##*/}n*" -exec rmdir {} + 2>/dev/null || true
      rm -rf "$claim"
    fi
  done
  rm -rf "$state"
}

parse_arguments "$@"
case $command in
  up) up ;;
  env) cat "$state/env" ;;
  down) down ;;
  slurmd) start_slurmd "$node" ;;
  slurmdbd) SLURM_CONF=$state/etc/slurm.conf start_slurmdbd ;;
  *) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
