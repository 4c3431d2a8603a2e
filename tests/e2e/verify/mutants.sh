#!/bin/bash
# Compiles real workflows, breaks what was emitted in every known way, and counts what `wfc verify` misses.
# mutants.sh BIN VERIFY_MUTANTS SOURCE_DIR
set -euo pipefail
bin=$(cd "$1" && pwd)
mutants=$(realpath "$2")
source_dir=$(cd "$3" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home
unset XDG_CONFIG_HOME

compile() { # NAME SITE: in its folder
  "$bin/wfc" compile workflow.toml --site "$2" >compile.log 2>&1 || { cat compile.log; exit 1; }
  rm -rf out/bin/wf? out/lib
  mv out "$work/$1"
}

# Every kind of dependency, chunks, a limit, gaps and lists, with few enough tasks to execute often.
mkdir -p "$work/small.d/data"/s{1..3}/c{1..5} "$work/small.d/data/s4"
cd "$work/small.d"
cat >workflow.toml <<'TOML'
[workflow]
name = "small"
root = "data"
[[level]]
name  = "session"
match = "s*"
[[level]]
name  = "channel"
match = "c*"
[[step]]
name    = "calibrate"
run     = "calibrate {outputs}"
outputs = ["calibration"]
[[step]]
name    = "split"
each    = "session"
needs   = ["calibrate"]
run     = "split {outputs}"
outputs = ["split"]
[[step]]
name    = "filter"
each    = "channel"
needs   = ["split"]
run     = "filter {outputs}"
outputs = ["filtered"]
[[step]]
name    = "sort"
each    = "channel"
needs   = ["filter"]
run     = "sort-spikes {outputs}"
outputs = ["sorted"]
limit   = 2
[[step]]
name    = "inspect"
each    = "channel"
where   = { channel = "/.*[124]/" }
needs   = ["sort", "filter"]
run     = "inspect {outputs}"
outputs = ["report"]
[[step]]
name    = "gather"
each    = "session"
needs   = ["sort"]
run     = "gather {outputs}"
outputs = ["gathered"]
allow_empty = true
[[step]]
name    = "trials"
each    = "session"
run     = "trials {outputs}"
outputs = ["trials"]
[[step]]
name    = "join"
each    = "session"
needs   = ["gather", "trials", "split"]
run     = "join {outputs}"
outputs = ["joined"]
[[step]]
name    = "day"
needs   = ["join", "inspect"]
run     = "day {outputs}"
outputs = ["day"]
[[step]]
name = "mourn"
on   = "failure"
run  = "mourn"
[[step]]
name = "snapshot"
on   = "success"
run  = "snapshot"
[[step]]
name = "notify"
on   = "always"
run  = "notify"
[site.test.limits]
max_array_size = 7
TOML
compile small test

# What the golden tests emit.
for case_dir in "$source_dir"/tests/golden/emit/*/; do
  name=$(basename "$case_dir")
  mkdir "$work/$name.d"
  cp -R "$case_dir/." "$work/$name.d"
  cd "$work/$name.d"
  bash -euo pipefail "$case_dir/setup.sh"
  compile "$name" test
done

# The example.
cp -R "$source_dir/workflows/hippocampus" "$work/hippocampus.d"
cd "$work/hippocampus.d"
rm -rf data out
./generate.sh --channels 8 --seconds 12 --wfr "$bin/wfr" >/dev/null
compile hippocampus hpc2n

cd "$work"
outs=()
for place in *; do
  if [[ -e $place/submit.sh ]]; then outs+=("$place"); fi
done
"$mutants" "${outs[@]}"
