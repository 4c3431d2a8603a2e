#!/bin/bash
# Where an out directory may lie and how submit.sh is called: a path with % (which Slurm expands), a link, any directory.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
parent=$work
one() { # NAME OF A DIRECTORY
  work=$parent/$1
  mkdir -p "$work"/data/{a,b}
  for s in a b; do echo $s >"$work/data/$s/in.txt"; done
  cat >"$work/workflow.toml" <<'END'
[workflow]
name = "place"
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
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "cp {inputs} {outputs}"
[site.test]
END
  compile --site test
}
for name in '10%subset' '%j' 'a b' "it's"; do
  one "$name"
  holds "$name: submitted" submit
  drain 60
  equal "$name: done" "2 0 0 0" "$(counts one)"
  equal "$name: logs of two tasks and the verdict" 3 "$(find "$work/out/logs" -name '0*.log' | wc -l)"
  contains "$name: a log begins with task, node and command" "$(head -n 2 "$work"/out/logs/01-one.*_1.log | tr '\n' ' ')" \
    "== one:b on $(scontrol show hostnames "$(sinfo -h -o %N)" | head -n 1 | tr -d 0-9)"
  contains "$name: which index is which directory" "$(cat "$work/out/jobs/01-one.tasks")" "1	b"
done

# Slurm takes a backslash in a path to mean that nothing is expanded, and cannot say what to do about it.
one 'back\slash'
if submit; then bad "a backslash is refused"; else ok "a backslash is refused"; fi
contains "it says why" "$(cat "$work/submit.err")" "there is a backslash in"
equal "nothing is submitted" "" "$(squeue -h)"

# By a link, from another directory.
one linked
ln -s out/submit.sh "$work/go"
mkdir "$work/bin"
ln -s ../go "$work/bin/again"
(cd / && timeout 60 "$work/bin/again") >"$work/submit.out" 2>"$work/submit.err"
equal "by a link to a link" 0 $?
drain 60
equal "linked: done" "2 0 0 0" "$(counts one)"
holds "and again" "$work/go"
for option in --trust-records --json; do contains "help: $option" "$("$work/go" --help)" "$option"; done
equal "where the help ends" "  --break-lock      take over the lock of a submit.sh that ran on another host and has ended" "$("$work/go" --help | tail -n 1)"
"$work/go" --cancle >"$work/submit.out" 2>"$work/submit.err"
equal "an unknown option" 2 $?
contains "what it may mean" "$(cat "$work/submit.err")" "unknown option --cancle; did you mean --cancel?"
contains "where all are" "$(cat "$work/submit.err")" "out/submit.sh --help"
"$work/go" one >"$work/submit.out" 2>"$work/submit.err"
equal "a word that is no option" 2 $?
bash "$work/out/bin/submit" >"$work/submit.out" 2>"$work/submit.err"
equal "the program without its table" 2 $?
contains "says what to run" "$(cat "$work/submit.err")" "run the submit.sh beside bin/"
# By its name alone, from its own directory.
(cd "$work/out" && bash submit.sh) >"$work/submit.out" 2>"$work/submit.err"
equal "by bash and its name" 0 $?
# What it proposes works from anywhere.
rm -rf "$work/out/state"
rm -f "$work"/data/*/one.txt
holds "submitted" submit
proposed=$(sed -n 's/^ *to cancel it all: \(.*\) --cancel$/\1/p' "$work/submit.out")
holds "the proposed command is one" test -n "$proposed"
(cd / && bash -c "$proposed --cancel") >/dev/null 2>&1
equal "and works from elsewhere" 0 $?
drain 30
work=$parent
