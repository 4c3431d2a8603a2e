#!/usr/bin/python3
"""What a task has made must be there before another starts: waited for, and taken from its record."""
import threading

from run_common import Workspace, main, os, time, wait_for

NAMES = "abcdefghijklmno"

WORKFLOW = """
[workflow]
name = "settle"
root = "data"
[site.local]
settle = "%s"
[[level]]
name  = "s"
match = "*"
[[step]]
name    = "one"
each    = "s"
outputs = ["%s"]
run     = "test {s} != o || sleep 2; echo {s} > x_1.csv"
[[step]]
name    = "two"
each    = "s"
needs   = ["one"]
outputs = ["two.txt"]
run     = "cat {needs.one} > {outputs}"
[[step]]
name    = "sum"
needs   = ["one"]
outputs = ["sum.txt", "list.txt"]
run     = "cat {needs.one} > sum.txt; cat {needs.one.list} > list.txt"
"""


def workspace(output, settle="30s"):
    space = Workspace(WORKFLOW % (settle, output))
    for name in NAMES:
        os.makedirs(space.path(f"data/{name}"))
    return space


class Hidden(threading.Thread):
    """Takes a file away as soon as it was made, and brings it back after some seconds."""

    def __init__(self, space, name, seconds):
        super().__init__()
        self.space, self.name, self.seconds = space, name, seconds
        self.others = None
        self.start()

    def run(self):
        space = self.space
        wait_for(lambda: space.exists(self.name), self.name)
        time.sleep(0.3)
        os.rename(space.path(self.name), space.path("hidden"))
        if self.seconds is None:
            return
        time.sleep(self.seconds)
        self.others = sum(space.exists(f"data/{name}/two.txt") for name in NAMES)
        self.summed = space.exists("data/sum.txt")
        os.rename(space.path("hidden"), space.path(self.name))


def a_file_that_comes_back(output):
    with workspace(output) as space:
        hidden = Hidden(space, "data/a/x_1.csv", 10)
        begun = time.time()
        space.run("-j", "2")
        hidden.join()
        assert time.time() - begun > 10
        # Whoever waited for it has waited, and nobody else has.
        assert not hidden.summed and hidden.others >= 13, (hidden.summed, hidden.others)
        assert space.read("data/sum.txt").decode().split() == list(NAMES)
        assert space.read("data/a/two.txt") == b"a\n"
        assert "0 tasks would run" in space.run("-n")


def test_one_of_fifteen_files_is_hidden_for_ten_seconds():
    a_file_that_comes_back("x_1.csv")


def test_one_of_fifteen_files_of_a_pattern_is_hidden_for_ten_seconds():
    a_file_that_comes_back("x_*.csv")


def test_a_file_that_stays_away():
    with workspace("x_*.csv", "2s") as space:
        hidden = Hidden(space, "data/a/x_1.csv", None)
        text = space.run(expect=1)
        hidden.join()
        assert "did not become visible in 2 s" in text, text
        assert "step `one`" in text, text
        assert space.exists("data/b/two.txt") and not space.exists("data/sum.txt")


def test_files_of_users_under_a_pattern_are_not_read():
    with workspace("x_*.csv") as space:
        space.write("data/b/x_user.csv", "of a user\n")
        space.run()
        assert space.read("data/sum.txt").decode().split() == list(NAMES)
        assert b"x_user" not in space.read("data/list.txt")
        # One that comes later is not read either.
        space.write("data/c/x_user.csv", "of a user\n")
        os.remove(space.path("data/c/two.txt"))
        space.run()
        assert space.read("data/c/two.txt") == b"c\n"
        assert space.read("data/b/x_user.csv") == space.read("data/c/x_user.csv") == b"of a user\n"


if __name__ == "__main__":
    main([test for name, test in sorted(globals().items()) if name.startswith("test_")])
