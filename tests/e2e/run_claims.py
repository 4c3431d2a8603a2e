"""One task at a time, whatever out directory or plan a run has: claims in the data's root.

Seen to fail: without hold() in job_runner.cpp, every task of the first test overlaps with its double.
"""
import os
import signal

from run_common import WFC, Workspace, main, subprocess, time, wait_for

# Says so when another one is at work on the same task.
WATCHED = ("mkdir busy 2>/dev/null || echo {s} >>../../overlap; echo {s} >>../../ran; echo x >begun; "
           "while [ -e ../../wait.{s} ]; do sleep 0.05; done; sleep SECONDS; cp {inputs} {outputs}; rmdir busy; true")


def workflow(seconds="0.3"):
    return ('[workflow]\nname = "t"\nroot = "data"\n[[level]]\nname = "s"\nmatch = "*"\n[[step]]\nname = "one"\n'
            'each = "s"\ninputs = ["in.txt"]\noutputs = ["one.txt"]\nrun = "' + WATCHED.replace("SECONDS", seconds) + '"\n')


def world(seconds="0.3"):
    space = Workspace(workflow(seconds))
    for name in "abc":
        space.write(f"data/{name}/in.txt", name + "\n")
    return space


def start(space, *words):
    return subprocess.Popen([WFC, "run", "workflow.toml", *words], cwd=space.dir, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def end(process):
    text = process.communicate(timeout=120)[0].decode(errors="replace")
    return process.returncode, text


def test_two_out_directories_take_turns():
    with world() as space:
        for name in "abc":
            space.write(f"wait.{name}", "")
        first = start(space, "-o", "o1", "-j3")
        wait_for(lambda: all(space.exists(f"data/{name}/begun") for name in "abc"), "three tasks")
        second = start(space, "-o", "o2", "-j3")
        time.sleep(1)
        for name in "abc":
            os.unlink(space.path(f"wait.{name}"))
        status, text = end(first)
        assert status == 0 and "3 of 3 tasks done" in text, text
        _, text = end(second)
        assert "another run on the same data is running `" in text, text
        assert not space.exists("overlap"), space.read("overlap")


def test_a_finished_task_is_free():
    """Also while its run still works on others, and whoever guards that run still lives."""
    with world("0") as space:
        space.write("wait.c", "")
        first = start(space, "-o", "o1", "-j3")
        wait_for(lambda: all(space.exists(f"data/{name}/one.txt") for name in "ab"), "two results")
        wait_for(lambda: space.exists("data/c/begun"), "the third")
        for name in "ab":
            os.unlink(space.path(f"data/{name}/one.txt"))
        os.unlink(space.path("ran"))
        second = start(space, "-o", "o2", "-j3")
        wait_for(lambda: space.exists("data/a/one.txt") and space.exists("data/b/one.txt"), "both again")
        assert first.poll() is None
        os.unlink(space.path("wait.c"))
        assert end(first)[0] == 0
        end(second)
        assert not space.exists("overlap"), space.read("overlap")


def test_the_claim_of_a_killed_run_ends_with_its_commands():
    with world() as space:
        space.write("wait.a", "")
        first = start(space, "-o", "o1", "-j3")
        wait_for(lambda: space.exists("data/b/one.txt") and space.exists("data/c/one.txt"), "two results")
        wait_for(lambda: space.exists("data/a/begun"), "the third")
        first.send_signal(signal.SIGKILL)
        first.wait()
        os.unlink(space.path("wait.a"))
        # What the killed one was at may have stopped anywhere; its double finds the directory free of it.
        for name in "abc":
            for left in ("busy", "one.txt"):
                path = space.path(f"data/{name}/{left}")
                if os.path.isdir(path):
                    wait_for(lambda: not guarded(space), "the guardian")
                    os.rmdir(path)
                elif os.path.exists(path):
                    os.unlink(path)
        status, text = end(start(space, "-o", "o2", "-j3"))
        assert status == 0, text
        assert not space.exists("overlap"), space.read("overlap")


def guarded(space):
    """Whether a process still has the claims of this data open."""
    claims = os.path.realpath(space.path("data/.wfr.claims"))
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        try:
            if any(os.fsencode(os.readlink(f"/proc/{pid}/fd/{fd}")) == claims for fd in os.listdir(f"/proc/{pid}/fd")):
                return True
        except OSError:
            continue
    return False


def test_a_file_of_the_same_name_is_left_alone():
    with world("0") as space:
        space.write("data/.wfr.claims", "somebody's own\n")
        assert end(start(space))[0] == 0
        assert space.read("data/.wfr.claims") == b"somebody's own\n"
        os.unlink(space.path("data/.wfr.claims"))
        space.write("elsewhere", "")
        os.symlink(b"../elsewhere", space.path("data/.wfr.claims"))
        space.write("data/a/in.txt", "other\n")
        assert end(start(space))[0] == 0
        assert space.read("elsewhere") == b""


if __name__ == "__main__":
    main([test_two_out_directories_take_turns, test_a_finished_task_is_free,
          test_the_claim_of_a_killed_run_ends_with_its_commands, test_a_file_of_the_same_name_is_left_alone])
