#!/bin/bash
# submit.sh is killed at many points and run again: exactly one job each, none lost, every task run once.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 2 3
write_workflow
compile

# A submit.sh that kills itself before its Nth simple command, and counts them in `reached`.
# shellcheck disable=SC2016 # expanded by that script
killed_at() { # N
  local trap_text='case $BASH_COMMAND in *read*) ;; *) count=$((count + 1)); echo "$count" >'"$work/reached"';
    if [ "$count" -ge '"$1"' ]; then kill -9 $$; fi ;; esac'
  {
    sed '/^main "\$@"$/d' "$work/out/submit.sh"
    printf 'set -o functrace\ncount=0\ntrap %q DEBUG\nmain "$@"\n' "$trap_text"
  } >"$work/out/killed-submit.sh"
  chmod +x "$work/out/killed-submit.sh"
  bash -c 'timeout 60 "$0" --no-test; exit 0' "$work/out/killed-submit.sh" >"$work/submit.out" 2>"$work/submit.err"
}

fresh() {
  rm -rf "$work/out/state" "$work/out/logs"
  find "$work/data" -name 'ran.*' -delete
  find "$work/data" -name '*.txt' ! -name raw.txt -delete
}

one_each() { # exactly one job for every script, and all of them the journal's
  local journal want got run
  journal=$work/out/state/$(plan_hash)/journal
  want=$(awk '$1 == "run" { delete id } $1 == "id" { id[$2] = $3 } END { for (j in id) print id[j] }' "$journal" | sort -n | tr '\n' ' ')
  run=$(awk '$1 == "run" { print $2 }' "$journal" | tail -n 1)
  got=$(squeue -h -t all -o '%F %T %k' | awk -v tag="wfc:$run:" '$2 != "CANCELLED" && index($3, tag) { print $1 }' | sort -nu | tr '\n' ' ')
  equal "one job each, the journal's ($1)" "$want" "$got"
}

fresh
killed_at 1000000
total=$(cat "$work/reached")
drain 60
equal "not killed: done" "1 0 0 0" "$(counts day)"
for ((part = 1; part <= 8; part++)); do
  point=$((total * (2 * part + 1) / 18))
  fresh
  killed_at "$point"
  again=0
  until submit --no-test; do
    again=$((again + 1))
    [ "$again" -lt 3 ] || { cat "$work/submit.err"; bad "killed at $point: does not finish"; break; }
  done
  one_each "killed at $point"
  # The whole run where the journal was half full and where the release had begun.
  if [ "$part" = 4 ] || [ "$part" = 8 ]; then
    drain 60
    equal "killed at $point: done" "1 0 0 0" "$(counts day)"
    equal "killed at $point: each filter once" 6 "$(runs filter)"
    equal "killed at $point: each finalizer once" 1 "$(lines "$work/data/notify.txt")"
  else
    holds "killed at $point: cancelled" submit --cancel
    drain 60
  fi
done

# Killed between sbatch and the note of its id: the job is found by its tag.
fresh
mkdir -p "$work/fake"
cat >"$work/fake/sbatch" <<FAKE
#!/bin/bash
/usr/bin/sbatch "\$@" | tee /dev/null
case " \$* " in *" jobs/03-sort.sbatch "*) kill -9 \$PPID ;; esac
FAKE
chmod +x "$work/fake/sbatch"
(PATH="$work/fake:$PATH" submit --no-test) 2>/dev/null
holds "the id was not noted" sh -c "! grep -q '^id 03-sort' '$work/out/state/'*/journal"
queued=$(squeue -h -o %F | sort -u | wc -l)
equal "three jobs are held or wait" 3 "$queued"
holds "run again" submit --no-test
equal "nine jobs in all" 9 "$(awk '$1 == "id"' "$work/out/state/"*/journal | wc -l)"
one_each "adopted"
drain 60
equal "done" "1 0 0 0" "$(counts day)"
