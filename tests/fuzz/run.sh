#!/bin/bash
# run.sh FOLDER SECONDS [NAME...]: each fuzzer of the folder (build/fuzz/fuzz), or those named, for so many
# seconds, beginning with the kept corpus. What it finds goes to ./NAME.found-*; what is new and good is
# kept in the folder $WFC_FUZZ_CORPUS, if there is one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 seconds=$2
shift 2
names=("$@")
if [ "${#names[@]}" -eq 0 ]; then
  for program in "$folder"/*_fuzz; do
    name=$(basename "$program")
    names+=("${name%_fuzz}")
  done
fi
log=$(mktemp)
trap 'rm -rf "$log" "${scratch:-}"' EXIT
bad=0
for name in "${names[@]}"; do
  scratch=$(mktemp -d)
  corpus=${WFC_FUZZ_CORPUS:-$scratch}/$name
  mkdir -p "$corpus"
  seeds=("$here/corpus/$name") length=8192
  # bin/submit is long.
  if [ -d "$folder/../tests/fuzz/seeds/$name" ]; then
    seeds+=("$folder/../tests/fuzz/seeds/$name") length=65536
  fi
  if "$folder/${name}_fuzz" -seed=1 -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
    -max_len="$length" -print_final_stats=1 -artifact_prefix="./$name.found-" \
    "$corpus" "${seeds[@]}" >"$log" 2>&1; then
    printf 'fuzz: %s: %s runs, no fault\n' "$name" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  else
    tail -n 40 "$log"
    printf 'fuzz: %s: FAILED\n' "$name"
    bad=1
  fi
  rm -rf "$scratch"
done
exit "$bad"
