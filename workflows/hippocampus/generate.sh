#!/bin/bash
# Makes a small day of recordings that looks like the laboratory's: two sessions, an eye session, 4 connectors.
#   ./generate.sh [--channels 16] [--seconds 20] [--out data] [--wfr FILE]
set -euo pipefail

channels=16 seconds=20 out=data wfr=wfr
while [ $# -gt 0 ]; do
  case "$1" in
    --channels) channels=$2 ;;
    --seconds) seconds=$2 ;;
    --out) out=$2 ;;
    --wfr) wfr=$2 ;;
    *)
      sed -n '2,3s/^# *//p' "$0" >&2
      exit 2
      ;;
  esac
  shift 2
done
here=$(cd "$(dirname "$0")" && pwd)
day=$out/20181105

# The eye session is short: it holds a calibration, no task.
seed=1
for session in session01:"$seconds" session02:"$seconds" sessioneye:2; do
  directory=$day/${session%%:*}
  mkdir -p "$directory"
  "$wfr" kernel nsx.synthesize --output "$directory/181105.ns5" --param channels="$channels" \
    --param connectors=4 --param seconds="${session##*:}" --param seed="$seed"
  seed=$((seed + 1))
done
/usr/bin/python3 "$here/scripts/make_behaviour.py" "$day" --seconds "$seconds"
printf '%s: 3 recordings of %s channels, 2 x %s s\n' "$day" "$channels" "$seconds"
