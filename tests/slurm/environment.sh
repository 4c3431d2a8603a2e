#!/bin/bash
# The caller's environment: SLURM_CONF and SBATCH_ACCOUNT are kept, keys of the workflow are not overridden,
# and a job's variables do not leak into what it submits: inside an allocation it is the same job as outside.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 1 1
write_workflow 'partition = "short"'
compile
export SBATCH_ACCOUNT=lab SBATCH_PARTITION=debug SBATCH_TIMELIMIT=5 SBATCH_ARRAY_INX=0-9
# What squeue would take for its own options.
export SQUEUE_PARTITION=short SQUEUE_STATES=RUNNING
export SLURM_JOB_ID=1 SLURM_CPUS_PER_TASK=7 SLURM_MEM_PER_NODE=1 SLURM_EXPORT_ENV=ALL SLURM_NTASKS=3
holds "submitted" submit
contains "what is kept is said" "$(cat "$work/submit.err")" "SBATCH_ACCOUNT=lab"
contains "and what is ignored" "$(cat "$work/submit.err")" "ignored: SBATCH_ARRAY_INX SBATCH_TIMELIMIT of"
if grep -q SBATCH_PARTITION "$work/submit.err"; then bad "the partition is the workflow's"; fi
unset SQUEUE_PARTITION SQUEUE_STATES SBATCH_ACCOUNT SBATCH_PARTITION SBATCH_TIMELIMIT SBATCH_ARRAY_INX
unset SLURM_JOB_ID SLURM_CPUS_PER_TASK SLURM_MEM_PER_NODE SLURM_EXPORT_ENV SLURM_NTASKS
job=$(scontrol -o show job | grep -m1 'JobName=small.split ')
contains "account" "$job" "Account=lab"
contains "partition" "$job" "Partition=short"
contains "time" "$job" "TimeLimit=00:10:00"
contains "cpus" "$job" "CPUs/Task=1"
drain 60
equal "done" "1 0 0 0" "$(counts day)"

# By hand, from the out directory, with nothing but sbatch.
(cd "$work/out" && sbatch --wait jobs/01-split.sbatch >/dev/null)
equal "a script submitted by hand succeeds" 0 $?

# What srun and sbatch take for options is in the environment of an allocation: a step's srun ran twice in a job that got them.
parent=$work
seen_by_a_job() { # NAME WORD...: the words come before the call of submit.sh
  local name=$1
  shift
  work=$parent/$name
  mkdir -p "$work/data/a"
  cat >"$work/workflow.toml" <<'END'
[workflow]
name = "inside"
root = "data"
[defaults]
time = "10m"
mem = "100M"
[[level]]
name = "s"
match = "*"
[[step]]
name = "one"
each = "s"
outputs = ["seen.txt"]
run = '''
srun echo x >echoed
env | sed -n 's/^\(SLURM_[A-Z0-9_]*\|SRUN_[A-Z_]*\|PMI[A-Z_]*\)=.*/\1/p' | LC_ALL=C sort >{outputs}
'''
[site.test]
END
  compile --site test
  holds "$name: submitted" timeout 60 "$@" "$work/out/submit.sh"
  drain 60
  equal "$name: an srun of one task runs once" 1 "$(lines "$work/data/a/echoed")"
  seen=$(cat "$work/data/a/seen.txt")
  asked=$(scontrol -o show job "$(sed -n 's/^id 01-one //p' "$work/out/state/$(plan_hash)/journal")" |
    grep -oE '(NumNodes|NumCPUs|NumTasks|CPUs/Task|ReqB:S:C:T|TRES|Socks/Node|NtasksPer[^=]*|CoreSpec|Min[A-Za-z]*|Features|OverSubscribe|TresPer[A-Za-z]*|TimeLimit|Partition)=[^ ]*')
}
seen_by_a_job outside
seen_outside=$seen asked_outside=$asked
contains "the job says what it asks for" "$asked" "NumTasks=1"
seen_by_a_job inside salloc -n2 -c2 -m cyclic --hint=nomultithread --mem-per-cpu=50 -t 5
equal "the same variables inside an allocation" "$seen_outside" "$seen"
equal "the same job" "$asked_outside" "$asked"
work=$parent
