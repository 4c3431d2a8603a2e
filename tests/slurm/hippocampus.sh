#!/bin/bash
# The whole workflow on a real Slurm gives the bytes of the run on this machine.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
cp -r "$source/workflows/hippocampus" "$work/local"
rm -rf "$work/local/data" "$work/local/out"
(cd "$work/local" && ./generate.sh --channels 8 --seconds 20 --wfr "$bin/wfr") >"$work/generate.log" 2>&1 ||
  { cat "$work/generate.log"; bad "generate.sh"; exit 1; }
cp -r "$work/local" "$work/slurm"
(cd "$work/local" && "$bin/wfc" run workflow.toml -j 2 --site local) >"$work/local.log" 2>&1 || { tail -n 20 "$work/local.log"; bad "wfc run"; }
printf '[site.rig]\nmemory = "mem"\n' >>"$work/slurm/workflow.toml"
(cd "$work/slurm" && "$bin/wfc" compile workflow.toml --site rig) >"$work/compile.log" 2>&1 || { cat "$work/compile.log"; bad "wfc compile"; exit 1; }
work_out=$work/slurm/out
holds "submitted" timeout 60 "$work_out/submit.sh"
drain 150
equal "every task is done" 0 "$(cd "$work_out" && bin/wfr verdict --plan "$(cat state/last)" >"$work/verdict" && echo 0)"
# The snapshot and the notification are the finalizers'; lists and logs are not data.
files() { (cd "$1/data" && find . -type f | LC_ALL=C sort); }
equal "the same files" "$(files "$work/local")" "$(files "$work/slurm")"
different=0
while IFS= read -r file; do
  cmp -s "$work/local/data/$file" "$work/slurm/data/$file" || { echo "      differs: $file"; different=1; }
done < <(files "$work/local")
equal "byte for byte" 0 "$different"
