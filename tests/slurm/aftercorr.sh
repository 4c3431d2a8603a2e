#!/bin/bash
# Fifteen failing and fifteen slow tasks at the lowest indices of 40 + 40: Slurm looks at ten pending ones
# at a time, and still the 25 others finish.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
for c in {01..40}; do
  mkdir -p "$work/data/session1/channel$c"
done
echo recording >"$work/data/session1/raw.txt"
for c in {01..15}; do touch "$work/data/session1/channel$c/fail.filter"; done
for c in {16..30}; do echo 4 >"$work/data/session1/channel$c/slow.filter"; done
write_workflow
compile
holds "filter and sort correspond" grep -q 'job 03-sort 40 .*aftercorr-or-afterany:02-filter' "$work/out/submit.sh"
holds "submitted" submit
drain 120
equal "filter" "25 15 0 0" "$(counts filter)"
equal "sort" "25 0 15 0" "$(counts sort)"
equal "gather is blocked" "0 0 1 0" "$(counts gather)"
