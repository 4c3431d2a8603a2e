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
contains "help" "$("$work/go" --help)" "--trust-records"
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
