#!/usr/bin/python3
"""Pairs under `wfc run`: sessions registered to their neighbours and to one reference."""
from run_common import WFC, Workspace, main, subprocess

WORKFLOW = """
[workflow]
name = "register"
root = "data"
[[level]]
name = "session"
match = "session*"

[[step]]
name = "mask"
each = "session"
inputs = ["raw.txt"]
outputs = { mask = "mask.txt", box = "box.txt" }
run = '''grep -q bad {inputs} && { echo cannot mask this >&2; exit 3; }
sed 's/^/mask of /' {inputs} > {outputs.mask}; touch {outputs.box}'''

[[step]]
name = "reference"
outputs = ["reference.txt"]
needs = [{ step = "mask", pairs = "lists/reference.csv" }]
run = "head -n 1 {needs.mask} > {outputs}"

[[step]]
name = "register"
each = "session"
inputs = ["mask.txt"]
outputs = ["moved.txt"]
needs = [{ step = "mask", pairs = "lists/neighbours.csv" }, "reference"]
run = "cat {inputs} {needs.mask} {needs.reference} > {outputs}; cp {needs.mask.list} list.txt"

[[step]]
name = "mean"
needs = ["register"]
outputs = ["mean.txt"]
run = "cat {needs.register} > {outputs}"
"""

SESSIONS = [f"session{i}" for i in range(1, 7)]


def neighbours(sessions=SESSIONS):
    """The next session first, then the one before: the order in which the command gets them."""
    rows = ["weight,to,from"]
    for i, session in enumerate(sessions):
        if i + 1 < len(sessions):
            rows.append(f"1,{session},{sessions[i + 1]}")
        if i > 0:
            rows.append(f"0.5,{session},{sessions[i - 1]}")
    return "\n".join(rows) + "\n"


def fill(space):
    for session in SESSIONS:
        space.write(f"data/{session}/raw.txt", session + "\n")
    space.write("lists/neighbours.csv", neighbours())
    space.write("lists/reference.csv", "from,to\nsession3,.\n")


def each_task_reads_its_own_pairs_in_their_order():
    # `box.txt` is empty, so that the texts are those of the masks.
    with Workspace(WORKFLOW) as space:
        fill(space)
        space.run("-j", "3")
        moved = space.read("data/session2/moved.txt").decode().split("\n")
        assert moved[:3] == ["mask of session2", "mask of session3", "mask of session1"], moved
        assert space.read("data/session6/moved.txt").decode().split("\n")[:2] == [
            "mask of session6", "mask of session5"]
        listed = space.read("data/session2/list.txt").decode().split()
        names = [name.split("/data/")[-1] for name in listed]
        assert names == ["session3/mask.txt", "session3/box.txt", "session1/mask.txt",
                         "session1/box.txt"], listed
        again = space.run()
        assert "14 of them up to date" in again, again


def a_failing_producer_holds_back_exactly_its_pairs():
    with Workspace(WORKFLOW) as space:
        fill(space)
        space.write("data/session5/raw.txt", "bad\n")
        text = space.run("-j", "3", expect=1)
        done = [s for s in SESSIONS if space.exists(f"data/{s}/moved.txt")]
        assert done == ["session1", "session2", "session3"], (done, text)
        assert not space.exists("data/mean.txt")
        assert "`mask:session5` has failed" in space.why("register:session4")
        assert "`mask:session5` has failed" in space.why("register:session6")
        assert "mask" not in space.why("register:session2").split("command:")[0]

        space.write("data/session5/raw.txt", "session5\n")
        text = space.run("-j", "3")
        assert all(space.exists(f"data/{s}/moved.txt") for s in SESSIONS), text
        assert space.exists("data/mean.txt")


def another_pair_runs_that_task_alone():
    with Workspace(WORKFLOW) as space:
        fill(space)
        space.run("-j", "3")
        before = space.files()
        space.write("lists/neighbours.csv", neighbours() + "1,session1,session4\n")
        why = space.why("register:session1")
        assert "mask" in why, why
        text = space.run("--dry-run")
        assert "register: 1 of 6 tasks would run" in text, text
        space.run("-j", "3")
        after = space.files()
        changed = sorted(name for name in after if after[name] != before[name])
        assert changed == [b"mean.txt", b"session1/list.txt", b"session1/moved.txt"], changed
        # The same pairs in another order are another command.
        rows = space.read("lists/neighbours.csv").decode().splitlines()
        space.write("lists/neighbours.csv", "\n".join([rows[0], rows[3], rows[2], rows[1], *rows[4:]]))
        text = space.run("--dry-run")
        assert "register: 1 of 6 tasks would run" in text, text


OWN = """
[workflow]
name = "stack"
root = "data"
[[level]]
name = "slice"
match = "slice*"

[[step]]
name = "move"
each = "slice"
inputs = ["raw.txt"]
outputs = ["moved.txt"]
pairs = "tree.csv"
run = '''grep -q bad {inputs} && { echo cannot move this >&2; exit 3; }
echo x >> runs.txt; for file in {needs.move}; do test -e "$file"; done
{ echo "$(cat {inputs}) of"; cat {needs.move} /dev/null; } > {outputs}'''

[[step]]
name = "stack"
needs = ["move"]
outputs = ["stack.txt"]
run = "cat {needs.move} > {outputs}"
"""
# 8 is merged of 7, that of 3 and 6, and those of 1, 2 and 4, 5.
TREE = [(1, 3), (2, 3), (4, 6), (5, 6), (3, 7), (6, 7), (7, 8)]


def fill_slices(space, pairs, slices):
    for i in slices:
        space.write(f"data/slice{i}/raw.txt", f"slice{i}\n")
    space.write("tree.csv", "from,to\n" + "".join(f"slice{a},slice{b}\n" for a, b in pairs))


def merged(pairs, task):
    """What the command makes of a task, by recursion."""
    return [f"slice{task} of"] + [line for a, b in pairs if b == task for line in merged(pairs, a)]


def made(space, i):
    return space.read(f"data/slice{i}/moved.txt").decode().splitlines()


def ran(space, slices):
    return {i: space.read(f"data/slice{i}/runs.txt").count(b"x") for i in slices}


def tasks_of_one_step_wait_for_each_other():
    slices = range(1, 9)
    with Workspace(OWN) as space:
        fill_slices(space, TREE, slices)
        space.run("-j", "4")
        for i in slices:
            assert made(space, i) == merged(TREE, i), (i, made(space, i))
        assert "9 of them up to date" in space.run("-j", "4")
        # A changed task makes stale what comes after it, and nothing else.
        space.write("data/slice4/raw.txt", "slice4\n\n")
        text = space.run("--dry-run")
        assert "move: 4 of 8 tasks would run" in text, text
        space.run("-j", "4")
        assert ran(space, slices) == {1: 1, 2: 1, 3: 1, 4: 2, 5: 1, 6: 2, 7: 2, 8: 2}
        # A further pair: that task, and what comes after it.
        space.write("tree.csv", space.read("tree.csv").decode() + "slice1,slice6\n")
        assert "step `move`" in space.why("move:slice6")
        space.run("-j", "4")
        assert ran(space, slices) == {1: 1, 2: 1, 3: 1, 4: 2, 5: 1, 6: 3, 7: 3, 8: 3}


def a_failure_holds_back_what_comes_after_it():
    slices = range(1, 9)
    with Workspace(OWN) as space:
        fill_slices(space, TREE, slices)
        space.write("data/slice6/raw.txt", "bad\n")
        text = space.run("-j", "2", expect=1)
        done = [i for i in slices if space.exists(f"data/slice{i}/moved.txt")]
        assert done == [1, 2, 3, 4, 5], (done, text)
        assert "`move:slice7` is blocked" in space.why("move:slice8")
        space.write("data/slice6/raw.txt", "slice6\n")
        space.run("-j", "2")
        assert made(space, 8) == merged(TREE, 8)
        assert set(ran(space, slices).values()) == {1}


def a_long_chain():
    slices = range(1, 121)
    pairs = [(i, i + 1) for i in slices if i < 120]
    with Workspace(OWN) as space:
        fill_slices(space, pairs, slices)
        space.run("-j", "4")
        assert made(space, 120) == merged(pairs, 120)
        assert "121 of them up to date" in space.run("-j", "4")


def what_exists_is_adopted_along_the_pairs():
    slices = range(1, 9)
    with Workspace(OWN) as space:
        fill_slices(space, TREE, slices)
        for i in slices:
            if i != 6:
                space.write(f"data/slice{i}/moved.txt", "made long ago\n")
        subprocess.run([WFC, "touch", "workflow.toml", "move"], cwd=space.dir, check=True,
                       capture_output=True, timeout=60)
        # 7 and 8 wait for 6, so they could not be adopted.
        assert "2 files are in the place of outputs" in space.run("-j", "2", expect=1)
        space.run("-j", "2", "--replace")
        assert [i for i in slices if space.exists(f"data/slice{i}/runs.txt")] == [6, 7, 8]


def names_of_any_bytes():
    names = [b"session, \"a\"", b"session\nb", b"session\xff", b"session $(touch pwned)"]
    with Workspace(WORKFLOW) as space:
        rows = [b"from,to"]
        for i, name in enumerate(names):
            space.write(b"data/" + name + b"/raw.txt", b"raw\n")
            quoted = b'"' + name.replace(b'"', b'""') + b'"'
            other = b'"' + names[i - 1].replace(b'"', b'""') + b'"'
            rows.append(other + b"," + quoted)
        space.write("lists/neighbours.csv", b"\xef\xbb\xbf" + b"\r\n".join(rows))
        space.write("lists/reference.csv", "from,to\nsession\xff,.\n".encode("latin-1"))
        space.run("-j", "2")
        assert all(space.exists(b"data/" + name + b"/moved.txt") for name in names)
        assert not space.exists("pwned") and not space.exists("data/pwned")


def the_picture_has_the_exact_arrows():
    with Workspace(WORKFLOW) as space:
        fill(space)
        done = subprocess.run([WFC, "graph", "workflow.toml", "--of", "steps"], cwd=space.dir,
                              capture_output=True, timeout=60, check=True)
        assert b"pairs" in done.stdout, done.stdout


if __name__ == "__main__":
    main([each_task_reads_its_own_pairs_in_their_order,
          a_failing_producer_holds_back_exactly_its_pairs,
          another_pair_runs_that_task_alone,
          tasks_of_one_step_wait_for_each_other,
          a_failure_holds_back_what_comes_after_it,
          a_long_chain,
          what_exists_is_adopted_along_the_pairs,
          names_of_any_bytes,
          the_picture_has_the_exact_arrows])
