#!/bin/bash
# Sourced by the faults on a real Slurm: what tests/slurm/lib.sh has, and ways to break the cluster.
# shellcheck source=../slurm/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../slurm/lib.sh"
work_all=$work # where the cluster is; `work` may change
export PATH=$PATH:/usr/sbin:/sbin

# fault NAME, then what is done, then survived: prints the line that table.py reads.
fault() {
  fault_name=$1 fault_before=$failures
  echo "-- $1"
}
survived() { # [SURVIVED OF]
  local all=${2:-1}
  echo "fault: $fault_name survived ${1:-$((failures == fault_before))} of $all seed 0"
}

# As if nothing had ever been run. Whatever slow.STEP and fail.STEP there were are gone.
fresh() {
  rm -rf "$work/out/state" "$work/out/logs"
  find "$work/data" \( -name 'ran.*' -o -name 'slow.*' -o -name 'fail.*' \) -delete
  find "$work/data" -name '*.txt' ! -name raw.txt -delete
}

# Outputs of tasks under their final names, with what changes when one is made again.
made() {
  find "$work/data" -name '*.txt' ! -path '*/.wfr.*' ! -name raw.txt ! -name notify.txt ! -name good.txt ! -name mourn.txt \
    -printf '%P %i %T@\n' | sort
}
contents() {
  (cd "$work/data" && find . -name '*.txt' ! -name notify.txt ! -name good.txt ! -name mourn.txt -print0 |
    sort -z | xargs -0 sha256sum)
}

# What an undisturbed run makes, on this machine.
make_reference() {
  (cd "$work" && "$bin/wfc" run workflow.toml) >"$work/reference.log" 2>&1 || {
    cat "$work/reference.log"
    bad "the undisturbed run"
  }
  reference=$(contents)
  fresh
}

wait_for() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { bad "waited in vain for: $*"; return 1; }
    sleep 0.2
  done
}
some_made() { [ "$(made | grep -c "/$1.txt ")" -ge "$2" ]; } # STEP HOW-MANY
job_of() { sed -n "s/^id $1 //p" "$work/out/state/$(plan_hash)/journal" | tail -n 1; }

# Notes what is done; its slots are on the disk half a second later.
before_fault() {
  done_before=$(made)
  sleep 0.5
}

# Nothing that was done is made again, all is done, and the results are those of the undisturbed run.
all_is_well() {
  equal "$fault_name: everything is done" "1 0 0 0" "$(counts day)"
  equal "$fault_name: what was done was not run again" "" \
    "$(comm -23 <(printf '%s\n' "$done_before") <(made) | grep . | tr '\n' ' ')"
  equal "$fault_name: the results are the undisturbed run's" "$reference" "$(contents)"
  equal "$fault_name: nothing half-written is left" "" "$(find "$work/data" -name '.wfr.*' ! -name .wfr.claims | head -n 3)"
}

controller_dies() { # [SIGNAL]
  local pid
  pid=$(cat "$work_all/cluster/run/slurmctld.pid")
  kill "-${1:-KILL}" "$pid"
  # A dead one may stay as a zombie.
  while kill -0 "$pid" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null; do sleep 0.05; done
}
controller_starts() {
  slurmctld -f "$SLURM_CONF" </dev/null >>"$work_all/cluster/log/start.log" 2>&1 || bad "slurmctld does not start"
  wait_for 30 sh -c 'timeout 5 scontrol ping | grep -q "is UP"'
}

# A node loses its power: slurmd, the step daemons and every process of its jobs, at once.
node_dies() { # NODE
  local file pid parent pids
  local -a files=(/proc/[0-9]*/environ)
  pids=$(cat "$work_all/cluster/run/slurmd.$1.pid")
  while IFS= read -r file; do
    grep -qzx "SLURM_CONF=$SLURM_CONF" "$file" 2>/dev/null || continue
    pid=${file#/proc/} pid=${pid%/*}
    parent=$(awk '{ sub(/.*\) /, ""); print $2 }' "/proc/$pid/stat" 2>/dev/null)
    if tr '\0' ' ' 2>/dev/null <"/proc/$parent/cmdline" | grep -q '^slurmstepd'; then pids+=" $parent"; fi
    pids+=" $pid"
  done < <(grep -lzx -e "SLURMD_NODENAME=$1" "${files[@]}" 2>/dev/null)
  # shellcheck disable=SC2086 # a list of numbers
  kill -KILL $pids 2>/dev/null
  scontrol update "NodeName=$1" State=DOWN Reason=test
}
node_starts() { # NODE
  "$tests/cluster.sh" slurmd --state "$work_all/cluster" --node "$1" || bad "slurmd $1 does not start"
  # By itself it comes back when slurmd has registered.
  scontrol update "NodeName=$1" State=RESUME 2>/dev/null
}
