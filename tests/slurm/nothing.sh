#!/bin/bash
# Workflows without an ordinary step: the verdict and the finalizers are submitted and run; where every step is left
# out, nothing is submitted.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 2 1
{
  printf '[workflow]\nname = "small"\nroot = "data"\nsite = "test"\n[defaults]\ntime = "10m"\nmem = "100M"\n'
  printf '[[step]]\nname = "notify"\non = "always"\nrun = "echo x >>notify.txt"\n'
  printf '[[step]]\nname = "good"\non = "success"\nrun = "echo x >>good.txt"\n'
  printf '[[step]]\nname = "mourn"\non = "failure"\nrun = "echo x >>mourn.txt"\n[site.test]\n'
} >"$work/workflow.toml"
compile
holds "verified" "$bin/wfc" verify "$work/out"
holds "submitted" submit
contains "the verdict and three finalizers" "$(cat "$work/submit.out")" "4 jobs in the queue, by 4 calls of sbatch"
drain 60
equal "always" 1 "$(lines "$work/data/notify.txt")"
equal "success" 1 "$(lines "$work/data/good.txt")"
equal "failure" 0 "$(lines "$work/data/mourn.txt")"
cat >"$work/workflow.toml" <<'END'
[workflow]
name = "none"
root = "data"
site = "test"
[[step]]
name = "one"
when = false
run = "echo x >{outputs}"
outputs = ["one.txt"]
[site.test]
END
compile
contains "nothing to do" "$(cat "$work/compile.log")" "nothing to do"
equal "no script is left" "" "$(cd "$work/out" && ls submit.sh jobs/* 2>/dev/null)"
