#!/bin/bash
# `wfr kernel`: lists, describes, runs, refuses; nothing half-written is left. kernel_by_hand.sh BIN_DIR
set -euo pipefail
bin=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() {
  printf 'kernel_by_hand.sh: %s\n' "$*" >&2
  exit 1
}
# Status and words of a command that must fail: refused STATUS WORD...
refused() {
  local expected=$1 status=0
  shift
  "$bin/wfr" kernel "$@" >printed 2>&1 || status=$?
  [ "$status" -eq "$expected" ] || fail "kernel $*: exit status $status, not $expected: $(cat printed)"
}
says() { grep -qF -- "$1" printed || fail "\`$1\` is not in: $(cat printed)"; }

# Listing and describing.
"$bin/wfr" kernel >list
for kernel in nsx.split signal.highpass signal.lowpass signal.spectrum; do
  grep -q "^$kernel  *[a-z]" list || fail "$kernel is not listed: $(cat list)"
done
"$bin/wfr" kernel signal.highpass --help >help
grep -q 'param order=4  (integer)' help || fail "the help of signal.highpass: $(cat help)"

# Running: a recording, its channels by the names in its header, a filter on one of them.
"$bin/wfr" kernel nsx.synthesize --param channels=3 --param connectors=2 --param=seconds=0.5 --output day/raw.ns5
[ "$(head -c 8 day/raw.ns5)" = NEURALCD ] || fail "no recording"
"$bin/wfr" kernel nsx.split --input day/raw.ns5 --output 'day/{array}/{channel}/raw.h5'
[ "$(find day -name raw.h5 | wc -l)" -eq 3 ] || fail "not three channels: $(find day)"
channel=$(find day -name raw.h5 | sort | head -1)
"$bin/wfr" kernel signal.lowpass --param rate=1000 --param band=1,150 --input "$channel" --output day/lfp.h5
[ -s day/lfp.h5 ] || fail "no lfp.h5"
mv day/lfp.h5 first.h5
"$bin/wfr" kernel signal.lowpass --param rate=1000 --param 'band=[1, 150]' --input "$channel" --output day/lfp.h5
cmp first.h5 day/lfp.h5 || fail "the same command made other bytes"

# Refusing: a reason, a status, and no file.
refused 2 signal.nothing
says 'signal.nothing'
refused 2 signal.lowpass --output x.h5
says 'takes 1 input, 0 given'
refused 2 signal.lowpass --inputt a
says 'unknown option'
refused 2 signal.lowpass --input
says 'needs a value'
refused 1 signal.lowpass --param rate=fast --param order=99 --input "$channel" --output x.h5
says 'rate'
says 'order'
refused 1 signal.lowpass --input nowhere.h5 --output new/x.h5
says 'nowhere.h5'
refused 1 signal.lowpass --input day/raw.ns5 --output x.h5
refused 1 nsx.split --input day/raw.ns5 --output 'day/{array}.h5'
says '{array}{channel}'
refused 1 nsx.split --input "$channel" --output 'day/{array}/{channel}.h5'
[ ! -e x.h5 ] || fail "a file was made by a kernel that failed"
[ -z "$(find . -name '.wfr*')" ] || fail "temporaries are left: $(find . -name '.wfr*')"

# A file that is there stays as it was when the kernel fails.
echo precious >kept.h5
refused 1 signal.lowpass --input nowhere.h5 --output kept.h5
[ "$(cat kept.h5)" = precious ] || fail "an output was damaged by a failure"

# An interrupted kernel leaves nothing.
"$bin/wfr" kernel nsx.synthesize --param channels=64 --param seconds=300 --output long.ns5 &
pid=$!
sleep 0.3
kill -INT "$pid" || fail "the kernel ended before it could be interrupted"
wait "$pid" && fail "an interrupted kernel ended well"
[ ! -e long.ns5 ] || fail "an interrupted kernel has made its file"
[ -z "$(find . -name '.wfr*')" ] || fail "an interrupted kernel has left temporaries"
