#!/usr/bin/env bash
# Runs one case: wfc on a copy of its folder; what it prints and its exit status are compared with
# expected.txt. WFC_BLESS=1 rewrites expected.txt. Usage: run_case.sh WFC CASE_DIRECTORY
set -euo pipefail

wfc=$(realpath "$1")
case_dir=$(realpath "$2")
expected=$case_dir/expected.txt

work=$(mktemp -d "${TMPDIR:-/tmp}/wfc-golden.XXXXXX")
trap 'chmod -R u+rwX "$work" && rm -rf "$work"' EXIT
mkdir "$work/case" "$work/home" "$work/bin"
cp -R "$case_dir/." "$work/case"
rm -f "$work/case/expected.txt" "$work/case/cmd" "$work/case/setup.sh"
cd "$work/case"

# The same answer on a machine with Slurm and without, whatever the user has in ~/.config/wfc. A case
# that needs an `sbatch` makes one in $CASE_BIN.
export HOME=$work/home CASE_BIN=$work/bin CASE_DIR=$case_dir WFC=$wfc NO_COLOR=1 LC_ALL=C.UTF-8
unset XDG_CONFIG_HOME
for tool in bash sh env cat cp mv mkdir rm ls chmod touch printf sleep true false date python3; do
  path=$(command -v "$tool") && [[ $path == /* ]] && ln -sf "$path" "$work/bin/$tool"
done
if [[ -f $case_dir/setup.sh ]]; then
  bash -euo pipefail "$case_dir/setup.sh"
fi

arguments=(check workflow.toml)
if [[ -f $case_dir/cmd ]]; then
  # One argument a line: nothing is split and no shell reads it.
  mapfile -t arguments <"$case_dir/cmd"
fi

status=0
PATH=$work/bin "$wfc" "${arguments[@]}" >"$work/printed" 2>&1 || status=$?
{
  sed -E "s|$work/case|CASE|g; s|$work/home|HOME|g; s|$work/home|HOME|g; s/[0-9a-f]{32}/HASH/g; s/, plan [0-9a-f]{12}$/, plan HASH/" "$work/printed"
  echo "exit status $status"
} >"$work/actual"

if [[ ${WFC_BLESS:-0} == 1 ]]; then
  cp "$work/actual" "$expected"
  exit 0
fi
if ! diff -u "$expected" "$work/actual"; then
  echo "differs from $expected (WFC_BLESS=1 rewrites it)" >&2
  exit 1
fi
