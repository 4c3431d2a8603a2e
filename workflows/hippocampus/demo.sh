#!/bin/bash
# Runs the whole workflow on a small generated day and shows what it made. demo.sh [BIN]: where wfc and wfr are
set -euo pipefail
if [ $# -gt 0 ]; then
  PATH=$(cd "$1" && pwd):$PATH
  where=" PATH=$(cd "$1" && pwd):\$PATH"
fi
cd "$(dirname "$0")"
day=data/20181105
say() { printf '\n==> %s\n' "$*"; }

if [ ! -e "$day/sessioneye/eye.csv" ]; then
  say "making a small day of recordings in workflows/hippocampus/$day"
  ./generate.sh
fi

say "wfc run workflow.toml -j $(nproc)"
started=$SECONDS
wfc run workflow.toml -j "$(nproc)"

# made LABEL NAME: one line of the table, for all files of that name.
made() {
  find "$day" -name "$2" -type f -not -path '*/snapshot/*' -printf '%s\n' |
    awk -v label="$1" -v name="$2" \
      '{ bytes += $1 } END { printf "  %-28s %-14s %4d files %9.1f kB\n", label, name, NR, bytes / 1e3 }'
}
say "made in $((SECONDS - started)) s, in workflows/hippocampus/$day"
made "one channel, as recorded" raw.h5
made "field potentials" lowpass.h5
made "their spectra" spectrum.h5
made "the band of the spikes" highpass.h5
made "spikes found" firings.csv
made "trials" trials.csv
made "gaze, on the right clock" gaze.csv
made "walls looked at" view.csv
made "a summary of each session" session.csv
echo
cut -d, -f1-7 "$day/day.csv" | column -s, -t | sed 's/^/  /'
say "the picture: $PWD/$day/day.svg"
cat <<NEXT

==> next
  cd workflows/hippocampus${where:+ && export$where}
  wfc run workflow.toml                              nothing is run twice
  rm $day/session02/array03/channel009/firings.csv && wfc run workflow.toml
                                                     just what is missing, and what depends on it
  wfc graph workflow.toml --format svg > graph.svg   the steps
  wfc compile workflow.toml --site aws               the same as Slurm scripts: read out/jobs/
NEXT
