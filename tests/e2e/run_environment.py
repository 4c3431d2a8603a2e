#!/usr/bin/python3
"""What commands run in, by `wfc run` and by a job's script: the order of modules, conda, setup and env; what
happens when one of them fails; a TMPDIR that cannot be used."""
import re

from run_common import WFC, Workspace, main, os, subprocess

HEAD = """
[workflow]
name = "environment"
root = "data"
[[level]]
name = "s"
match = "s*"
"""

STEP = """
[[step]]
name = "one"
each = "s"
outputs = ["one.txt"]
"""

# As on a cluster: a login file defines `module`, `conda` is a program.
PROFILE = """
module() {
  case $1:$2 in
    use:*) export MODULES=$2 ;;
    load:good) export FROM=module MODULE=$MODULES/good SETUP=module CONDA=module ;;
    *) echo "ERROR: Unable to locate a modulefile for '$2'" >&2; return 1 ;;
  esac
}
export -f module
PATH=${HOME%/home}/bin:$PATH
cd /
set -eu
"""

CONDA = """#!/bin/bash
[ "$*" = "shell.bash hook" ] || exit 1
cat <<'HOOK'
conda() { [ "$*" = "activate lab" ] || { echo "no environment $2" >&2; return 1; }
  export FROM=conda CONDA=$MODULE/lab SETUP=conda; }
HOOK
"""


class Cluster(Workspace):
    """A workspace with a home directory of its own."""

    def __init__(self, keys, run="echo $FROM $CONDA $SETUP > {outputs}", names=("s1", "s2", "s3")):
        super().__init__(HEAD + STEP + f"run = '''{run}'''\n" + keys + "\n[site.cluster]\npartition = \"main\"\n")
        for name in names:
            self.write(f"data/{name}/in.txt", name)
        self.write("home/.bash_profile", PROFILE)
        self.write("bin/conda", CONDA)
        os.chmod(self.path("bin/conda"), 0o755)
        self.variables = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM_", "SRUN_"))}
        self.variables.update(HOME=os.path.join(self.dir, "home"), PATH=f"{self.dir}/bin:{os.environ['PATH']}")

    def execute(self, *words, expect=0, **more):
        done = subprocess.run(words, cwd=more.pop("cwd", self.dir), capture_output=True, timeout=60,
                              env={**self.variables, **more})
        text = done.stdout.decode() + done.stderr.decode()
        assert done.returncode == expect, f"exit status {done.returncode}, not {expect}:\n{text}"
        return text

    def locally(self, expect=0, **more):
        """By `wfc run`, from a shell that has read its login files."""
        return self.execute("bash", "-c", '. "$HOME/.bash_profile"; set +eu; cd -- "$1"; "$2" run workflow.toml',
                            "-", self.dir, WFC, expect=expect, **more)

    def by_script(self, expect=0, **more):
        """The scripts of the jobs, as Slurm starts them; what the last one said."""
        self.execute(WFC, "compile", "workflow.toml", "--site", "cluster")
        script = "jobs/01-one.sbatch"
        text = ""
        for index in range(3):
            text = self.execute("bash", script, cwd=self.path("out"), expect=expect, SLURM_JOB_ID=str(index + 7),
                                SLURM_ARRAY_JOB_ID="7", SLURM_ARRAY_TASK_ID=str(index), **more)
        return text

    def status(self):
        return self.execute(WFC, "status", "workflow.toml")


def both(keys, check, **more):
    for way in (Cluster.locally, Cluster.by_script):
        with Cluster(keys, **more) as space:
            check(space, lambda expect=0: way(space, expect=expect), way)


def the_order_is_the_same_everywhere():
    def check(space, run, way=None):
        run()
        assert space.read("data/s2/one.txt") == b"env /mods/good/lab /mods/good/lab/setup\n", space.read("data/s2/one.txt")
    # Without -e and -u: neither `false` nor a variable that is not set ends the preparation.
    both("""modules = ["/mods", "good"]
conda = "lab"
setup = '''
false
export SETUP=$CONDA/setup FROM=$NEVER_SET
set -eu
cd /
set -- other words
'''
env = { FROM = "env" }
""", check)


def the_command_runs_in_strict_mode():
    def check(space, run, way=None):
        run(expect=1)
        assert not space.exists("data/s1/one.txt")
    both("setup = \"true\"\n", check, run="false | true; echo x > {outputs}")
    both("setup = \"set +u\"\n", check, run="echo $NEVER_SET > {outputs}")


def what_setup_sets_for_its_shell_holds_for_the_command():
    """Seen to fail: `wfc run` took over the variables alone."""
    def check(space, run, way=None):
        run()
        told = space.read("data/s2/one.txt").decode().split()
        assert told == ["0027", "77", "99", "0", "0"], told
    both("setup = 'umask 027; ulimit -Sn 77; ulimit -Hn 99; ulimit -c 0'\n", check,
         run="{ umask; ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hc; } > {outputs}")
    with Cluster("setup = 'export X=1'\n", "{ umask; ulimit -a; } > {outputs}") as space:
        space.locally()
        told = space.read("data/s2/one.txt")
        assert told == space.execute("bash", "-c", "umask; ulimit -a").encode(), told


def a_failing_part_is_said_once_and_recorded():
    for keys, reason, said in (
            ('modules = ["good", "nope"]', "`module load nope` failed (exit status 1)", "Unable to locate a modulefile for 'nope'"),
            ('conda = "other"', "`conda activate other` failed (exit status 1)", "no environment other"),
            ('setup = "echo alas; exit 0"', "`setup` ended the shell (exit status 0)", "alas"),
            ('setup = "echo alas; set -u; X=$NEVER_SET"', "`setup` ended the shell (exit status 1", "alas"),
            ('setup = "echo alas; ls /nowhere/at/all 2>&1"', "`setup` failed (exit status 2)", "/nowhere/at/all")):
        def check(space, run, way=None):
            text = run(expect=1)
            line = f"the environment could not be prepared: {reason}"
            if way is Cluster.by_script:
                assert text.count(line) == 1, text
            else:
                assert text.count(line) == 1 and re.search("failed: 3 tasks of `one`, as one:s[123] above", text), text
            assert said in text, text
            status = space.status()
            assert f"failed: 3 tasks of `one`: {line}" in status, status
            why = space.execute(WFC, "why", "workflow.toml", "one:s2")
            assert "recorded: failed (preparation)" in why and line in why, why
            # The log of a script that Slurm has not started is not below logs/.
            assert said in why or way is Cluster.by_script, why
        both(keys, check)


def a_text_that_bash_cannot_read_is_an_error_before_anything_runs():
    """Seen to fail: the compiler looked at no text of bash."""
    with Cluster("", "touch ran") as space:
        space.write("env.sh", "touch ran-too\n")
        head = space.read("workflow.toml").decode()
        def told(run, expect, setup="true"):
            space.write("workflow.toml", head.replace("run = '''touch ran'''", f"setup = '''{setup}'''\nrun = '''{run}'''"))
            text = space.execute(WFC, "check", "workflow.toml", expect=expect, BASH_ENV=space.dir + "/env.sh")
            assert sorted(os.listdir(space.dir)) == ["bin", "data", "env.sh", "home", "workflow.toml"], (run, text)
            return text
        for run in ("touch ran", "$(touch ran)", "echo `touch ran`", "set +n\ntouch ran", "shopt -s extglob\nls !(a|b)",
                    "cat <<END\n$(touch ran)\nEND\n", "trap 'touch ran' EXIT", "for i in {s}; do touch ran; done > {outputs}",
                    "f() {{ touch ran; }}; f", "eval 'if'", "x=(1 2); echo ${{x[1]}}", "# it's", "cat <(touch ran)", ""):
            told(run or "true", 0)
        for run, line in (("}}; touch ran; {{ true", 1), ("echo\nif then\ntouch ran", 2), ("touch ran\necho $(if)", 2),
                          ("\n\ntouch ran\nfor i in 1; do\ntouch ran", 5), ("echo it's", 1)):
            assert f"workflow.toml:{13 + line + run.startswith(chr(10)) * 0}:" in told(run, 1), (run, told(run, 1))
            assert "error[WFC2040]: bash cannot read the `run` of step `one`: " in told(run, 1), told(run, 1)
        text = told("true", 1, setup="export A=1\nif then\ntouch ran")
        assert "error[WFC2040]: bash cannot read `setup`: syntax error near unexpected token `then'" in text, text
        # Without bash nothing is known of a text.
        told_nothing = space.execute(WFC, "check", "workflow.toml", PATH=space.dir + "/bin")
        assert "WFC2040" not in told_nothing, told_nothing


def a_login_file_that_ends_the_shell_is_recorded():
    with Cluster('modules = ["good"]') as space:
        space.write("home/.bash_profile", "echo alas\nexit 3\n")
        text = space.by_script(expect=1)
        line = f"the environment could not be prepared: `{space.dir}/home/.bash_profile` ended the shell (exit status 3)"
        assert line in text, text
        assert f"failed: 3 tasks of `one`: {line}" in space.status(), space.status()


def nothing_is_tried_again_in_a_job_that_is_not_prepared():
    with Cluster('modules = ["nope"]\nretry = { times = 3 }') as space:
        space.locally(expect=1)
        assert "attempt 1" in space.why("one:s1")


def cpus_reach_threads_and_srun_unless_env_says_otherwise():
    run = "echo $OMP_NUM_THREADS $SRUN_CPUS_PER_TASK > {outputs}"
    for keys, wanted in (("cpus = 2", b"2 2\n"), ("cpus = 2\nenv = { OMP_NUM_THREADS = 1, SRUN_CPUS_PER_TASK = 1 }", b"1 1\n")):
        def check(space, run_it):
            run_it()
            assert space.read("data/s1/one.txt") == wanted, space.read("data/s1/one.txt")
        with Cluster(keys, run) as space:
            check(space, lambda: space.execute(WFC, "run", "workflow.toml", "-j", "2"))
        with Cluster(keys, run) as space:
            check(space, lambda: space.by_script(SLURM_CPUS_PER_TASK="2"))


def a_script_hands_no_foreign_option_to_srun():
    foreign = dict(SLURM_NTASKS="2", SLURM_NPROCS="2", SLURM_HINT="nomultithread", SLURM_GPUS_PER_TASK="1",
                   SLURM_DISTRIBUTION="cyclic", SLURM_TRES_PER_TASK="cpu:1", SLURM_CPU_BIND_TYPE="x", SRUN_EXPORT_ENV="NONE",
                   SLURM_MEM_PER_CPU="9", SLURM_EXPORT_ENV="NONE", SLURM_THREADS_PER_CORE="1", SLURM_OVERLAP="1")
    own = dict(SLURM_CPUS_ON_NODE="4", SLURM_JOB_NUM_NODES="1", SLURM_MEM_PER_NODE="100", SLURM_GPUS_ON_NODE="1",
               SLURM_CPUS_PER_TASK="1", SLURM_CLUSTERS="main")
    run = "env | grep -E '^(SLURM|SRUN)_' | cut -d= -f1 | sort > {outputs}"
    with Cluster('mem = "100M"', run) as space:
        space.by_script(**foreign, **own)
        names = set(space.read("data/s1/one.txt").decode().split())
        assert names == set(own) | {"SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SRUN_CPUS_PER_TASK"}, names
    with Cluster('mem = "100M"\ntasks = 2\nsbatch = ["--hint=nomultithread"]', run) as space:
        space.by_script(**foreign, **own)
        names = set(space.read("data/s1/one.txt").decode().split())
        assert {"SLURM_NTASKS", "SLURM_NPROCS", "SLURM_HINT"} <= names and "SLURM_DISTRIBUTION" not in names, names


def a_tmpdir_that_cannot_be_used_is_said_once_and_replaced():
    with Cluster("", "echo ${TMPDIR-none} > {outputs}") as space:
        space.write("file", "")
        os.chmod(space.dir, 0o755)
        closed = os.path.join(space.dir, "closed")
        os.mkdir(closed, 0o555)
        made = 0
        for value, problem in ((space.dir + "/nowhere", "does not exist"), (space.dir + "/file", "is not a directory"),
                               ("relative", "is not an absolute path"), ("", None)):
            for command in (("run", "workflow.toml"), ("status", "workflow.toml"), ("plan", "workflow.toml"),
                            ("why", "workflow.toml", "one:s1")):
                # A changed workflow makes the status be put together in a temporary directory.
                made += 1
                space.write("workflow.toml", space.read("workflow.toml") + b"# %d\n" % made)
                text = space.execute(WFC, *command, TMPDIR=value)
                said = f"wfc: warning: TMPDIR `{value}` {problem}: using `/tmp`"
                assert text.count("warning: TMPDIR") == (0 if problem is None else 1), text
                assert problem is None or said in text, text
            wanted = b"none\n" if value == "" else b"/tmp\n"
            assert space.read("data/s1/one.txt") == wanted, (value, space.read("data/s1/one.txt"))
            for name in ("s1", "s2", "s3"):
                os.unlink(space.path(f"data/{name}/one.txt"))
        done = space.execute("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", WFC, "plan", "workflow.toml",
                             TMPDIR=closed)
        assert f"TMPDIR `{closed}` cannot be written by this user: using `/tmp`" in done, done
        text = space.by_script(TMPDIR="/nowhere/at/all")
        assert text.count("wfr: warning: TMPDIR `/nowhere/at/all` does not exist: using `/tmp`") == 1, text
        assert space.read("data/s3/one.txt") == b"/tmp\n"


def a_tmpdir_of_setup_or_env_is_looked_at_too():
    for keys in ('setup = "export TMPDIR=/nowhere/at/all"', 'env = { TMPDIR = "/nowhere/at/all" }'):
        with Cluster(keys, "mktemp > {outputs}") as space:
            text = space.locally()
            assert text.count("TMPDIR `/nowhere/at/all` does not exist") == 1, text
            assert space.read("data/s2/one.txt").startswith(b"/tmp/")


def scratch_is_the_tmpdir_of_a_step_that_has_it():
    with Cluster("", "echo {scratch} $TMPDIR > {outputs}") as space:
        space.locally()
        first, second = space.read("data/s1/one.txt").split()
        assert first == second, (first, second)
    with Cluster('env = { TMPDIR = "/tmp" }', "echo {scratch} $TMPDIR > {outputs}") as space:
        space.locally()
        assert space.read("data/s1/one.txt").split()[1] == b"/tmp"


main([the_order_is_the_same_everywhere, the_command_runs_in_strict_mode,
      what_setup_sets_for_its_shell_holds_for_the_command, a_failing_part_is_said_once_and_recorded,
      a_text_that_bash_cannot_read_is_an_error_before_anything_runs, a_login_file_that_ends_the_shell_is_recorded, nothing_is_tried_again_in_a_job_that_is_not_prepared,
      cpus_reach_threads_and_srun_unless_env_says_otherwise, a_script_hands_no_foreign_option_to_srun,
      a_tmpdir_that_cannot_be_used_is_said_once_and_replaced, a_tmpdir_of_setup_or_env_is_looked_at_too,
      scratch_is_the_tmpdir_of_a_step_that_has_it])
