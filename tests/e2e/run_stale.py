#!/usr/bin/python3
"""What makes a result stale, and what does not: files deep in directories, links, columns, times.
usage: run_stale.py BIN"""
import shutil

from run_common import Workspace, main, os

HEAD = """
[workflow]
name = "stale"
root = "data"
"""

LEVEL = """
[[level]]
name  = "s"
match = "*"
"""

SHEET = """
[[level]]
name   = "s"
file   = "samples.csv"
column = "sample"
"""


def step(inputs, more="", run="cat {inputs} > {outputs}"):
    return f"""
[[step]]
name    = "one"
each    = "s"
inputs  = {inputs}
outputs = ["one.txt"]
run     = "{run}"
{more}
"""


def workspace(text, names="abc"):
    space = Workspace(HEAD + text)
    for name in names:
        space.write(f"data/{name}/in.txt", name)
    return space


def runs(space, count, *reasons, task="one:a"):
    """Exactly so many tasks run, for these reasons; afterwards none."""
    why = space.why(task)
    for reason in reasons:
        assert reason in why, why
    text = space.run("-n")
    assert f"{count} task" in text or (count == 0 and "0 tasks" in text), text
    space.run()
    settled(space)


def settled(space):
    text = space.run("-n")
    assert "0 tasks would run" in text, text


def same_times(path, like):
    info = os.lstat(like)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


def test_a_file_deep_in_an_input_directory():
    with workspace(LEVEL + step('["store/"]', run="find {inputs} -type f | wc -l > {outputs}")) as space:
        for name in "abc":
            space.write(f"data/{name}/store/x/y/chunk", "1")
            space.write(f"data/{name}/store/top", "1")
        space.run()
        settled(space)
        space.write("data/a/store/x/y/chunk", "22")
        runs(space, 1, "input `a/store` changed")
        space.write("data/a/store/x/y/more", "1")
        runs(space, 1, "input `a/store` changed")
        os.remove(space.path("data/a/store/x/y/more"))
        runs(space, 1)
        # What a running task keeps for a moment is no change.
        space.write("data/a/store/.wfr.1234/part", "1")
        settled(space)


def test_a_directory_behind_a_link_in_an_input_directory():
    with workspace(LEVEL + step('["store/"]', run="ls {inputs} > {outputs}")) as space:
        space.write("elsewhere/one/f", "1")
        space.write("elsewhere/two/f", "1")
        same_times(space.path("elsewhere/two/f"), space.path("elsewhere/one/f"))
        for name in "abc":
            os.mkdir(space.path(f"data/{name}/store"))
            os.symlink("../../../elsewhere/one", space.path(f"data/{name}/store/link"))
            os.symlink(".", space.path(f"data/{name}/store/itself"))
        space.run()
        settled(space)
        space.write("elsewhere/one/f", "22")
        runs(space, 3)
        os.remove(space.path("data/a/store/link"))
        os.symlink("../../../elsewhere/two", space.path("data/a/store/link"))
        runs(space, 1, "input `a/store` changed")


def test_a_link_to_another_file_of_the_same_size_and_time():
    with workspace(LEVEL + step('["ref.fa"]')) as space:
        for name in ("v1", "v2"):
            space.write(f"refs/{name}/ref.fa", name)
        same_times(space.path("refs/v2/ref.fa"), space.path("refs/v1/ref.fa"))
        for name in "abc":
            os.symlink("../../refs/v1/ref.fa", space.path(f"data/{name}/ref.fa"))
        space.run()
        settled(space)
        os.remove(space.path("data/a/ref.fa"))
        os.symlink("../../refs/v2/ref.fa", space.path("data/a/ref.fa"))
        runs(space, 1, "input `a/ref.fa` changed")
        assert space.read("data/a/one.txt") == b"v2"


def test_a_link_on_the_way_to_an_input():
    with workspace(LEVEL + 'only = ["a", "b", "c"]\n' + step('["../ref/genome.fa"]')) as space:
        for name in ("v1", "v2"):
            space.write(f"refs/{name}/genome.fa", name)
        same_times(space.path("refs/v2/genome.fa"), space.path("refs/v1/genome.fa"))
        os.symlink("../refs/v1", space.path("data/ref"))
        space.run()
        settled(space)
        os.remove(space.path("data/ref"))
        os.symlink("../refs/v2", space.path("data/ref"))
        runs(space, 3, "input `ref/genome.fa` changed")


def test_a_directory_of_data_that_was_moved_to_another_disk():
    with workspace(LEVEL + step('["in.txt"]')) as space:
        space.run()
        os.rename(space.path("data/a"), space.path("disk2"))
        os.symlink("../disk2", space.path("data/a"))
        settled(space)


def test_a_dropped_file_behind_a_link():
    with workspace(LEVEL + step('["in.txt"]')) as space:
        space.run()
        os.mkdir(space.path("annex"))
        os.rename(space.path("data/a/one.txt"), space.path("annex/o"))
        os.symlink("../../annex/o", space.path("data/a/one.txt"))
        settled(space)
        os.remove(space.path("annex/o"))
        assert "`a/one.txt` is a broken link: `../../annex/o` does not exist" in space.why("one:a")
        os.rename(space.path("data/b/in.txt"), space.path("annex/i"))
        os.symlink("../../annex/i", space.path("data/b/in.txt"))
        os.remove(space.path("annex/i"))
        assert "the input `b/in.txt` is a broken link" in space.why("one:b")


def test_stars_for_any_number_of_directories():
    with workspace(LEVEL + step('["**/*.dat"]', run="printf '%s\\\\n' {inputs} > {outputs}")) as space:
        for name in "abc":
            for file in ("1.dat", "x/2.dat", "x/y/z/3.dat", ".hidden/4.dat", "x/5.txt"):
                space.write(f"data/{name}/{file}", "1")
            os.symlink("..", space.path(f"data/{name}/x/up"))
        space.run()
        assert space.read("data/a/one.txt") == b"1.dat\nx/2.dat\nx/y/z/3.dat\n"
        settled(space)
        space.write("data/a/x/y/z/w/6.dat", "1")
        runs(space, 1, "input `a/x/y/z/w/6.dat` is new")


def test_only_columns_that_are_named_count():
    sheet = "sample,dose,note,path\na,1,x,in.txt\nb,2,y,in.txt\nc,3,z,in.txt\n"
    text = step('["{s.path}"]', run="echo {s.dose} > {outputs}")
    with workspace(SHEET + text) as space:
        space.write("samples.csv", sheet)
        space.run()
        settled(space)
        space.write("samples.csv", sheet.replace(",x,", ",other,"))
        settled(space)
        space.write("samples.csv", "\n".join(
            line + (",new" if i == 0 else ",1") for i, line in enumerate(sheet.split("\n")[:-1])) + "\n")
        settled(space)
        space.write("samples.csv", sheet.replace("a,1", "a,7"))
        runs(space, 1, "column `dose` changed: 1 -> 7")
        space.write("data/b/other.txt", "b")
        space.write("samples.csv", sheet.replace("a,1", "a,7").replace("b,2,y,in.txt", "b,2,y,other.txt"))
        runs(space, 1, "column `path` changed", task="one:b")


def test_a_parameter_is_named_with_its_values():
    params = '[params]\nthreshold = 4.5\n'
    with workspace(params + LEVEL + step('["in.txt"]', run="echo {params.threshold} > {outputs}")) as space:
        space.run()
        space.write("workflow.toml", space.read("workflow.toml").replace(b"4.5", b"3"))
        runs(space, 3, "the command changed: `threshold` 4.5 -> 3")


def test_a_script_beside_the_workflow():
    with workspace(LEVEL + step('["in.txt"]', run="sh {workflow.dir}/scripts/m.sh {inputs} > {outputs}")) as space:
        space.write("scripts/m.sh", "cat $1")
        space.run()
        settled(space)
        os.utime(space.path("scripts/m.sh"), (1, 1))
        settled(space)
        space.write("scripts/m.sh", "rev $1")
        runs(space, 3, "`scripts/m.sh` changed")


def test_scripts_by_argv_quotes_options_and_names():
    text = LEVEL + """
[[step]]
name    = "one"
each    = "s"
outputs = ["one.txt"]
argv    = ["sh", "{workflow.dir}/a b.sh", "{outputs}"]
[[step]]
name    = "two"
each    = "s"
outputs = ["two.txt"]
run     = 'sh "{workflow.dir}/a b.sh" {outputs} --config={workflow.dir}/cfg/{s}.toml; echo 1 >> {workflow.dir}/log'
"""
    with workspace(text) as space:
        space.write("a b.sh", "echo $2 > $1")
        space.write("cfg/b.toml", "1")
        space.write("log", "")
        space.run()
        settled(space)
        space.write("a b.sh", "echo $2 >  $1")
        runs(space, 6, "`a b.sh` changed")
        space.write("cfg/b.toml", "2")
        runs(space, 1, "`cfg/b.toml` changed", task="two:b")
        space.write("cfg/a.toml", "2")
        runs(space, 1, "`cfg/a.toml` is new", task="two:a")


def test_files_that_a_step_lists():
    text = LEVEL + step('["in.txt"]', 'uses = ["lib/*.py", "set/{s}.toml"]')
    with workspace(text) as space:
        for name in "abc":
            space.write(f"set/{name}.toml", name)
        space.write("lib/x.py", "1")
        space.write("lib/sub/y.py", "1")
        space.run()
        settled(space)
        space.write("lib/z.py", "1")
        runs(space, 3, "`lib/z.py` is new")
        space.write("lib/sub/y.py", "2")
        settled(space)
        space.write("set/c.toml", "4")
        runs(space, 1, "`set/c.toml` changed", task="one:c")
        os.remove(space.path("set/c.toml"))
        assert "`set/c.toml`, which step `one` uses, does not exist" in space.why("one:c")


def test_what_setup_sources():
    with workspace(LEVEL + step('["in.txt"]', 'setup = "source ./env.sh"', run="echo $SHADE > {outputs}")) as space:
        space.write("env.sh", "export SHADE=blue")
        space.run()
        settled(space)
        space.write("env.sh", "export SHADE=red")
        runs(space, 3, "`env.sh` changed")
        assert space.read("data/a/one.txt") == b"red\n"


CHAIN = LEVEL + """
[[step]]
name    = "one"
each    = "s"
inputs  = ["in.txt"]
outputs = [{ path = "one.txt", compare = "content" }]
run     = "head -c 1 {inputs} > {outputs}"
[[step]]
name    = "two"
each    = "s"
needs   = ["one"]
outputs = ["two.txt"]
run     = "cat {needs.one} > {outputs}"
"""


def test_an_output_that_is_made_again_the_same():
    with workspace(CHAIN) as space:
        space.run()
        space.write("data/a/in.txt", "a and more")
        assert "1 task would run" in space.run("-n") or "would run" in space.why("one:a")
        space.run()
        assert "up to date" in space.why("two:a")
        settled(space)
        os.utime(space.path("data/a/one.txt"), (1, 1))
        settled(space)
        space.write("data/a/in.txt", "b")
        space.run()
        assert space.read("data/a/two.txt") == b"b"


def test_an_input_by_content():
    text = LEVEL + step('["in.txt", { path = "ref/", compare = "content" }]', run="cat in.txt ref/x > {outputs}")
    with workspace(text) as space:
        for name in "abc":
            space.write(f"data/{name}/ref/x", "1")
        space.run()
        settled(space)
        os.utime(space.path("data/a/ref/x"), (1, 1))
        settled(space)
        os.utime(space.path("data/a/in.txt"), (1, 1))
        runs(space, 1, "input `a/in.txt` changed")
        space.write("data/a/ref/x", "2")
        runs(space, 1, "input `a/ref` changed")


def test_all_files_by_content():
    text = step('["in.txt", { path = "by_time.txt", compare = "time" }]')
    with workspace('compare = "content"\n' + LEVEL + text) as space:
        for name in "abc":
            space.write(f"data/{name}/by_time.txt", "1")
        space.run()
        for name in ("in.txt", "one.txt"):
            os.utime(space.path(f"data/a/{name}"), (1, 1))
        settled(space)
        os.utime(space.path("data/a/by_time.txt"), (1, 1))
        runs(space, 1, "input `a/by_time.txt` changed")


def test_contents_are_read_once():
    with workspace('compare = "content"\n' + LEVEL + step('["in.txt"]')) as space:
        space.run()
        settled(space)
        kept = sum(os.path.getsize(os.path.join(space.path("out/state/digests").decode(), f))
                   for f in os.listdir(space.path("out/state/digests").decode()))
        settled(space)
        assert kept == 6 * 64, kept
        # What is kept is believed, so it is what is compared: without it the files are read again.
        shutil.rmtree(space.path("out/state/digests"))
        settled(space)


if __name__ == "__main__":
    main([test for name, test in sorted(globals().items()) if name.startswith("test_")])
