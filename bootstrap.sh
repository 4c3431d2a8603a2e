#!/bin/bash
# From a fresh clone to something that works: install what is needed, show the demo, install wfc, or run every test.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")"

BUILD_PACKAGES=(g++ cmake ninja-build ccache pkg-config libtomlplusplus-dev nlohmann-json3-dev
  libboost-graph-dev libcli11-dev libfmt-dev libkainjow-mustache-dev libxxhash-dev libhdf5-dev
  libfftw3-dev libre2-dev libutf8proc-dev libssl-dev)
DEMO_PACKAGES=(graphviz python3-numpy python3-h5py)
TEST_PACKAGES=(catch2 clang libclang-rt-14-dev cppcheck slurmctld slurmd slurm-client munge
  slurmdbd mariadb-server shellcheck
  clang-tidy clang-format jq python3-scipy python3-neo hdf5-tools man-db)

usage() {
  cat <<'TEXT'
usage: ./bootstrap.sh deps | demo | install [--prefix DIR] | test

  deps      install what building and testing needs (Debian 12 packages; root or sudo)
  demo      build, make a small day of recordings, run the workflow on it, show the result
  install   build, and put wfc, wfr, manual pages and completions below DIR (~/.local)
  test      build with warnings as errors, run every test, the sanitizers and the linters
TEXT
}

say() { printf '\n==> %s\n' "$*"; }
die() {
  printf 'bootstrap.sh: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# install_missing PACKAGE...: asks dpkg first, so that a complete machine needs neither root nor net.
install_missing() {
  local missing=() package
  command -v dpkg-query >/dev/null || {
    say "not a Debian system: assuming that these are installed: $*"
    return 0
  }
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      missing+=("$package")
  done
  if [ "${#missing[@]}" -eq 0 ]; then
    say "every package that is needed is installed already"
    return 0
  fi
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
    die "these packages are missing, and installing them needs root: ${missing[*]}"
  say "installing ${#missing[@]} packages: ${missing[*]}"
  # Debian starts what it installs. The tests bring up their own small Slurm, so nothing shall start.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
  if [ -n "$(trap -p EXIT)" ]; then
    as_root rm -f "$policy"
    trap - EXIT
  fi
}

build_release() {
  say "building wfc and wfr (build/release; the first time takes a few minutes)"
  cmake --preset release --log-level=WARNING >/dev/null
  cmake --build --preset release
}

demo() {
  install_missing "${BUILD_PACKAGES[@]}" "${DEMO_PACKAGES[@]}"
  build_release
  exec workflows/hippocampus/demo.sh build/release/bin
}

install() {
  local prefix=${HOME:?}/.local
  while [ "$#" -gt 0 ]; do
    case $1 in
      --prefix=?*) prefix=${1#--prefix=} ;;
      --prefix)
        [ -n "${2:-}" ] || die "--prefix needs a directory"
        prefix=$2
        shift
        ;;
      *) die "unknown argument of install: $1" ;;
    esac
    shift
  done
  # Relative to where the user stands, not to this script.
  [[ $prefix == /* ]] || prefix=$called_from/$prefix
  install_missing "${BUILD_PACKAGES[@]}"
  build_release
  cmake --install build/release --prefix "$prefix" >/dev/null
  say "installed: $prefix/bin/wfc"
  local found
  found=$(type -P wfc) || found=
  if [ "$found" -ef "$prefix/bin/wfc" ]; then
    printf 'It is on your PATH: wfc --help\n'
  elif [[ :$PATH: == *":$prefix/bin:"* ]]; then
    printf 'But %s comes before it on your PATH.\n' "$found"
  else
    printf 'It is not on your PATH. For this shell, and for later ones:\n'
    # shellcheck disable=SC2016
    printf '  export PATH=%q:"$PATH"\n' "$prefix/bin"
    # shellcheck disable=SC2016
    printf '  echo %q >>~/.bashrc\n' "export PATH=$(printf '%q' "$prefix/bin"):\"\$PATH\""
  fi
}

# What the last step has skipped, a line for each reason. A check says `***Skipped: REASON`, a test prints `skipped: REASON`,
# which ctest keeps in its log only.
why_skipped() {
  local directory tests
  sed -n 's/^\*\*\*Skipped: //p' "$log"
  directory=$(sed -n 's/^Test project //p' "$log")
  tests=$directory/Testing/Temporary/LastTest.log
  [ -n "$directory" ] && [ -r "$tests" ] || return 0
  sed -n 's/^.*Test *#[0-9]*: *\([^ ]*\) .*\*\*\*Skipped.*/\1/p' "$log" |
    awk '
      NR == FNR { reason[$1] = "no reason given"; next }
      /^[0-9]+\/[0-9]+ Testing: / { test = $3; next }
      test in reason && sub(/^.*skipped: /, "") { reason[test] = $0 }
      END {
        for (test in reason) {
          group = test
          sub(/[.].*/, "", group)
          ++count[group, reason[test]]
        }
        for (key in count) {
          split(key, part, SUBSEP)
          printf "%s (%d): %s\n", part[1], count[key], part[2]
        }
      }' - "$tests" | sort
}

# step NAME COMMAND...: runs it and remembers how it went; the other checks still run after a failure.
# A check counts as one, a ctest run as its tests.
passed=0
failed=0
skipped=0
failures=()
reasons=()
step() {
  local name=$1 start=$SECONDS status=0 total bad left_out
  shift
  say "$name"
  "$@" 2>&1 | tee "$log" || status=$?
  total=$(sed -n 's/^.* tests passed, [0-9]* tests failed out of \([0-9]*\).*/\1/p' "$log")
  bad=$(sed -n 's/^.* tests passed, \([0-9]*\) tests failed out of.*/\1/p' "$log")
  # ctest counts what was skipped as passed.
  left_out=$(grep -c '\*\*\*Skipped' "$log" || true)
  skipped=$((skipped + left_out))
  if [ "$left_out" -gt 0 ]; then reasons+=("$(why_skipped)"); fi
  if [ -n "$total" ]; then
    passed=$((passed + total - bad - left_out)) failed=$((failed + bad))
  elif [ "$status" -eq 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  if [ "$status" -eq 0 ]; then
    printf '==> %s: passed (%d s)\n' "$name" $((SECONDS - start))
  else
    failures+=("$name")
    printf '==> %s: FAILED (%d s)\n' "$name" $((SECONDS - start))
  fi
}

built() { cmake --preset "$1" --log-level=WARNING >/dev/null && cmake --build --preset "$1" -- --quiet; }
# The sanitizers see the unit tests; what a unit test starts is built too.
sanitized() { built "$1" && ctest --preset "$1"; }

# A few seconds for each of what is quickly built; the kept corpora of all run with the unit tests.
fuzzed() {
  command -v clang++ >/dev/null || {
    printf '***Skipped: there is no clang++ to build the fuzzers with\n'
    return 0
  }
  cmake --preset fuzz --log-level=WARNING >/dev/null &&
    cmake --build --preset fuzz --target light_fuzzers -- --quiet &&
    tests/fuzz/run.sh build/fuzz/fuzz "${WFC_FUZZ_SECONDS:-5}" verify plan slots log journal nsx
}

check_format() {
  git ls-files -z -- '*.cpp' '*.hpp' '*.h' | xargs -0 clang-format --dry-run --Werror
}

# What it misreads: the catch clauses of one try as a sequence, vectors of the compiler's extension,
# and a loop that runs at least once.
check_cppcheck() {
  cppcheck --std=c++20 --enable=warning,portability --inline-suppr --error-exitcode=1 --quiet -j2 \
    --suppress=missingIncludeSystem --suppress=accessMoved \
    --suppress=constStatement:runtime/kernels/signal/cascade.cpp \
    --suppress=invalidFunctionArg:runtime/kernels/signal/band_pass.cpp -I . compiler runtime
}

check_shell() {
  local scripts=() file
  while IFS= read -r -d '' file; do
    case "$(head -c 64 "$file" | tr -d '\0' | head -n 1)" in
      '#!'*bash* | '#!'*/sh*) scripts+=("$file") ;;
    esac
  done < <(git ls-files -z -- ':!tests/golden' ':!tests/fuzz' ':!templates')
  printf 'shellcheck of %d scripts\n' "${#scripts[@]}"
  # SC2119, SC2120: a function of lib.sh that is called without its optional arguments.
  shellcheck -x -P SCRIPTDIR -e SC2119,SC2120 "${scripts[@]}"
}

tests() {
  install_missing "${BUILD_PACKAGES[@]}" "${DEMO_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  say "building (preset dev, warnings are errors)"
  built dev || die "the build failed"
  step "shell scripts" check_shell
  step "formatting" check_format
  step "cppcheck" check_cppcheck
  step "tests" ctest --preset dev
  step "address and undefined-behaviour sanitizers" sanitized asan
  step "thread sanitizer" sanitized tsan
  step "fuzzing" fuzzed
  if [ -n "${WFC_TIDY:-}" ]; then step "clang-tidy" built tidy; fi
  if [ "${#failures[@]}" -gt 0 ]; then
    printf '\nfailed: %s' "${failures[@]}"
    printf '\n'
  fi
  if [ "${#reasons[@]}" -gt 0 ]; then
    printf '\nskipped:\n'
    printf '%s\n' "${reasons[@]}" | sed 's/^/  /'
  fi
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "${#failures[@]}" -eq 0 ]
}

case "${1:-}" in
  deps) install_missing "${BUILD_PACKAGES[@]}" "${DEMO_PACKAGES[@]}" "${TEST_PACKAGES[@]}" ;;
  demo) demo ;;
  install) install "${@:2}" ;;
  test) tests ;;
  -h | --help | help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
