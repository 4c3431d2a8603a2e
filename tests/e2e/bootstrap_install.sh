#!/bin/bash
# `./bootstrap.sh install`: what the build has made goes to the prefix, and what it says about the PATH is true and can
# be typed. The build itself is not made again: a cmake in front of the real one installs from BUILD_DIR.
# bootstrap_install.sh SOURCE_DIR BUILD_DIR
set -euo pipefail
source_dir=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  printf 'bootstrap_install.sh: %s\n' "$*" >&2
  cat "$work/log" >&2
  exit 1
}

mkdir "$work/stubs" "$work/home" "$work/some where"
cmake=$(command -v cmake)
cat >"$work/stubs/cmake" <<STUB
#!/bin/bash
echo "cmake \$*" >>"$work/calls"
[ "\$1" != --install ] || exec "$cmake" --install "$build" "\${@:3}"
STUB
printf '#!/bin/bash\nprintf installed\n' >"$work/stubs/dpkg-query"
chmod +x "$work/stubs/cmake" "$work/stubs/dpkg-query"
cd "$work/some where"
# install PATH [ARGUMENT]...
install() {
  : >"$work/calls"
  env -i HOME="$work/home" PATH="$1" "$source_dir/bootstrap.sh" install "${@:2}" >"$work/log" 2>&1 || fail "it failed: $*"
}

# The default, which is not on the PATH. The lines that it shows put it there, for this shell and for later ones.
install "$work/stubs:/usr/bin:/bin"
diff - "$work/calls" <<CALLS || fail "other calls of cmake"
cmake --preset release --log-level=WARNING
cmake --build --preset release
cmake --install build/release --prefix $work/home/.local
CALLS
grep -q 'It is not on your PATH' "$work/log" || fail "it does not say that wfc is not on the PATH"
sed -n 's/^  //p' "$work/log" >"$work/lines"
[ "$(wc -l <"$work/lines")" = 2 ] || fail "it shows no two lines"
env -i HOME="$work/home" PATH=/usr/bin:/bin bash -ec "$(cat "$work/lines"); wfc --version" >/dev/null || fail "its lines do not work"
env -i HOME="$work/home" PATH=/usr/bin:/bin bash -ec '. ~/.bashrc; wfc --version' >/dev/null || fail "its line for later shells"
# All of it, not the programs alone.
for file in bin/wfr share/man/man1/wfc.1 share/bash-completion/completions/wfc; do
  [ -s "$work/home/.local/$file" ] || fail "no $file"
done

# On the PATH already: the command of the README works.
install "$work/home/.local/bin:$work/stubs:/usr/bin:/bin"
grep -q 'It is on your PATH' "$work/log" || fail "it does not say that wfc is on the PATH"
printf '[workflow]\nname = "r"\nroot = "."\n[[step]]\nname = "one"\nrun = "echo > {outputs}"\noutputs = ["one.txt"]\n' >workflow.toml
env -i HOME="$work/home" PATH="$work/home/.local/bin:/usr/bin:/bin" wfc run workflow.toml >"$work/log" 2>&1 || fail "wfc run"

# A prefix is relative to where the user stands. Another wfc may come first.
install "$work/home/.local/bin:$work/some where/pre fix/bin:$work/stubs:/usr/bin:/bin" --prefix "pre fix"
[ -x "pre fix/bin/wfc" ] || fail "no pre fix/bin/wfc"
grep -q "But $work/home/.local/bin/wfc comes before it" "$work/log" || fail "it does not say what comes before"
if env -i HOME="$work/home" PATH=/usr/bin:/bin "$source_dir/bootstrap.sh" install --perfix x >"$work/log" 2>&1; then
  fail "it takes an unknown argument"
fi
