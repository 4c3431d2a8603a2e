#!/usr/bin/python3
"""Who may change what a run believes: modes of the out directory, a state of somebody else, links in place
of outputs and logs. Shown to fail with plain create_directories()."""
import stat

from run_common import WFC, Workspace, main, os, subprocess

WORKFLOW = """
[workflow]
name = "private"
root = "data"
[[level]]
name = "dir"
match = "d*"
[[step]]
name = "one"
each = "dir"
outputs = ["one.txt"]
run = "echo said; echo made > {outputs}"
[[step]]
name = "two"
each = "dir"
needs = ["one"]
outputs = ["two.txt"]
run = "cat one.txt > two.txt"
[site.cluster]
partition = "main"
"""


def filled():
    space = Workspace(WORKFLOW)
    space.write("data/d1/x", "")
    space.write("victim", "precious")
    return space


def mode_of(space, words, umask):
    subprocess.run(words, cwd=space.dir, umask=umask, capture_output=True, check=True)
    return stat.S_IMODE(os.stat(space.path("out")).st_mode)


def others_cannot_write_the_out_directory():
    for words in ([WFC, "run", "workflow.toml"], [WFC, "compile", "workflow.toml", "--site",
                                                  "cluster"]):
        for umask, wanted in ((0o022, 0o755), (0o002, 0o755), (0o000, 0o755), (0o077, 0o700)):
            with filled() as space:
                assert mode_of(space, words, umask) == wanted, (words, oct(umask))
    with filled() as space:  # one that is there is its owner's decision
        os.mkdir(space.path("out"))
        os.chmod(space.path("out"), 0o770)
        assert mode_of(space, [WFC, "run", "workflow.toml"], 0o002) == 0o770


def a_state_of_somebody_else_is_refused():
    if os.geteuid() != 0:
        return
    with filled() as space:
        subprocess.run([WFC, "compile", "workflow.toml", "--site", "cluster"], cwd=space.dir,
                       capture_output=True, check=True)
        os.mkdir(space.path("out/state"))
        os.chown(space.path("out/state"), 65534, 65534)
        for name in ("sbatch", "squeue", "scontrol", "sinfo", "scancel", "sacct"):
            space.write("bin/" + name, "#!/bin/sh\nexit 0\n")
            os.chmod(space.path("bin/" + name), 0o755)
        done = subprocess.run(["./submit.sh"], cwd=space.path("out"), capture_output=True, timeout=60,
                              env=dict(os.environ, PATH=space.dir + "/bin:" + os.environ["PATH"]))
        text = (done.stdout + done.stderr).decode()
        assert done.returncode == 1 and "belongs to the user nobody (65534), and only its owner" in text, text
        assert os.listdir(space.path("out/state")) == [], "something was written"


def links_are_not_followed():
    with filled() as space:
        subprocess.run([WFC, "compile", "workflow.toml", "--site", "local"], cwd=space.dir, capture_output=True,
                       check=True)
        for name in ("data/d1/one.txt", "data/d1/two.txt", "out/logs/one/d1.log"):
            os.makedirs(os.path.dirname(space.path(name)), exist_ok=True)
            os.symlink(space.path("victim"), space.path(name))
        assert "data/d1/one.txt (one:d1)" in space.run(expect=1)
        space.run("--replace")
        assert space.read("victim") == b"precious"
        for name in ("data/d1/one.txt", "data/d1/two.txt"):
            assert not os.path.islink(space.path(name)), name
            assert space.read(name) == b"made\n", name


if __name__ == "__main__":
    main([others_cannot_write_the_out_directory, a_state_of_somebody_else_is_refused,
          links_are_not_followed])
