#!/bin/bash
# Arrays longer than the site's MaxArraySize are cut into aligned chunks; the results are the same.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster --max-array 5
make_data 3 4
write_workflow $'[site.test.limits]\nmax_array_size = 5'
touch "$work/data/session2/channel3/fail.filter"
compile
holds "chunk waits for chunk" grep -q 'job 03-sort.1 5 .* aftercorr:02-filter.1$' "$work/out/submit.sh"
holds "submitted" submit
drain 90
equal "filter" "11 1 0 0" "$(counts filter)"
equal "sort" "11 0 1 0" "$(counts sort)"
equal "gather" "2 0 1 0" "$(counts gather)"
rm "$work/data/session2/channel3/fail.filter"
holds "--resume" submit --resume
drain 60
equal "done" "1 0 0 0" "$(counts day)"
equal "one more run" 13 "$(runs filter)"
