# Made by wfc: the job scripts read this in.
# Slurm hands variables of the submitting shell on to a job, and `srun` takes these for options (man srun, INPUT ENVIRONMENT
# VARIABLES): inside `salloc -n2`, an `srun` of a step would run twice. They are removed, but for those that are named.
#   . bin/srun-options [NAME without SLURM_]...
unset "${!SRUN_@}"
for wfc_name in "${!SLURM_@}"; do
  case " $* " in *" ${wfc_name#SLURM_} "*) continue ;; esac
  case ${wfc_name#SLURM_} in
    ACCOUNT | ACCTG_FREQ | ARBITRARY_NODELIST | BCAST* | BURST_BUFFER | COMPRESS | CONSTRAINT | CONTAINER | CORE_SPEC | \
      CPU_BIND* | CPU_FREQ_REQ | CPUS_PER_GPU | DEBUG* | DELAY_BOOT | DEPENDENCY | DISABLE_STATUS | DIST* | EPILOG | EXACT | \
      EXCLUSIVE | EXIT_* | EXPORT_ENV | GPU_* | GPUS | GPUS_PER_* | GRES* | HET_* | HINT | HOSTFILE | IMMEDIATE | \
      KILL_BAD_EXIT | LABELIO | MEM_BIND* | MEM_PER_* | MPI_TYPE | NCORES_PER_SOCKET | NETWORK | NO_KILL | NPROCS | \
      NSOCKETS_PER_NODE | NTASKS* | OPEN_MODE | OVER* | PARTITION | POWER | PROFILE | PROLOG | QOS | REMOTE_CWD | REQ_SWITCH | \
      RESERVATION | RESV_PORTS | SEND_LIBS | SIGNAL | SPREAD_JOB | SRUN_* | STD*MODE | STEP_GRES | TASK_EPILOG | \
      TASK_PROLOG | TEST_EXEC | THREAD* | TIMELIMIT | TRES* | UNBUFFEREDIO | USE_MIN_NODES | WAIT* | WCKEY | WORKING_DIR)
      unset "$wfc_name" ;;
  esac
done
