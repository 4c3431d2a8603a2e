"""A workflow is run here, tuned, and compiled for a cluster: the scripts ask for what was used."""
import os
import subprocess

from run_common import WFC, Workspace, main

WORKFLOW = """
[workflow]
name = "tuned"
root = "data"

[[level]]
name  = "session"
match = "session*"

[defaults]
time = "5h"
mem  = "8G"

[[step]]
name = "hog"
each = "session"
run  = "/usr/bin/python3 -c 'x = b\\"x\\" * (190 << 20); import time; time.sleep(1.2)' && touch {outputs}"
outputs = ["hog.txt"]

[[step]]
name  = "small"
each  = "session"
needs = ["hog"]
run   = "sleep 0.2; touch {outputs}"
outputs = ["small.txt"]

[[step]]
name  = "hungry"
each  = "session"
mem   = "100M"
needs = ["small"]
run   = "if [ -e enough ]; then touch {outputs}; else /usr/bin/python3 -c 'x = bytearray(b\\"x\\" * (300 << 20)); import time; time.sleep(5)'; fi"
outputs = ["hungry.txt"]

[site.cluster]
"""


def wfc(space, *words, expect=0):
    done = subprocess.run([WFC, *words], cwd=space.dir, capture_output=True, timeout=120)
    text = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == expect, f"exit status {done.returncode}, not {expect}:\n{text}"
    return text


def options(space, script):
    lines = space.read(f"out/jobs/{script}.sbatch").decode().splitlines()
    return [line.removeprefix("#SBATCH ") for line in lines if line.startswith("#SBATCH ")]


def megabytes(space, script):
    found = [o for o in options(space, script) if o.startswith("--mem=")]
    assert len(found) == 1, found
    return int(found[0].removeprefix("--mem=").removesuffix("M"))


def made():
    space = Workspace(WORKFLOW)
    for name in ("session1", "session2"):
        os.makedirs(space.path("data/" + name))
    return space


def test_tune():
    with made() as space:
        text = wfc(space, "tune", "workflow.toml", expect=1)
        assert "no task of `workflow.toml` has run yet with out directory `out`" in text, text
        space.run("-j", "2", expect=1)  # `hungry` runs out of memory
        text = wfc(space, "tune", "workflow.toml", "--dry-run")
        assert "hog" in text and not space.exists("resources.lock.toml"), text
        text = wfc(space, "tune", "workflow.toml", "--site", "cluster")
        assert "wrote resources.lock.toml" in text and "GB h" in text, text

        text = wfc(space, "compile", "workflow.toml", "--site", "cluster")
        assert "resources of 3 steps are those of resources.lock.toml" in text, text
        assert 240 <= megabytes(space, "01-hog") <= 320, options(space, "01-hog")
        assert "--time=00:01:00" in options(space, "01-hog"), options(space, "01-hog")
        assert megabytes(space, "02-small") == 128
        # The most with which it failed was what it had asked for or what it held then.
        assert megabytes(space, "03-hungry") >= 192, options(space, "03-hungry")
        lock = space.read("resources.lock.toml").decode()
        assert "# Out of memory: " in lock, lock

        wfc(space, "compile", "workflow.toml", "--site", "cluster", "--no-lock")
        assert megabytes(space, "01-hog") == 8192
        assert "--time=05:00:00" in options(space, "01-hog")


def test_nothing_runs_again_and_the_same_is_written_again():
    with made() as space:
        for name in ("session1", "session2"):
            space.write(f"data/{name}/enough", "")
        space.run()
        wfc(space, "tune", "workflow.toml")
        first = space.read("resources.lock.toml")
        text = space.run()
        assert "6 of them up to date before" in text, text
        wfc(space, "tune", "workflow.toml")
        assert space.read("resources.lock.toml") == first


def test_an_earlier_command_says_nothing():
    with made() as space:
        for name in ("session1", "session2"):
            space.write(f"data/{name}/enough", "")
        space.run()
        workflow = space.read("workflow.toml").decode()
        space.write("workflow.toml", workflow.replace("190 << 20", "20 << 20"))
        space.run()
        text = wfc(space, "tune", "workflow.toml", "--site", "cluster")
        assert "hog: 2 attempts of an earlier command are ignored" in text, text
        wfc(space, "compile", "workflow.toml", "--site", "cluster")
        assert megabytes(space, "01-hog") == 128


if __name__ == "__main__":
    main([test_tune, test_nothing_runs_again_and_the_same_is_written_again,
          test_an_earlier_command_says_nothing])
