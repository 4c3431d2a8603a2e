#!/bin/bash
# The hippocampus workflow on a small day: what it makes, that it makes it once, and the same bytes each time.
# hippocampus.sh BIN SOURCE_DIR
set -euo pipefail
PATH=$(cd "$1" && pwd):$PATH
source_dir=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  printf 'hippocampus.sh: %s\n' "$*" >&2
  exit 1
}

cp -r "$source_dir/workflows/hippocampus/." "$work"
rm -rf "$work/data" "$work/out"
cd "$work"
./generate.sh --channels 8 --seconds 12 >/dev/null
cp -r data again

wfc run workflow.toml -j 2 >first.log 2>&1 || {
  cat first.log
  fail "the first run"
}
day=data/20181105
count() { find "$day" -name "$1" -type f -not -path '*/snapshot/*' | wc -l; }
# 3 sessions x 8 channels are split; the eye session is not sorted.
for expected in raw.h5:24 lowpass.h5:24 spectrum.h5:24 highpass.h5:24 firings.csv:16 waveform.csv:16 \
  units.csv:8 trials.csv:2 gaze.csv:2 view.csv:2 session.csv:2 day.svg:1 day.csv:1; do
  [ "$(count "${expected%:*}")" -eq "${expected#*:}" ] ||
    fail "${expected%:*}: $(count "${expected%:*}") files, not ${expected#*:}"
done
[ -e "$day/notification.txt" ] || fail "no notification"
cmp -s "$day/day.svg" "$day/snapshot/day.svg" || fail "the snapshot"
left=$(find "$day" -name '.wfr*' ! -name .wfr.claims)
[ -z "$left" ] || fail "temporary files are left: $left"

# The sorter finds what the generator put in: 5 spikes a second on every channel, give or take.
/usr/bin/python3 - "$day/day.csv" <<'PYTHON' || fail "the numbers of the day"
import csv, sys
days = list(csv.DictReader(open(sys.argv[1])))
assert [day["session"] for day in days] == ["session01", "session02"], days
for day in days:
    assert day["arrays"] == "4" and day["channels"] == "8", day
    assert 3.0 < float(day["mean_rate_hz"]) < 7.0, day
    assert int(day["trials"]) >= 2, day
PYTHON
/usr/bin/python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' "$day/day.svg" ||
  fail "the picture is not well-formed"

# Nothing is run twice; what is taken away is made again, and only what depends on it.
stamps() { find "$day" -name '*.h5' -o -name '*.csv' -o -name day.svg | sort | xargs stat -c '%n %y'; }
stamps >before
wfc run workflow.toml -j 2 >second.log 2>&1 || fail "the second run"
stamps >after
cmp -s before after || fail "the second run did work: $(diff before after | head -3)"
rm "$(find "$day/session02" -name firings.csv | sort | head -1)"
wfc run workflow.toml -j 2 >third.log 2>&1 || fail "the third run"
stamps >after
{ diff before after || [ $? -eq 1 ]; } | sed -n 's/^> \([^ ]*\) .*/\1/p' >changed
[ "$(grep -c firings.csv changed)" -eq 1 ] || fail "made again: $(cat changed)"
grep -q 'session01' changed && fail "session01 was run again: $(cat changed)"
grep -q 'h5$' changed && fail "a recording was made again: $(cat changed)"

# From the beginning, in another order of tasks: the same bytes.
find "$day" -type f -not -path '*/snapshot/*' -exec sha256sum {} + | sort -k2 >first.sums
rm -rf data out && mv again data
wfc run workflow.toml -j 1 >fourth.log 2>&1 || fail "the run with one task at a time"
find "$day" -type f -not -path '*/snapshot/*' -exec sha256sum {} + | sort -k2 >second.sums
diff first.sums second.sums || fail "two runs gave different bytes"

# Without sorting, what needs it goes too, and the rest still runs. Nobody knows any more who made the files.
rm -rf out
wfc run workflow.toml -j 2 --set sort=false --replace >unsorted.log 2>&1 || {
  cat unsorted.log
  fail "--set sort=false"
}
echo "$(wc -l <first.sums) files, twice the same"
