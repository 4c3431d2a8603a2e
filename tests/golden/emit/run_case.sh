#!/usr/bin/env bash
# Compiles one case twice and compares every emitted script with expected/; shellcheck reads them all.
# bin/submit and bin/srun-options are the same for all cases: the files of templates/, put together.
# WFC_BLESS=1 rewrites expected/. Usage: run_case.sh WFC CASE_DIRECTORY
set -euo pipefail

wfc=$(realpath "$1")
case_dir=$(realpath "$2")
templates=$(realpath "$(dirname "$0")/../../../templates")
work=$(mktemp -d "${TMPDIR:-/tmp}/wfc-golden.XXXXXX")
trap 'rm -rf "$work"' EXIT
export HOME=$work/home LC_ALL=C.UTF-8
unset XDG_CONFIG_HOME

# In two places: the same input gives the same bytes anywhere.
for place in one "another place"; do
  mkdir -p "$work/$place/case"
  cp -R "$case_dir/." "$work/$place/case"
  rm -rf "$work/$place/case/expected"
  cd "$work/$place/case"
  bash -euo pipefail "$case_dir/setup.sh"
  "$wfc" compile workflow.toml --site test >"$work/printed" 2>&1 || { cat "$work/printed"; exit 1; }
done
cmp "$work/one/case/out/submit.sh" "$work/another place/case/out/submit.sh"
diff -r "$work/one/case/out/jobs" "$work/another place/case/out/jobs"
diff -r "$work/one/case/out/plan" "$work/another place/case/out/plan"

# The plan's hash changes with every kernel and format; the scripts do not depend on it otherwise.
cd "$work/one/case/out"
mkdir "$work/actual"
hash=$(sed -n 's/^readonly plan=\([0-9a-f]*\).*/\1/p' submit.sh)
for script in submit.sh jobs/*; do
  mkdir -p "$work/actual/$(dirname "$script")"
  sed "s/$hash/HASH/g; s/${hash:0:12}/HASH/g" "$script" >"$work/actual/$script"
  # Of a long list of tasks the beginning and the end.
  if [[ $script == *.tasks ]]; then sed -i '9,$ { $!d }' "$work/actual/$script"; fi
done
for table in "plan/$hash/tables"/*; do
  if [[ -e $table ]]; then
    mkdir -p "$work/actual/tables"
    od -An -v -tu4 -w4 "$table" >"$work/actual/tables/$(basename "$table").txt"
  fi
done
shellcheck -a -x submit.sh jobs/*.sbatch
for script in jobs/*; do
  if grep -n "$work" "$script"; then
    echo "$script holds an absolute path" >&2
    exit 1
  fi
done

whole() { # Blank lines are not compared.
  local line
  while IFS= read -r line; do
    if [[ $line =~ ^\{\{\>(.*)\}\}$ ]]; then cat "$templates/${BASH_REMATCH[1]}"; else printf '%s\n' "$line"; fi
  done <"$templates/submit/program.sh"
}
whole | diff -uB - bin/submit
cmp "$templates/srun-options.sh" bin/srun-options

if [[ ${WFC_BLESS:-0} == 1 ]]; then
  rm -rf "$case_dir/expected"
  cp -R "$work/actual" "$case_dir/expected"
elif ! diff -ru "$case_dir/expected" "$work/actual"; then
  echo "differs from $case_dir/expected (WFC_BLESS=1 rewrites it)" >&2
  exit 1
fi
