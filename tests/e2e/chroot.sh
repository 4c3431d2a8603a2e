#!/bin/bash
# What `wfc compile` has put into the out directory runs on a node with nothing installed: a chroot with bash,
# glibc and coreutils alone. chroot.sh BIN_DIR
set -euo pipefail
bin=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  printf 'chroot.sh: %s\n' "$*" >&2
  exit 1
}
# The node has /proc and /dev, as every Linux has: the loader finds $ORIGIN by the first.
unshared=(unshare --mount)
[ "$(id -u)" -eq 0 ] || unshared+=(--user --map-root-user)
"${unshared[@]}" mount --rbind /proc /proc 2>/dev/null || {
  echo "chroot.sh: skipped: no mount namespaces here"
  exit 77
}
# enter DIRECTORY COMMAND...
enter() {
  # shellcheck disable=SC2016 # for the inner shell
  "${unshared[@]}" bash -c 'root=$1 && shift && mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" && exec chroot "$root" "$@"' enter "$@"
}

# A bare node: the programs that the workflow's own command uses, and the libraries of the C library.
node=$work/node
mkdir -p "$node/usr/bin" "$node/tmp" "$node/proc" "$node/dev" "$node/data"
ln -s usr/bin "$node/bin"
for program in bash cp mkdir cat head; do
  path=$(readlink -f "$(command -v "$program")")
  cp "$path" "$node/usr/bin/$program"
  ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$node$(dirname "$library")"
    cp -nL "$library" "$node$library"
  done
done
for library in libm.so.6 libpthread.so.0 libdl.so.2 librt.so.1; do
  found=$(ldconfig -p | sed -n "s|.*$library (libc6,x86-64.*=> ||p" | head -1)
  [ -z "$found" ] || cp -nL "$found" "$node$(dirname "$(ldd /bin/bash | grep -o '/[^ ]*libc.so[^ ]*')")/"
done
[ -z "$(find "$node" -name 'libhdf5*' -o -name 'libstdc++*' -o -name 'libxxhash*')" ] ||
  fail "the node is not bare"

# A workflow with a kernel on HDF5 and FFTW, and a command.
cd "$node/data"
mkdir day
"$bin/wfr" kernel nsx.synthesize --param channels=2 --param connectors=1 --param seconds=1 --output day/raw.ns5
cat >workflow.toml <<'TOML'
[workflow]
name = "bare"
root = "day"

[[level]]
name    = "array"
match   = "array*"
made_by = "split"
[[level]]
name    = "channel"
match   = "channel*"
made_by = "split"

[defaults]
time = "10m"
mem  = "500M"

[[step]]
name    = "split"
kernel  = "nsx.split"
inputs  = ["*.ns5"]
outputs = ["{array}/{channel}/raw.h5"]

[[step]]
name    = "spectrum"
each    = "channel"
kernel  = "signal.spectrum"
needs   = ["split"]
outputs = ["spectrum.h5"]

[[step]]
name    = "copy"
each    = "channel"
needs   = ["spectrum"]
run     = "cp {needs.spectrum} {outputs}"
outputs = ["copy.h5"]

[site.bare]
partition = "any"
TOML
"$bin/wfc" compile workflow.toml --site bare --out out

# Whatever the programs load comes from the out directory or is glibc's.
hash=$(basename out/plan/*)
run() { enter "$node" /usr/bin/bash -c 'cd /data/out && exec "$@"' run "$@"; }
run bin/wfr --version >/dev/null || fail "bin/wfr does not start"
run bin/wfc --version >/dev/null || fail "bin/wfc does not start"
for script in out/jobs/*.sbatch; do
  array=$(basename "$script" .sbatch)
  case $script in *verdict*) continue ;; esac
  last=0
  sed -n 's/^#SBATCH --array=0-\([0-9]*\).*/\1/p' "$script" | grep -q . &&
    last=$(sed -n 's/^#SBATCH --array=0-\([0-9]*\).*/\1/p' "$script")
  for ((index = 0; index <= last; ++index)); do
    run bin/wfr job --plan "$hash" --array "$array" --index "$index" || fail "$array $index"
  done
done
run bin/wfr verdict --plan "$hash" || fail "the verdict"
[ "$(find day -name copy.h5 | wc -l)" -eq 2 ] || fail "copy.h5 is not there for both channels"
cmp "$(find day -name copy.h5 | head -1)" "$(find day -name spectrum.h5 | head -1)" >/dev/null ||
  [ "$(find day -name spectrum.h5 | wc -l)" -eq 2 ] || fail "the spectra"

# A second compile finds everything in place and copies nothing.
stamp() { stat -c '%n %i %y' out/bin/* out/lib/*; }
before=$(stamp)
"$bin/wfc" compile workflow.toml --site bare --out out >/dev/null
[ "$before" = "$(stamp)" ] || fail "a second compile has copied again"
# The copied wfc compiles as well: late stages do it on a node.
out/bin/wfc compile workflow.toml --site bare --out out >/dev/null || fail "the copied wfc"
[ "$before" = "$(stamp)" ] || fail "the copied wfc has copied again"
du -shL out/bin out/lib
