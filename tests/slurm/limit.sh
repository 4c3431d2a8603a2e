#!/bin/bash
# `limit` counts over all jobs of a step: what is submitted again runs after the live job where that has the whole limit, and
# beside it with what it leaves. Seen to fail: two tasks at once with `limit = 1`.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
parent=$work
mkdir "$parent/marks"
prepare() { # LIMIT
  work=$parent/limit$1
  mkdir -p "$work"/data/{a,b,c,d}
  touch "$work/data/a/fail"
  rm -f "$parent"/marks/*
  cat >"$work/workflow.toml" <<END
[workflow]
name = "limited"
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
limit = $1
outputs = ["one.txt"]
run = '''
test ! -e fail
mark=\$(mktemp $parent/marks/XXXXXX)
sleep 1
ls $parent/marks | wc -l >>at_once
for i in \$(seq 300); do if [ ! -e slow ]; then break; fi; sleep 0.2; done
rm "\$mark"
echo x >{outputs}
'''
[site.test]
END
  compile --site test
}
most() { cat "$work"/data/*/at_once | sort -n | tail -n 1; }
until_it_runs() { # DIRECTORY
  for _ in {1..200}; do [ ! -e "$work/data/$1/at_once" ] || return 0; sleep 0.2; done
  bad "$1 does not start"
}

# a fails, then b is at work, and c and d wait for the limit alone.
prepare 1
touch "$work/data/b/slow"
holds "1: submitted" submit
until_it_runs b
live=$(sed -n 's/^id 01-one //p' "$work/out/state/$(plan_hash)/journal")
rm "$work/data/a/fail"
holds "1: a dry run for tools" submit --dry-run --json
contains "1: names what is left to live jobs" "$(tr -d ' \n' <"$work/submit.out")" '"live":["one:b","one:c","one:d"]'
holds "1: a dry run" submit --dry-run
contains "1: the part waits for the live job" "$(grep 01-one+0 "$work/submit.out")" "--dependency=afterany:$live "
holds "1: submitted again" submit
rm "$work/data/b/slow"
drain 90
equal "1: all is done" "4 0 0 0" "$(counts one)"
equal "1: never two at once" 1 "$(most)"

# b is at work, all others are done or have failed: there is room for one of two.
prepare 2
touch "$work/data/b/slow"
holds "2: submitted" submit
until_it_runs b
until_it_runs d
sleep 3
rm "$work/data/a/fail" "$work/data/c/one.txt"
holds "2: a dry run" submit --dry-run
contains "2: the part has what is left" "$(grep 01-one+0 "$work/submit.out")" "--array=0-1%1"
holds "2: submitted again" submit
until_it_runs a
holds "2: beside the live one" test -e "$work/data/b/slow"
rm "$work/data/b/slow"
drain 90
equal "2: all is done" "4 0 0 0" "$(counts one)"
equal "2: never three at once" 2 "$(most)"
work=$parent
