#!/bin/bash
# A step that calls `srun`, submitted from inside an allocation: the options of that allocation are not the step's, the
# cpus are the task's. Seen to fail: `srun echo` ran twice, and `srun --exact` had one cpu.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster --nodes 2
mkdir -p "$work"/data/{a,b}
{
  printf '[workflow]\nname = "small"\nroot = "data"\nsite = "test"\n'
  printf '[[level]]\nname = "s"\nmatch = "*"\n[defaults]\ntime = "10m"\nmem = "100M"\n'
  printf '[[step]]\nname = "echo"\neach = "s"\ncpus = 3\noutputs = ["echo.txt"]\nrun = "srun echo once >{outputs}"\n'
  printf '[[step]]\nname = "cpus"\neach = "s"\ncpus = 3\noutputs = ["cpus.txt"]\n'
  # shellcheck disable=SC2016 # for the step
  printf "run = '''srun --exact bash -c 'scontrol show step \$SLURM_JOB_ID.\$SLURM_STEP_ID' >{outputs}'''\n"
  printf '[[step]]\nname = "ranks"\neach = "s"\ntasks = 2\noutputs = ["ranks.txt"]\nrun = "srun echo rank >{outputs}"\n'
  printf '[site.test]\n'
} >"$work/workflow.toml"
compile
holds "submitted inside salloc" salloc -n2 --mem-per-cpu=50 --hint=nomultithread --distribution=cyclic \
  "$work/out/submit.sh"
drain 90
for step in echo cpus ranks; do
  equal "$step is done" "2 0 0 0" "$(counts "$step")"
  grep -h . "$work"/out/logs/*-"$step".*.log
done
equal "srun runs its command once" "once" "$(cat "$work/data/a/echo.txt")"
contains "with the cpus of the task" "$(cat "$work/data/b/cpus.txt")" "CPUs=3"
equal "and as often as \`tasks\` says" "2" "$(grep -c rank "$work/data/a/ranks.txt")"

# A script by hand, from inside the allocation: nothing but the script stands between.
rm "$work"/data/*/*.txt
# shellcheck disable=SC2016 # for the inner shell
holds "by hand, inside salloc" salloc -n2 --hint=nomultithread \
  bash -c 'cd "$1/out" && sbatch --wait jobs/01-echo.sbatch' - "$work"
equal "once too" "once" "$(cat "$work/data/a/echo.txt")"
