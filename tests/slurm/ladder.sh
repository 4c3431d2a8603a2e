#!/bin/bash
# The retry ladder: what is short of memory or time is run again with more, then what needs it. Nobody waits for
# that who does not have to, the verdict comes last, and --resume runs nothing twice.
# Seen to fail: without climb() (it has run with 40, 40 and 40 MB, and what needs it is missing); with a mends() that says
# yes to every failure (what ends with an exit status is run again in each pass).
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
for s in 1 2 3 4; do mkdir -p "$work/data/session$s"; done
# Holds so many megabytes for a moment.
# shellcheck disable=SC2016 # the task's own
hold='{ head -c ${megabytes}M /dev/zero; sleep 2; } | tail -c ${megabytes}M | wc -c >/dev/null'
write_ladder() {
  {
    printf '[workflow]\nname = "ladder"\nroot = "data"\nsite = "test"\n[defaults]\ntime = "5m"\nmem = "40M"\n'
    printf '[[level]]\nname = "session"\nmatch = "session*"\n'
    printf '[[step]]\nname = "fit"\neach = "session"\noutputs = ["fit.txt"]\n'
    printf 'retry = { times = 2, mem = "x2", on = ["oom"] }\n'
    printf "run = '''echo {mem_mb} >>ran.fit; test ! -e fail.fit; megabytes=\$(cat hungry 2>/dev/null || echo 1); %s; date +%%s%%N >{outputs}'''\n" "$hold"
    printf '[[step]]\nname = "slow"\noutputs = ["slow.txt"]\ntimeout = "1s"\nretry = { times = 1, time = "x5" }\n'
    printf "run = 'echo x >>ran.slow; sleep 2; touch {outputs}'\n"
    printf '[[step]]\nname = "shape"\neach = "session"\nneeds = ["fit"]\noutputs = ["shape.txt"]\n'
    printf "run = 'echo x >>ran.shape; date +%%s%%N >{outputs}'\n"
    printf '[[step]]\nname = "all"\nneeds = ["shape", "slow"]\noutputs = ["all.txt"]\n'
    printf "run = 'echo x >>ran.all; cat {needs.shape} >{outputs}'\n"
    printf '[[step]]\nname = "good"\non = "success"\nrun = "echo x >>good.txt"\n'
    printf '[[step]]\nname = "mourn"\non = "failure"\nrun = "echo x >>mourn.txt"\n[site.test]\n'
  } >"$work/workflow.toml"
}
mem_of() { tr '\n' ' ' <"$work/data/session$1/ran.fit"; }

write_ladder
echo 110 >"$work/data/session2/hungry"
compile
holds "wfc verify" "$bin/wfc" verify "$work/out"
holds "submitted" submit
drain 120
equal "it has run with 40, 80 and 160 MB" "40 80 160 " "$(mem_of 2)"
equal "its siblings once" "40 40 40 " "$(mem_of 1)$(mem_of 3)$(mem_of 4)"
equal "the longer attempt of a timeout is made" 2 "$(lines "$work/data/ran.slow")"
for step in fit:4 shape:4 all:1 slow:1; do
  equal "${step%:*} is done" "${step#*:} 0 0 0" "$(counts "${step%:*}")"
done
equal "what needs it ran once" "4 1" "$(runs shape) $(runs all)"
first=$(cat "$work/data/session1/shape.txt") mended=$(cat "$work/data/session2/fit.txt")
holds "its siblings' successors had not waited" test "$first" -lt "$mended"
equal "one success, no mourning" "1 0" "$(lines "$work/data/good.txt") $(lines "$work/data/mourn.txt")"
contains "a pass without work says so" "$(cat "$work"/out/logs/*.pass2.*.log)" "nothing to retry"
holds "nothing to submit" submit
contains "it says so" "$(cat "$work/submit.err")" "everything is up to date"

# For good: one by its exit status, one that is too large for the last pass too.
rm -rf "$work/out" "$work/data"
for s in 1 2 3 4; do mkdir -p "$work/data/session$s"; done
touch "$work/data/session1/fail.fit"
echo 400 >"$work/data/session3/hungry"
compile
holds "submitted" submit
drain 120
equal "an exit status is not for the ladder" "40 " "$(mem_of 1)"
equal "the last pass is the last" "40 80 160 " "$(mem_of 3)"
equal "fit" "2 2 0 0" "$(counts fit)"
equal "shape" "2 0 2 0" "$(counts shape)"
equal "all" "0 0 1 0" "$(counts all)"
equal "one mourning" "0 1" "$(lines "$work/data/good.txt") $(lines "$work/data/mourn.txt")"
rm "$work/data/session1/fail.fit"
echo 60 >"$work/data/session3/hungry"
holds "--resume" submit --resume
drain 120
equal "both went on" "40 40  40 80 160 40 80 " "$(mem_of 1) $(mem_of 3)"
equal "the others did not" "40 40 " "$(mem_of 2)$(mem_of 4)"
equal "what needs them ran once" "4 1" "$(runs shape) $(runs all)"
equal "everything is done" "1 0 0 0" "$(counts all)"
equal "one success" "1 1" "$(lines "$work/data/good.txt") $(lines "$work/data/mourn.txt")"
echo "fault: memory-short survived $((failures == 0)) of 1 seed 0"
