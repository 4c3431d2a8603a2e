#!/usr/bin/python3
"""What is offered where something of somebody else is in the way of an output: `--set-aside`, `--replace` and `wfc touch`, and what
each of them does. Each case was seen to destroy the user's file, with exit status 0, before there was ownership."""
from ownership_common import Space, refused, step
from run_common import main, no_leftovers, subprocess

def replace():
    for run in ("{run}; echo new > {outputs}", "{run}; echo new > x.txt"):
        for more in ("true", "false"):
            with Space(step("one", '"x.txt"', run.replace("{run}", more)),
                       samples=("a", "b")) as space:
                space.put("data/a/x.txt")
                space.put("data/a/y.txt")
                refused(space)
                if more == "false":
                    space.run("--replace", expect=1)
                    space.check()
                    continue
                space.run("--replace")
                del space.foreign["data/a/x.txt"]
                space.check()
                assert space.read("data/a/x.txt") == b"new\n"


def what_is_on_the_way_is_replaced():
    """A link or a file where a directory of the output should be: it goes when the result is complete, and comes back when the
    command fails; what the link leads to is never touched. Seen to fail: nothing ran, and the same was offered again."""
    for plant in (lambda space: space.link("../../disk", "data/a/res"), lambda space: space.put("data/a/res")):
        for run, ends in (("echo new > {outputs}", 0), ("echo half > {outputs}; false", 1), ("echo new > res/x.txt", 0)):
            with Space(step("one", '"res/x.txt"', run)) as space:
                space.put("disk/x.txt")
                plant(space)
                refused(space)
                space.run("--replace", expect=ends)
                if ends == 0:
                    assert space.read("data/a/res/x.txt") == b"new\n"
                    del space.foreign["data/a/res"]
                space.check()
                no_leftovers(space.files())
                if ends == 0:
                    space.edit("new", "newer")
                    space.run()
                    assert space.read("data/a/res/x.txt") == b"newer\n"


def what_is_on_the_way_is_set_aside():
    with Space(step("one", '"res/x.txt"', "echo new > {outputs}")) as space:
        space.put("disk/x.txt")
        space.link("../../disk", "data/a/res")
        refused(space)
        space.run("--set-aside")
        space.foreign["data/a/res.before-wfc"] = space.foreign.pop("data/a/res")
        space.check()
        assert space.read("data/a/res/x.txt") == b"new\n"


def set_aside_counts():
    with Space(step("one", '"x.txt"', "echo new > {outputs}")) as space:
        space.write("data/a/x.txt", "1")
        space.run("--set-aside")
        subprocess.run(["rm", "-r", space.path("out")], check=True)
        text = refused(space)
        assert "was the out directory removed?" in text, text
        space.run("--set-aside")
        assert space.read("data/a/x.txt.before-wfc") == b"1"
        assert space.read("data/a/x.txt.before-wfc-2") == b"new\n"


def a_record_anywhere_is_a_record():
    """Where something is on record, nobody asks whether the out directory was removed, however he is asked."""
    with Space(step("one", '"x.txt"', "echo new > {outputs}")) as space:
        space.run()
        more = step("two", '"y.txt"', "echo new > {outputs}", 'needs = ["one"]')
        space.write("workflow.toml", space.read("workflow.toml").decode() + more)
        space.put("data/a/y.txt")
        text = refused(space)
        assert "was the out directory removed?" not in text, text


def touch_adopts():
    with Space(step("one", '"x.txt"', "echo new > {outputs}"),
               step("two", '"*.csv"', "echo new > n.csv", 'needs = ["one"]'),
               step("three", '"t.dat"', "echo new > {outputs}", 'needs = ["two"]')) as space:
        for name in ("x.txt", "old.csv", "t.dat"):
            space.write("data/a/" + name, "old")
        assert "3 tasks recorded" in space.touch()
        space.run()
        assert space.data()["a/x.txt"] == "old"
        space.edit("echo new > {outputs}", "echo newer > {outputs}")
        space.edit("echo new > n.csv", "echo newer > n.csv")
        space.run()
        assert space.data() == {"a/in.txt": "a\n", "a/x.txt": "newer\n", "a/n.csv": "newer\n",
                                "a/t.dat": "newer\n"}, "old.csv was adopted too"


def many_are_one_message():
    samples = [f"s{i}" for i in range(40)]
    with Space(step("one", '"x.txt"', "echo new > {outputs}"), samples=samples) as space:
        for sample in samples:
            space.put(f"data/{sample}/x.txt")
        text = refused(space)
        assert "40 files" in text and "and 35 more" in text, text
        assert len(text.splitlines()) < 20, text


main([replace, what_is_on_the_way_is_replaced, what_is_on_the_way_is_set_aside, set_aside_counts,
      a_record_anywhere_is_a_record, touch_adopts, many_are_one_message])
