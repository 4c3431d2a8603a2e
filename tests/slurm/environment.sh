#!/bin/bash
# The caller's environment: SLURM_CONF and SBATCH_ACCOUNT are kept, keys of the workflow are not overridden,
# and a job's variables do not leak into what it submits.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 1 1
write_workflow 'partition = "short"'
compile
export SBATCH_ACCOUNT=lab SBATCH_PARTITION=debug SBATCH_TIMELIMIT=5 SBATCH_ARRAY_INX=0-9
export SLURM_JOB_ID=1 SLURM_CPUS_PER_TASK=7 SLURM_MEM_PER_NODE=1 SLURM_EXPORT_ENV=ALL SLURM_NTASKS=3
holds "submitted" submit
contains "what is kept is said" "$(cat "$work/submit.err")" "SBATCH_ACCOUNT=lab"
if grep -q SBATCH_PARTITION "$work/submit.err"; then bad "the partition is the workflow's"; fi
unset SBATCH_ACCOUNT SBATCH_PARTITION SBATCH_TIMELIMIT SBATCH_ARRAY_INX
unset SLURM_JOB_ID SLURM_CPUS_PER_TASK SLURM_MEM_PER_NODE SLURM_EXPORT_ENV SLURM_NTASKS
job=$(scontrol -o show job | grep -m1 'JobName=01-split')
contains "account" "$job" "Account=lab"
contains "partition" "$job" "Partition=short"
contains "time" "$job" "TimeLimit=00:10:00"
contains "cpus" "$job" "CPUs/Task=1"
drain 60
equal "done" "1 0 0 0" "$(counts day)"

# By hand, from the out directory, with nothing but sbatch.
(cd "$work/out" && sbatch --wait jobs/01-split.sbatch >/dev/null)
equal "a script submitted by hand succeeds" 0 $?
