#!/bin/bash
# Installs into an empty prefix and uses only what is there. install.sh BUILD_DIR
set -euo pipefail
build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

cmake --install "$build" --prefix "$prefix" >"$work/log" || {
  cat "$work/log"
  fail "cmake --install"
}

# The programs and every kernel work from the prefix, with nothing of the build tree in sight.
cd "$work"
run() { env -i PATH="$prefix/bin:/usr/bin:/bin" HOME="$work" "$@"; }
run wfc --version | grep -qx 'wfc [0-9.]*' || fail "wfc --version"
run wfr kernel nsx.synthesize --param channels=2 --param connectors=1 --param seconds=1 \
  --output "$work/made.ns5"
[ "$(head -c 8 made.ns5)" = NEURALCD ] || fail "the installed kernel library made no recording"
mkdir data && printf 'b\na\n' >data/words.txt
cat >workflow.toml <<'TOML'
[workflow]
name = "installed"
root = "data"
[[step]]
name    = "sorted"
inputs  = ["words.txt"]
run     = "sort {inputs} > {outputs}"
outputs = ["sorted.txt"]
TOML
run wfc run workflow.toml >run.log 2>&1 || {
  cat run.log
  fail "wfc run from the prefix"
}
[ "$(cat data/sorted.txt)" = "$(printf 'a\nb')" ] || fail "the installed wfc made a wrong file"

# No program or library needs the build tree or a path of its own at run time.
while IFS= read -r -d '' file; do
  if readelf -d "$file" 2>/dev/null | grep -E 'R(UN)?PATH' | grep -v 'ORIGIN'; then
    fail "$file: a run path outside the prefix"
  fi
done < <(find "$prefix/bin" "$prefix/lib" -type f -print0)

# Manual pages: formatted without a complaint, and every subcommand is in wfc(1).
for page in wfc wfr; do
  file=$prefix/share/man/man1/$page.1
  [ -s "$file" ] || fail "no $page.1"
  if command -v man >/dev/null; then
    complaints=$(MANWIDTH=80 man --warnings -l "$file" 2>&1 >"$page.txt")
    [ -z "$complaints" ] || fail "$page.1: $complaints"
  fi
done
mapfile -t commands < <(run wfc --help | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p')
[ "${#commands[@]}" -ge 5 ] || fail "wfc --help lists ${#commands[@]} subcommands"
bash_file=$prefix/share/bash-completion/completions/wfc
zsh_file=$prefix/share/zsh/site-functions/_wfc
fish_file=$prefix/share/fish/vendor_completions.d/wfc.fish
for command in "${commands[@]}"; do
  grep -q "wfc $command" "$prefix/share/man/man1/wfc.1" || fail "wfc.1 does not have $command"
  grep -q "^  $command)" "$zsh_file" || fail "zsh: no $command"
  grep -q -- "-a $command " "$fish_file" || fail "fish: no $command"
done

# Bash's completion does complete: subcommands first, then their options.
# $1: the file to source, then the words of the command line; the last is being completed.
complete_words() {
  # shellcheck disable=SC2016
  bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wfc; printf "%s\n" "${COMPREPLY[@]}"' \
    bash "$bash_file" "$@"
}
for command in "${commands[@]}"; do
  # Not a pipe: grep -q ends at its find, and the writer would die of it now and then.
  grep -qx "$command" <<<"$(complete_words wfc "${command:0:2}")" || fail "bash: no $command"
done
grep -qx -- --site <<<"$(complete_words wfc compile --si)" || fail "bash: compile --si"
# Steps of ./workflow.toml are targets.
[ "$(complete_words wfc run so)" = sorted ] || fail "bash: no step: $(complete_words wfc run so)"
for shell in zsh fish; do
  file=${shell}_file
  if command -v "$shell" >/dev/null; then "$shell" -n "${!file}" || fail "$shell: ${!file}"; fi
done

# A kernel library of somebody else's compiles and links against the installed package alone.
mkdir plugin
cat >plugin/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(plugin LANGUAGES C)
find_package(wfc 0.1 REQUIRED)
add_library(wfr_kernel_hello MODULE hello.c)
target_link_libraries(wfr_kernel_hello PRIVATE wfc::kernel_abi)
install(TARGETS wfr_kernel_hello LIBRARY DESTINATION "${WFC_KERNEL_DIR}")
CMAKE
cat >plugin/hello.c <<'C'
#include <stdio.h>
#include <wfc/abi.h>
int wfr_kernel_run(const wfr_kernel_task* task, char* message, size_t size) {
  if (task->abi == WFR_KERNEL_ABI) return 0;
  snprintf(message, size, "another interface: %u", task->abi);
  return 1;
}
C
{
  cmake -S plugin -B plugin/build -G Ninja -DCMAKE_PREFIX_PATH="$prefix" &&
    cmake --build plugin/build && cmake --install plugin/build
} >plugin.log 2>&1 || {
  cat plugin.log
  fail "the plugin"
}
installed=$(find "$prefix/lib" -name libwfr_kernel_hello.so)
grep -q ' T wfr_kernel_run$' <<<"$(nm -D "$installed")" || fail "the plugin exports no wfr_kernel_run"
echo "installed and used: ${#commands[@]} subcommands"
