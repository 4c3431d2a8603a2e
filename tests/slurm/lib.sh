#!/bin/bash
# Sourced by the tests of this folder: a cluster of its own, a small workflow, and checks.
# Arguments of every test: the build's bin directory, the source directory.
set -uo pipefail
bin=$1 source=$2
tests=$source/tests/slurm
work=$(mktemp -d "${TMPDIR:-/tmp}/wfc-slurm-test.XXXXXX")
failures=0

if [ "$(id -u)" != 0 ] || ! command -v slurmctld >/dev/null 2>&1 && [ ! -x /usr/sbin/slurmctld ]; then
  echo "skipped: needs root and slurmctld"
  exit 77
fi

finish() {
  local status=$?
  "$tests/cluster.sh" down --state "$work/cluster"
  if [ "$status" = 0 ] && [ "$failures" = 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
  [ "$failures" = 0 ] || exit 1
}

# cluster.sh knobs as arguments.
start_cluster() {
  trap finish EXIT
  # Nothing of the caller's Slurm may leak in.
  unset "${!SLURM_@}" "${!SBATCH_@}"
  "$tests/cluster.sh" up --state "$work/cluster" "$@" >/dev/null || exit 1
  export SLURM_CONF=$work/cluster/etc/slurm.conf
  export XDG_CONFIG_HOME=$work/config
}

ok() { echo "ok    $1"; }
bad() {
  echo "FAIL  $1"
  failures=$((failures + 1))
}
equal() { # WHAT WANT GOT
  if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: want '$2', got '$3'"; fi
}
holds() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then ok "$what"; else bad "$what"; fi
}
contains() { # WHAT TEXT PART
  case $2 in *"$3"*) ok "$1" ;; *) bad "$1: no '$3' in: $2" ;; esac
}

# Waits until nothing is left in the queue.
drain() { # SECONDS
  local end=$((SECONDS + $1))
  while [ -n "$(squeue -h)" ]; do
    if [ "$SECONDS" -ge "$end" ]; then
      bad "the queue is not empty after $1 s"
      squeue -r -o '%i %j %T %r' | head -n 40
      scancel -u root
      return 1
    fi
    sleep 0.3
  done
}

# SESSIONS x CHANNELS directories with an input each.
make_data() { # SESSIONS CHANNELS
  local s c
  for ((s = 1; s <= $1; s++)); do
    for ((c = 1; c <= $2; c++)); do mkdir -p "$work/data/session$s/channel$c"; done
    echo "recording $s" >"$work/data/session$s/raw.txt"
  done
}

# The workflow of most tests: split -> filter -> sort -> gather -> day, and finalizers. A task fails where
# its directory has fail.STEP, takes the seconds in slow.STEP, and counts its runs in ran.STEP.
write_workflow() { # [LINES for [site.test]]
  local step="echo x >>ran.STEP; if [ -e slow.STEP ]; then sleep \$(cat slow.STEP); fi; test ! -e fail.STEP"
  {
    printf '[workflow]\nname = "small"\nroot = "data"\nsite = "test"\n'
    printf '[[level]]\nname = "session"\nmatch = "session*"\n'
    printf '[[level]]\nname = "channel"\nmatch = "channel*"\n'
    printf '[defaults]\ntime = "10m"\nmem = "100M"\n'
    one_step split session '' "${step//STEP/split}; cat raw.txt >{outputs}"
    one_step filter channel split "${step//STEP/filter}; cat {needs.split} >{outputs}"
    one_step sort channel filter "${step//STEP/sort}; cat {needs.filter} >{outputs}"
    one_step gather session sort "${step//STEP/gather}; cat {needs.sort} >{outputs}"
    one_step day '' gather "${step//STEP/day}; cat {needs.gather} >{outputs}"
    printf '[[step]]\nname = "notify"\non = "always"\nrun = "date +%%s%%N >>notify.txt"\n'
    printf '[[step]]\nname = "good"\non = "success"\nrun = "date +%%s%%N >>good.txt"\n'
    printf '[[step]]\nname = "mourn"\non = "failure"\nrun = "date +%%s%%N >>mourn.txt"\n'
    printf '[site.test]\n%s\n' "${1:-}"
  } >"$work/workflow.toml"
}

one_step() { # NAME EACH NEEDS RUN
  printf '[[step]]\nname = "%s"\n' "$1"
  [ -z "$2" ] || printf 'each = "%s"\n' "$2"
  [ -z "$3" ] || printf 'needs = ["%s"]\n' "$3"
  [ -n "$3" ] || printf 'inputs = ["raw.txt"]\n'
  printf "run = '''%s'''\noutputs = [\"%s.txt\"]\n" "$4" "$1"
}

compile() { # ARGUMENT...
  (cd "$work" && "$bin/wfc" compile workflow.toml "$@") >"$work/compile.log" 2>&1 || {
    cat "$work/compile.log"
    bad "wfc compile"
    exit 1
  }
}

submit() { # ARGUMENT...
  timeout 60 "$work/out/submit.sh" "$@" >"$work/submit.out" 2>"$work/submit.err"
}

plan_hash() { cat "$work/out/state/last"; }
# "DONE FAILED UPSTREAM NOT_RUN" of a step, from the verdict's table.
counts() { # STEP
  (cd "$work/out" && bin/wfr verdict --plan "$(plan_hash)") 2>/dev/null |
    awk -v step="$1" '$1 == step { print $2, $4, $5, $6 }'
}
# How often the commands of a step were run in all.
runs() { find "$work/data" -name "ran.$1" -exec cat {} + | wc -l; }
lines() { if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi; }
