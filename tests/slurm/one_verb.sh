#!/bin/bash
# submit.sh is the one verb: after a complete run, what is missing or stale, and only that, is submitted; the same tasks are
# named by `wfc run -n`, and counted as stale by `wfc status`.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
mkdir -p "$work"/data/{a,b,c}
for s in a b c; do echo $s >"$work/data/$s/in.txt"; done
write() { # LINES for [jobs]
  cat >"$work/workflow.toml" <<END
[workflow]
name = "verb"
root = "data"
[defaults]
time = "10m"
mem = "100M"
$1
[[level]]
name = "s"
match = "*"
[[step]]
name = "one"
each = "s"
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "echo x >>ran.one; grep -v bad {inputs} >{outputs}"
[[step]]
name = "two"
each = "s"
needs = ["one"]
outputs = ["two.txt"]
run = "echo x >>ran.two; cp {needs.one} {outputs}"
[site.test]
END
}
ran() { # the tasks that have run since the last call
  local file text=''
  for file in "$work"/data/*/ran.*; do
    [ -e "$file" ] || continue
    text+="${file##*.}:$(basename "$(dirname "$file")")x$(wc -l <"$file") "
    rm "$file"
  done
  printf '%s' "${text% }"
}
would() { (cd "$work" && "$bin/wfc" run workflow.toml -n) 2>&1 | tail -n 1; }
status() { (cd "$work" && "$bin/wfc" status workflow.toml) 2>&1; }
nothing() { # WHAT
  holds "$1: nothing to submit" submit
  contains "$1: it says so" "$(cat "$work/submit.err")" "everything is up to date"
  equal "$1: nothing is submitted" "" "$(squeue -h)"
  holds "$1: a dry run" submit --dry-run
  equal "$1: prints no command" "" "$(cat "$work/submit.out")"
  equal "$1: run -n" "0 tasks would run" "$(would)"
}
again() { # WHAT TASKS NUMBER
  contains "$1: run -n" "$(would)" "$3 task"
  holds "$1: dry run" submit --dry-run
  holds "$1: submitted" submit
  contains "$1: tasks are counted" "$(cat "$work/submit.err")" "$3 tasks to run"
  drain 60
  equal "$1: just that has run" "$2" "$(ran)"
  nothing "$1"
}

write ''
compile --site test
holds "submitted" submit
drain 60
equal "everything has run once" "one:ax1 two:ax1 one:bx1 two:bx1 one:cx1 two:cx1" "$(ran)"
nothing "after a complete run"

sleep 1
echo 2 >"$work/data/a/in.txt"
again "a changed input" "one:ax1 two:ax1" 2
rm "$work/data/b/one.txt"
again "a removed output" "one:bx1 two:bx1" 2
contains "status" "$(status)" "3/3"

# A directory more, in the middle of the numbers: a new plan, and only its own tasks.
mkdir "$work/data/aa"
echo aa >"$work/data/aa/in.txt"
compile --site test
again "a new directory" "one:aax1 two:aax1" 2

# --trust-records leaves out the look, and says so.
sleep 1
echo 3 >"$work/data/a/in.txt"
holds "with --trust-records" submit --trust-records
contains "nothing is seen" "$(cat "$work/submit.err")" "according to the records, everything is up to date (8 tasks)"
contains "and that is said" "$(cat "$work/submit.err")" "inputs and outputs are not checked for changes"
again "without it" "one:ax1 two:ax1" 2

# Packed jobs: a job of several tasks runs again for one of them; tasks, jobs and calls are counted apart.
write $'[jobs]\npack = 8'
echo bad >"$work/data/c/in.txt"
compile --site test
holds "packed: submitted" submit
drain 60
ran >/dev/null
echo c >"$work/data/c/in.txt"
holds "packed: again" submit
contains "packed: counts" "$(cat "$work/submit.err" "$work/submit.out")" "2 tasks to run"
contains "packed: counts in the summary" "$(cat "$work/submit.out")" ": 2 tasks in 3 jobs in the queue, by 3 calls of sbatch"
drain 60
equal "packed: just that" "one:cx1 two:cx1" "$(ran)"
nothing "packed"

# Jobs that somebody holds are named, with the command that lets them start.
sleep 1
echo 4 >"$work/data/a/in.txt"
scontrol update 'NodeName=n[1-4]' State=DRAIN Reason=test
holds "held: submitted" submit
id=$(squeue -h -t PD -o '%F %j' | awk '/\.one$/ { print $1; exit }')
scontrol hold "$id"
holds "held: called again" submit
contains "held: it says so" "$(cat "$work/submit.err")" "scontrol release $id"
scontrol release "$id"
scontrol update 'NodeName=n[1-4]' State=RESUME
drain 60
nothing "held"

# What is there and not on record stops it before anything is submitted; what is proposed works from anywhere.
refused() { # WHAT
  rm -rf "$work/out"
  compile --site test
  if submit; then bad "$1: refused"; else ok "$1: refused"; fi
  contains "$1: it says what stands there" "$(cat "$work/submit.err")" "was the out directory removed?"
  equal "$1: nothing is submitted" "" "$(squeue -h)"
}
# `wfc run -n`, `plan`, `status` and a dry run say what stands there beforehand, each with the commands that go with it.
type_it() { # PROPOSAL TEXT-BEFORE ANSWER
  local command
  command=$(sed -n "s/^ *\(help: \)\{0,1\}$2//p" <<<"$3" | head -n 1)
  [ -n "$command" ] || bad "no $2"
  holds "$1: $command" bash -c "cd '$work' && timeout 60 $command"
}
wfc() { (cd "$work" && "$bin/wfc" "$@") 2>&1; }
foreseen() { # WHAT
  local words
  rm -rf "$work/out"
  for words in "run -n" plan status; do
    # shellcheck disable=SC2086 # words
    answer=$(wfc $words workflow.toml --site test)
    contains "$1: $words says what stands there" "$answer" "8 files are in the place of outputs"
    contains "$1: $words asks whether out was removed" "$answer" "was the out directory removed?"
  done
}
ran >/dev/null
foreseen "before compiling"
type_it Compile 'keep them as .*: ' "${answer/ && *--set-aside/}"
if submit --dry-run; then bad "a dry run: refused"; else ok "a dry run: refused"; fi
contains "a dry run says the same" "$(cat "$work/submit.err")" "8 files are in the place of outputs"
occupied() { /usr/bin/python3 -c 'import json, sys; print(sorted(str(place) for place in json.load(sys.stdin)["occupied"]))'; }
holds "as JSON" submit --dry-run --json
equal "as JSON: the same places as status" "$(wfc status workflow.toml --site test --json 2>/dev/null | occupied)" \
  "$(occupied <"$work/submit.out")"
equal "as JSON: all of them" 8 "$(occupied <"$work/submit.out" | grep -o "'task'" | wc -l)"
contains "status names submit.sh" "$(wfc status workflow.toml --site test)" "out/submit.sh --set-aside"
type_it SubmitSetAside 'keep them as .*: ' "$(wfc plan workflow.toml --site test)"
drain 60
equal "set aside as foreseen: all has run" 8 "$(ran | wc -w)"
foreseen "after compiling, and removed again"
compile --site test
type_it SubmitReplace 'replace each .*: ' "$(wfc status workflow.toml --site test)"
drain 60
equal "replaced as foreseen: all has run" 8 "$(ran | wc -w)"
rm -f "$work"/data/*/*.before-wfc
ran >/dev/null
refused "adopted"
(cd / && bash -c "$(sed -n 's/^help: adopt .*: //p' "$work/submit.err")") >/dev/null
equal "adopted: the command works" 0 $?
nothing "adopted"
refused "set aside"
(cd / && timeout 60 bash -c "$(sed -n 's/^ *keep them as .*: //p' "$work/submit.err")") >/dev/null 2>&1
equal "set aside: the command works" 0 $?
drain 60
holds "set aside: it is kept" test -e "$work/data/a/one.txt.before-wfc"
equal "set aside: all has run" 8 "$(ran | wc -w)"
refused "replaced"
(cd / && timeout 60 bash -c "$(sed -n 's/^ *replace each .*: //p' "$work/submit.err")") >/dev/null 2>&1
equal "replaced: the command works" 0 $?
drain 60
equal "replaced: all has run" 8 "$(ran | wc -w)"
nothing "replaced"
