#!/bin/bash
# Modules, conda, setup and login files of a job: in their order, wherever they go; one that fails is recorded for every
# task that the job would have run, said once, and its log is named. Seen to fail: "not run", with no log.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster --nodes 2
wfc() { (cd "$work" && "$bin/wfc" "$@") 2>&1; }
# The login files of whoever submits, on the nodes too: with `export = "ALL"`.
export HOME=$work/home
mkdir -p "$work"/data/{a,b,c} "$HOME"
login_file() { # LAST-LINES
  cat >"$HOME/.bash_profile" <<'PROFILE'
module() {
  case $1:$2 in
    use:*) export MODULES=$2 ;;
    load:good) export FROM=module MODULE=$MODULES/good ;;
    *) echo "ERROR: Unable to locate a modulefile for '$2'" >&2; return 1 ;;
  esac
}
PROFILE
  printf '%s\n' "$@" >>"$HOME/.bash_profile"
}
workflow() { # KEYS
  {
    printf '[workflow]\nname = "small"\nroot = "data"\nsite = "test"\n'
    printf '[[level]]\nname = "s"\nmatch = "*"\n[defaults]\ntime = "10m"\nmem = "100M"\n'
    # shellcheck disable=SC2016 # for the step
    printf '[[step]]\nname = "one"\neach = "s"\noutputs = ["one.txt"]\nrun = "echo $FROM $SETUP >{outputs}"\n%s\n' "$1"
    printf '[[step]]\nname = "all"\nneeds = ["one"]\noutputs = ["all.txt"]\nrun = "cat {needs.one} >{outputs}"\n'
    printf '[site.test]\nexport = "ALL"\n'
  } >"$work/workflow.toml"
}
# Compiles, submits and waits; what `wfc status` says then.
try() { # KEYS
  workflow "$1"
  compile
  holds "submitted" submit
  drain 60
  answer=$(wfc status)
}
recorded() { # REASON SAID
  contains "said once, for all tasks" "$answer" "failed: 3 tasks of \`one\`: the environment could not be prepared: $1"
  equal "and nowhere else" 1 "$(grep -c '^failed: ' <<<"$answer")"
  contains "with the end of the log" "$answer" "$2"
  contains "and the log's name" "$answer" "log: out/logs/01-one."
  equal "three have failed, none is forgotten" "0 3 0 0" "$(counts one)"
  local why
  why=$(wfc why workflow.toml one:b)
  contains "why: its class" "$why" "recorded: failed (preparation)"
  contains "why: the reason" "$why" "$1"
  contains "why: the log" "$why" "log: out/logs/01-one."
  contains "why: its end" "$why" "$2"
}

echo "== a login file that puts another program in the shell's place: nothing can be recorded, but Slurm tells"
login_file "exec sh -c 'echo woe; exit 5'"
try 'modules = ["good"]'
contains "what Slurm knows" "$answer" "(01-one) failed before they started a task: FAILED, ExitCode 5:0"
contains "the end of the log" "$answer" "    | woe"
contains "the log" "$answer" "    log: out/logs/01-one."

echo "== a module that is not there, after a login file that goes elsewhere and leaves -eu on"
login_file 'cd /' 'set -eu'
try 'modules = ["/mods", "good", "nope"]'
recorded "\`module load nope\` failed (exit status 1)" "Unable to locate a modulefile for 'nope'"
equal "what needs them is blocked" "0 0 1 0" "$(counts all)"

echo "== mended: the order, and the directory"
try $'modules = ["/mods", "good"]\nsetup = "export SETUP=$MODULE/setup FROM=setup; cd /"\nenv = { FROM = "env" }'
equal "modules, setup, env" "env /mods/good/setup" "$(cat "$work/data/b/one.txt")"
equal "all done" "1 0 0 0" "$(counts all)"

echo "== a job of several tasks: one line in its log"
login_file
try $'modules = ["nope"]\npack = 3'
recorded "\`module load nope\` failed (exit status 1)" "Unable to locate a modulefile for 'nope'"
equal "one line in the log" 1 "$(find "$work/out/logs" -name '01-one.*' -newer "$work/submit.out" -exec cat {} + | grep -c 'could not be prepared: .module load nope.')"

echo "== conda"
try 'conda = "lab"'
recorded "\`conda activate lab\` failed (exit status 127)" "conda: command not found"

echo "== a login file that ends the shell"
login_file 'echo alas' 'exit 3'
try 'modules = ["good"]'
recorded "\`$HOME/.bash_profile\` ended the shell (exit status 3)" "alas"
