#!/bin/bash
# shellcheck disable=SC2154  # $work and $bin are of the one who sources it
# Sourced by the test and the bench of `wfc plan --simulate`: a workflow of sleeps, run on a real Slurm of
# four nodes with four cpus each, and the makespan of its simulation.

# Chains element by element, arrays in waves, a step that only backfill lets run beside another one, gathers
# and a finalizer.
sleeping_workflow() { # SESSIONS CHANNELS
  local s c
  for ((s = 1; s <= $1; s++)); do
    for ((c = 1; c <= $2; c++)); do mkdir -p "$work/data/session$s/channel$c"; done
  done
  {
    printf '[workflow]\nname = "sleeps"\nroot = "data"\nsite = "test"\n'
    printf '[[level]]\nname = "session"\nmatch = "session*"\n'
    printf '[[level]]\nname = "channel"\nmatch = "channel*"\n'
    printf '[defaults]\ntime = "2m"\nmem = "100M"\n'
    sleeping_step split session '' 5 2
    sleeping_step filter channel '"split"' 6 1
    sleeping_step sort channel '"filter"' 4 3
    sleeping_step inspect channel '"filter"' 3 1
    sleeping_step gather session '"sort", "inspect"' 3 1
    sleeping_step report '' '"gather"' 2 1
    printf '[[step]]\nname = "cheer"\non = "always"\nrun = "date +%%s.%%N >ended.txt"\n'
    # Without the login shell that --export=NONE costs each job: its time is that of the machine's profile.
    printf '[site.test]\nexport = "ALL"\n'
    printf '[site.test.limits]\nmax_nodes = 4\nmax_cpus = 4\nmax_mem = "16000M"\n'
    printf 'batch_sched_delay = 0\nbf_interval = 1\n'
  } >"$work/workflow.toml"
}

sleeping_step() { # NAME EACH NEEDS SECONDS CPUS
  printf '[[step]]\nname = "%s"\ncpus = %s\n' "$1" "$5"
  [ -z "$2" ] || printf 'each = "%s"\n' "$2"
  [ -z "$3" ] || printf 'needs = [%s]\n' "$3"
  # What becomes of the last one is for the records to say.
  [ "$1" = report ] || printf 'estimate = "%ss"\n' "$4"
  printf "run = 'sleep %s; echo >{outputs}'\noutputs = [\"%s.txt\"]\n" "$4" "$1"
}

# Submits the compiled workflow and waits for the finalizer; prints seconds from the release of the jobs to it.
real_makespan() { # SECONDS, at most
  local begin ended=$work/data/ended.txt end=$((SECONDS + $1))
  rm -f "$ended"
  timeout 60 "$work/out/submit.sh" >"$work/submit.out" 2>"$work/submit.err" || return 1
  begin=$(date +%s.%N)
  until [ -s "$ended" ]; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
  awk -v begin="$begin" -v end="$(cat "$ended")" 'BEGIN { printf "%.2f\n", end - begin }'
}

# By estimates, and by the records of the out directory: how long a task took, not when it ran.
simulated_makespan() {
  (cd "$work" && "$bin/wfc" plan workflow.toml --simulate --json --all) >"$work/plan.json" || return 1
  sed -n 's/.*"makespan_s": \([0-9.]*\).*/\1/p' "$work/plan.json"
}
