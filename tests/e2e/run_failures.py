#!/usr/bin/python3
"""Failing tasks under `wfc run`: their siblings go on, what needs them is blocked, reasons are told."""
from run_common import Workspace, main, no_leftovers, time

HEAD = """
[workflow]
name = "failures"
root = "data"
[[level]]
name = "session"
match = "s*"
[[level]]
name = "channel"
match = "c*"
"""

CHAIN = HEAD + """
[[step]]
name = "one"
each = "channel"
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "cp {inputs} {outputs}"
[[step]]
name = "two"
each = "channel"
needs = ["one"]
outputs = ["two.txt"]
run = "grep -q bad {needs.one} && { echo cannot read this >&2; exit 3; }; cp {needs.one} {outputs}"
[[step]]
name = "all"
each = "session"
needs = ["two"]
outputs = ["all.txt"]
run = "cat {needs.two} > {outputs}"
[[step]]
name = "tell"
on = "failure"
run = "echo told >> ../told"
[[step]]
name = "cheer"
on = "success"
run = "echo cheered >> ../cheered"
[[step]]
name = "end"
on = "always"
run = "echo ended >> ../ended"
"""


def fill(space, names=("s1/c1", "s1/c2", "s2/c1", "s2/c2")):
    for name in names:
        space.write(f"data/{name}/in.txt", name + "\n")


def siblings_go_on_and_the_fix_runs_only_what_is_missing():
    with Workspace(CHAIN) as space:
        fill(space)
        space.write("data/s1/c2/in.txt", "bad\n")
        text = space.run("-j", "4", expect=1)
        assert "failed: two:s1/c2: exit status 3" in text, text
        assert "| cannot read this" in text, text
        assert "8 of 10 tasks done" in text, text
        assert "finalizer `tell`: done\nfinalizer `end`: done\n" in text and "`cheer`" not in text, text
        assert not space.exists("data/s1/all.txt") and space.exists("data/s2/all.txt")
        assert not space.exists("data/s1/c2/two.txt")
        assert space.read("told") == b"told\n" and not space.exists("cheered")
        no_leftovers(space.files())
        assert "cannot read this" in space.why("two:s1/c2")
        assert "`two:s1/c2` has failed" in space.why("all:s1")

        space.write("data/s1/c2/in.txt", "good now\n")
        text = space.run("-j", "4")
        assert "7 of them up to date before" in text, text
        assert space.read("data/s1/all.txt") == b"s1/c1\ngood now\n"
        assert space.read("told") == b"told\n" and space.read("cheered") == b"cheered\n"
        assert space.read("ended") == b"ended\nended\n"
        # Nothing new: nothing runs, nobody is told.
        assert "10 of them up to date before" in space.run()
        assert space.read("cheered") == b"cheered\n"


def one_step(run, more="", outputs='outputs = ["x.txt"]'):
    return HEAD.split("[[level]]", maxsplit=1)[0] + f"""
[[step]]
name = "only"
{outputs}
run = '''{run}'''
{more}
"""


def expect_reason(run, reason, more="", outputs='outputs = ["x.txt"]'):
    with Workspace(one_step(run, more, outputs)) as space:
        space.write("data/.keep", "")
        text = space.run(expect=1)
        assert reason in text, text
        assert not space.exists("data/x.txt"), "a failed output lies under its final name"
        no_leftovers(space.files())


def each_way_to_fail_is_told_apart():
    expect_reason("exit 4 # {outputs}", "exit status 4")
    expect_reason("kill -SEGV $$ # {outputs}", "killed by SIGSEGV")
    expect_reason("true {outputs}", "the command succeeded but did not create `x.txt`")
    expect_reason("echo half > {outputs}; sleep 60", "stopped after its `timeout` of 1 s",
                  'timeout = "1s"')
    expect_reason("no-such-program {outputs}", "program `no-such-program` not found")
    expect_reason("echo $unset_variable > {outputs}", "unset_variable: unbound variable")
    expect_reason("false | cat > {outputs}", "exit status 1")
    expect_reason("/usr/bin/python3 -c 'import time; x = bytearray(300 << 20); time.sleep(30)' "
                  "# {outputs}", "out of memory", 'mem = "60M"')


def retries_are_made_in_place():
    with Workspace(one_step("echo x >> ../tries; test $(wc -l < ../tries) -eq 3; touch {outputs}",
                            'retry = { times = 2, on = ["exit"] }')) as space:
        space.write("data/.keep", "")
        space.run()
        assert space.read("tries") == b"x\nx\nx\n"


def a_timeout_ends_the_whole_group():
    with Workspace(one_step("(sleep 5; echo late > ../late) & wait # {outputs}",
                            'timeout = "1s"')) as space:
        space.write("data/.keep", "")
        space.run(expect=1)
        time.sleep(5)
        assert not space.exists("late"), "a child has outlived its task"


def two_runs_do_not_collide():
    with Workspace(one_step("sleep 3; touch {outputs}")) as space:
        space.write("data/.keep", "")
        first = space.start()
        time.sleep(1.5)
        text = space.run(expect=1)
        assert "is in use by `wfc run` on" in text, text
        assert first.wait() == 0


if __name__ == "__main__":
    main([siblings_go_on_and_the_fix_runs_only_what_is_missing, each_way_to_fail_is_told_apart,
          retries_are_made_in_place, a_timeout_ends_the_whole_group, two_runs_do_not_collide])
