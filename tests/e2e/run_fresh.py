#!/usr/bin/python3
"""What `wfc run` runs again after a change, and what it leaves alone."""
from run_common import Workspace, main, os

WORKFLOW = """
[workflow]
name = "fresh"
root = "data"
[params]
word = "hello"
[[level]]
name = "channel"
match = "c*"
[[step]]
name = "one"
each = "channel"
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "cat {inputs} > {outputs}"
[[step]]
name = "two"
each = "channel"
needs = ["one"]
outputs = ["two.txt"]
env = { SHADE = "blue" }
run = "echo {params.word} $SHADE {cpus} > {outputs}"
cpus = 1
[[step]]
name = "all"
needs = ["two"]
outputs = ["all.txt"]
run = "cat {needs.two} > {outputs}"
"""


def ran(text):
    """{step: tasks that were run} from the summary table."""
    counts = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 4 and words[0] in ("one", "two", "all") and words[1].isdigit():
            counts[words[0]] = int(words[2])
    return counts


def fresh():
    space = Workspace(WORKFLOW)
    for name in ("c1", "c2", "c3"):
        space.write(f"data/{name}/in.txt", name)
    assert ran(space.run()) == {"one": 3, "two": 3, "all": 1}
    assert ran(space.run()) == {"one": 0, "two": 0, "all": 0}
    return space


def edit(space, before, after):
    text = space.read("workflow.toml").decode()
    assert before in text
    space.write("workflow.toml", text.replace(before, after))


def a_touched_input_runs_its_own_chain():
    with fresh() as space:
        os.utime(space.path("data/c2/in.txt"))
        assert "input `c2/in.txt` changed" in space.why("one:c2")
        assert ran(space.run()) == {"one": 1, "two": 1, "all": 1}


def a_changed_parameter_runs_what_says_it():
    with fresh() as space:
        assert ran(space.run("--set", "word=goodbye")) == {"one": 0, "two": 3, "all": 1}
        assert space.read("data/c1/two.txt") == b"goodbye blue 1\n"


def a_changed_command_or_environment_runs_its_step():
    with fresh() as space:
        edit(space, "cat {inputs} >", "cat {inputs} /dev/null >")
        assert "the command changed" in space.why("one:c1")
        assert ran(space.run()) == {"one": 3, "two": 3, "all": 1}
        edit(space, "blue", "red")
        assert "the environment changed" in space.why("two:c1")
        assert ran(space.run()) == {"one": 0, "two": 3, "all": 1}
        assert space.read("data/c1/two.txt") == b"hello red 1\n"


def a_deleted_or_changed_output_is_made_again():
    with fresh() as space:
        os.remove(space.path("data/c3/one.txt"))
        assert "`c3/one.txt` does not exist any more" in space.why("one:c3")
        assert ran(space.run())["one"] == 1
        space.write("data/all.txt", "scribbled")
        assert "changed by something else" in space.why("all")
        assert ran(space.run()) == {"one": 0, "two": 0, "all": 1}


def resources_change_nothing():
    with fresh() as space:
        edit(space, "cpus = 1", "cpus = 2\nmem = \"100M\"\ntime = \"3h\"\nretry = { times = 2 }")
        assert ran(space.run("-j", "4")) == {"one": 0, "two": 0, "all": 0}


def a_new_directory_runs_only_itself():
    with fresh() as space:
        space.write("data/c0/in.txt", "new")
        assert ran(space.run()) == {"one": 1, "two": 1, "all": 1}
        assert space.read("data/all.txt").count(b"\n") == 4


def parts_of_a_workflow_run_alone():
    with fresh() as space:
        for name in ("c1", "c2", "c3"):
            os.utime(space.path(f"data/{name}/in.txt"))
        dry = space.run("--dry-run")
        assert "7 tasks would run" in dry, dry
        assert ran(space.run("one")) == {"one": 3}
        assert ran(space.run("two")) == {"one": 0, "two": 3}
        assert ran(space.run()) == {"one": 0, "two": 0, "all": 1}
        assert "no step `on`; did you mean `one`?" in space.run("on", expect=2)


if __name__ == "__main__":
    main([a_touched_input_runs_its_own_chain, a_changed_parameter_runs_what_says_it,
          a_changed_command_or_environment_runs_its_step, a_deleted_or_changed_output_is_made_again,
          resources_change_nothing, a_new_directory_runs_only_itself, parts_of_a_workflow_run_alone])
