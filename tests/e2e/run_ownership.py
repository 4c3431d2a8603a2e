#!/usr/bin/python3
"""What wfc did not make, it does not touch: files, directories and links of somebody else in the
places of outputs, under globs and inside directories; failures, kills, and what becomes of leftovers.

Each case was seen to destroy the user's file, with exit status 0, before there was ownership."""
from ownership_common import Space, refused, step
from run_common import main, no_leftovers, os, signal, subprocess, wait_for


def glob_keeps_a_users_file():
    with Space(step("A", '"*.nii"', "echo {s} > brain.nii; test ! -e fail")) as space:
        space.put("data/a/T1.nii")
        space.run()
        space.check()
        space.put("data/a/T2.nii")  # added later: makes nothing stale
        assert "1 of them up to date" in space.run()
        space.edit("echo {s}", "echo 2 {s}")
        space.run()
        assert space.read("data/a/brain.nii") == b"2 a\n"
        space.check()
        space.write("data/a/fail", "")
        space.edit("echo 2", "echo 3")
        space.run(expect=1)
        assert space.read("data/a/brain.nii") == b"2 a\n", "what was there comes back"
        assert space.read("out/failed/A/a/attempt-3/brain.nii") == b"3 a\n"
        space.check()


def glob_that_makes_nothing_of_its_own():
    with Space(step("A", '"*.nii"', "true")) as space:
        space.put("data/a/T1.nii")
        text = space.run(expect=1)
        assert "`a/*.nii`" in text, text
        space.check()


def glob_that_may_match_the_input():
    """Refused before anything runs."""
    with Space(step("A", '"*.txt"', "echo 1 > x.txt", 'inputs = ["in.txt"]')) as space:
        space.remember("data/a/in.txt")
        assert "WFC3043" in space.run(expect=1)
        space.check()
        assert space.data() == {"a/in.txt": "a\n"}


def glob_that_may_match_what_another_step_makes():
    with Space(step("A", '"a.csv"', "cat in.txt > {outputs}"),
               step("B", '"*.csv"', "cat in.txt > b.csv", 'needs = ["A"]')) as space:
        assert "WFC3042" in space.run(expect=1)
        assert set(space.data()) == {"a/in.txt"}


def temporary_glob_meets_a_users_file():
    with Space(step("A", '"*.nii"', "cd $(dirname {outputs}); echo 1 > T1.nii")) as space:
        space.put("data/a/T1.nii")
        text = space.run(expect=1)
        assert "T1.nii" in text, text
        space.check()
        no_leftovers(space.files())


def directories_of_a_glob():
    run = "for i in 1 2; do mkdir -p chunk_$i; echo $i-{s} > chunk_$i/part.txt; done"
    with Space(step("A", '"chunk_*/part.txt"', run),
               step("B", '"chunk_1/b.txt"', "echo b > {outputs}", 'needs = ["A"]')) as space:
        space.run()
        assert not space.exists("data/a/chunk_*")
        space.put("data/a/chunk_2/mine.txt")
        space.edit("echo $i-{s}", "echo $i")
        space.run()
        space.check()
        assert space.read("data/a/chunk_1/b.txt") == b"b\n"
        assert space.read("data/a/chunk_2/part.txt") == b"2\n"
        space.edit("for i in 1 2", "for i in 3")
        space.run("A")
        space.check()
        assert not space.exists("data/a/chunk_2/part.txt")
        assert space.read("data/a/chunk_1/b.txt") == b"b\n"
        assert space.exists("data/a/chunk_3/part.txt")
        space.edit("for i in 3", "for i in 4")
        space.run("A")
        assert not space.exists("data/a/chunk_3"), "its own directory, and empty"


def directories_that_match_a_glob():
    run = "for i in 1 2; do mkdir -p chunk_$i; echo {s} > chunk_$i/part.txt; done"
    with Space(step("A", '"chunk_*"', run)) as space:
        space.put("data/a/chunk_9/theirs.txt")
        space.run()
        space.put("data/a/chunk_2/mine.txt")
        space.edit("echo {s}", "echo 2")
        space.run()
        space.check()
        assert space.read("data/a/chunk_2/part.txt") == b"2\n"
        space.edit("echo 2", "echo 3 >> chunk_1/part.txt; exit 3; echo 2")
        space.run(expect=1)
        space.check()
        assert space.read("data/a/chunk_1/part.txt") == b"2\n"


def files_in_a_users_directory_that_matches():
    with Space(step("A", '"chunk_*"', "echo {s} > chunk_9/part.txt; echo {s} > chunk_9/old.txt"),
               step("B", '"b.txt"', "ls -d {needs.A} > {outputs}", 'needs = ["A"]')) as space:
        space.put("data/a/chunk_9/theirs.txt")
        space.put("data/a/chunk_8/theirs.txt")
        space.run()
        assert "2 of them up to date" in space.run()
        assert space.read("data/a/b.txt") == b"chunk_9\n"
        space.edit("echo {s} > chunk_9/part.txt; echo {s} >", "echo 2 >")
        space.run()
        space.check()
        assert not space.exists("data/a/chunk_9/part.txt")
        space.edit("echo 2", "test ! -e chunk_9/old.txt; echo 3 > chunk_9/x; exit 3")
        space.run(expect=1)
        space.check()
        assert space.read("data/a/chunk_9/old.txt") == b"2\n"
        assert not space.exists("data/a/chunk_9/x")
        assert space.read("out/failed/A/a/attempt-3/chunk_9/x") == b"3\n"
        no_leftovers(space.files())


def an_output_that_is_renamed_and_back():
    for name, run in (("x.txt", "{outputs}"), ("x.txt", "x.txt")):
        with Space(step("one", f'"{name}"', f"echo {{s}} > {run}")) as space:
            space.run()
            old = space.read("workflow.toml")
            space.edit("x.txt", "y.txt")
            space.run()
            space.write("workflow.toml", old.replace(b"echo {s}", b"echo 2"))
            space.run()
            assert space.data() == {"a/in.txt": "a\n", "a/x.txt": "2\n", "a/y.txt": "a\n"}
            space.write("workflow.toml", old)
            os.remove(space.path("data/a/y.txt"))
            space.run()
            space.put("data/a/y.txt")
            space.edit("x.txt", "y.txt")
            refused(space)


def one_star_for_a_directory():
    with Space(step("A", '"*/x.csv"', "mkdir d1; echo > d1/x.csv")) as space:
        space.run()
        assert not space.exists("data/a/*")
        space.edit("echo >", "echo 1 >")
        space.run()
        assert space.read("data/a/d1/x.csv") == b"1\n"
        no_leftovers(space.files())


def a_file_for_a_users_directory():
    with Space(step("one", '"raw"', "echo new > {outputs}")) as space:
        space.put("data/a/raw/p.txt")
        assert "data/a/raw (one:a)" in refused(space)


def a_directory_over_a_users():
    for run in ("mkdir -p {outputs}; echo 1 > {outputs}/r", "mkdir -p res; echo 1 > res/r"):
        with Space(step("one", '"res/"', run)) as space:
            space.put("data/a/res/mine.txt")
            refused(space)
            space.run("--set-aside")
            space.foreign = {name.replace("res/", "res.before-wfc/"): state
                             for name, state in space.foreign.items()}
            space.check()
            assert space.read("data/a/res/r") == b"1\n"
            # A file of the user's in a directory of the task.
            space.put("data/a/res/notes.txt")
            assert "res/notes.txt" in refused(space)
            os.remove(space.path("data/a/res/notes.txt"))
            del space.foreign["data/a/res/notes.txt"]
            space.edit("echo 1", "echo 2")
            space.run()
            assert space.read("data/a/res/r") == b"2\n"
            space.check()


def links():
    for outputs, run in (('"res/"', "mkdir -p {outputs}; echo 1 > {outputs}/r"),
                         ('"res/"', "mkdir -p res; echo 1 > res/r"),
                         ('"res"', "echo 1 > {outputs}"), ('"res"', "echo 1 > res")):
        for target in ("../../disk", "../../disk/file", "../../nothing"):
            with Space(step("one", outputs, run)) as space:
                space.put("disk/file")
                space.link(target, "data/a/res")
                refused(space)
                assert not space.exists("nothing")
    with Space(step("one", '"res/"', "mkdir {outputs}; echo 1 > {outputs}/r")) as space:
        space.run()
        os.rename(space.path("data/a/res"), space.path("disk"))
        space.remember("disk/r")
        space.link("../../disk", "data/a/res")
        space.edit("echo 1", "echo 2")
        refused(space)


def failed_leftovers_are_below_out():
    with Space(step("one", '"x_1.csv"', "echo part > x_1.csv; test -e ok", "retry = { times = 2 }"),
               step("two", '"two.txt"', "ls x_* > {outputs}", 'needs = ["one"]\ninputs = ["x_*"]')) as space:
        space.run("one", expect=1)
        assert set(space.data()) == {"a/in.txt"}
        for attempt in (1, 2, 3):
            assert space.read(f"out/failed/one/a/attempt-{attempt}/x_1.csv") == b"part\n"
        space.write("data/a/ok", "")
        space.run("one")
        space.run()
        assert space.read("data/a/two.txt") == b"x_1.csv\n"


def out_on_another_disk():
    shm = "/dev/shm"
    if not os.path.isdir(shm) or os.stat(shm).st_dev == os.stat("/tmp").st_dev:
        raise AssertionError("the test needs a second file system at /dev/shm")
    with Space(step("one", '"x.txt"', "echo part > x.txt; test -e ok")) as space:
        out = subprocess.run(["mktemp", "-d", "-p", shm], check=True, capture_output=True,
                             text=True).stdout.strip()
        try:
            space.run("-o", out + "/out", expect=1)
            with open(out + "/out/failed/one/a/attempt-1/x.txt", encoding="ascii") as file:
                assert file.read() == "part\n"
            assert not space.exists("data/a/x.txt")
        finally:
            subprocess.run(["rm", "-r", out], check=True)


def killed(space, ready):
    """SIGKILL for the run and its commands, once `ready` is there."""
    run = subprocess.Popen(space.command("run"), cwd=space.dir, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    wait_for(lambda: space.exists(ready), ready)
    children = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True,
                              check=False).stdout.split()
    run.send_signal(signal.SIGKILL)
    run.wait()
    for child in children:
        try:
            os.kill(int(child), signal.SIGKILL)
        except ProcessLookupError:
            pass


def kill_in_the_middle():
    wait = "; while test -e wait; do sleep 0.05; done"
    for outputs, run, made in (
            ('"x.txt"', "echo 1 > x.txt", ["x.txt"]),
            ('"res/"', "mkdir res; echo 1 > res/r", ["res/r"]),
            ('"*.csv"', "echo 1 > x.csv; echo 1 > y.csv", ["x.csv", "y.csv"]),
            ('"c_*/p.csv"', "mkdir c_1; echo 1 > c_1/p.csv", ["c_1/p.csv"]),
            ('"c_*"', "mkdir c_1; echo 1 > c_1/p.csv", ["c_1/p.csv"])):
        with Space(step("one", outputs, run + "; touch begun" + wait)) as space:
            space.put("data/a/T1.csv")
            space.put("data/a/c_9/p.csv")
            # Once without, once with something that is owned already.
            for word in ("1", "2"):
                space.write("data/a/wait", "")
                if word == "2":
                    space.edit("echo 1", "echo 2")
                old = {name: space.read("data/a/" + name) for name in made if word == "2"}
                killed(space, "data/a/begun")
                space.check()
                os.remove(space.path("data/a/wait"))
                # A second try that fails shows that what was owned is kept.
                if word == "2":
                    space.edit("touch begun", "exit 3; touch begun")
                    space.run(expect=1)
                    for name, content in old.items():
                        assert space.read("data/a/" + name) == content, (outputs, name)
                    space.edit("exit 3; touch begun", "touch begun")
                space.run()
                space.check()
                for name in made:
                    assert space.read("data/a/" + name) == word.encode() + b"\n", (outputs, name)
                os.remove(space.path("data/a/begun"))
                left = [name for name in space.files("out/failed") if made[0].encode() in name]
                assert left, (outputs, "the leftovers of the killed one are kept")
                no_leftovers(space.files())


def read_only_directory():
    if os.getuid() == 0:
        drop = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    else:
        drop = []
    with Space(step("one", '"x.txt"', "echo 1 > {outputs}")) as space:
        subprocess.run(["chmod", "-R", "a+rwX", space.dir], check=True)
        space.put("data/a/y.txt")
        os.chmod(space.path("data/a"), 0o555)
        done = subprocess.run(drop + space.command("run"), cwd=space.dir, capture_output=True,
                              timeout=60)
        os.chmod(space.path("data/a"), 0o755)
        assert done.returncode == 1, done
        assert b"ermission denied" in done.stdout + done.stderr, done
        space.check()


main([glob_keeps_a_users_file, glob_that_makes_nothing_of_its_own, glob_that_may_match_the_input,
      glob_that_may_match_what_another_step_makes, temporary_glob_meets_a_users_file,
      directories_of_a_glob, directories_that_match_a_glob, files_in_a_users_directory_that_matches,
      an_output_that_is_renamed_and_back, one_star_for_a_directory, a_file_for_a_users_directory,
      a_directory_over_a_users, links, failed_leftovers_are_below_out, out_on_another_disk,
      kill_in_the_middle, read_only_directory])
