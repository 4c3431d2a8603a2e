#!/usr/bin/python3
"""A log begins with its task, node and command, with `wfc run` and in a job; that is not taken for what the command has said; what
is silent and succeeds has no log.
Seen to fail: a command that names slurmstepd's words was taken for out of memory; a lost task showed its own command as output."""
from run_common import WFC, Workspace, main, os, subprocess

HEAD = """
[workflow]
name = "logs"
root = "data"
[[level]]
name = "s"
match = "*"
"""
NODE = os.uname().nodename


def step(name, run, more=""):
    return f"""
[[step]]
name = "{name}"
each = "s"
outputs = ["{name}.txt"]
run = '''{run}'''
{more}
"""


def log(space, name):
    return space.read(f"out/logs/{name}.log").decode()


def a_log_begins_with_task_node_and_command():
    run = "\necho hello # $wfc\ntouch {outputs}\n"
    with Workspace(HEAD + step("talk", run) + step("quiet", "touch {outputs}") + step("bad", "exit 3 # {outputs}")) as space:
        space.write("data/a b/in.txt", "")
        space.run(expect=1)
        lines = log(space, "talk/" + os.listdir(space.path("out/logs/talk"))[0].decode()[:-4]).split("\n")
        assert lines[0] == f"== talk:a b on {NODE}", lines
        assert lines[1] == "==   echo hello # $wfc" and lines[2].startswith("==   touch .wfr."), lines
        assert lines[3:] == ["hello", ""], lines
        assert not space.exists("out/logs/quiet")
        lines = log(space, "bad/" + os.listdir(space.path("out/logs/bad"))[0].decode()[:-4]).split("\n")
        assert lines[0] == f"== bad:a b on {NODE}" and lines[1].startswith("==   exit 3"), lines
        assert lines[2:] == ["wfr: exit status 3", ""], lines
        # Neither the reason nor what is quoted is the head.
        why = space.why("bad:a b")
        assert "exit status 3" in why and "==" not in why, why


def a_long_command_and_odd_names_are_cut_and_escaped():
    run = "echo x; : " + "y" * 5000 + " {s}; touch {outputs}"
    with Workspace(HEAD + step("talk", run)) as space:
        space.write(b"data/\x1b[31m/in.txt", "")
        space.run()
        name = os.listdir(space.path("out/logs/talk"))[0].decode()[:-4]
        text = log(space, f"talk/{name}")
        assert text.startswith("== talk:\\x1b[31m on ") and "\x1b" not in text, text[:200]
        assert "\n==   ...\nx\n" in text and len(text) < 2500, len(text)


def a_kernel_and_words():
    more = '[[step]]\nname = "words"\neach = "s"\nargv = ["sh", "-c", "echo said; exit 4", "two words"]\n'
    with Workspace(HEAD + more) as space:
        space.write("data/a/in.txt", "")
        space.run(expect=1)
        assert log(space, "words/a") == (f"== words:a on {NODE}\n==   sh -c 'echo said; exit 4' 'two words'\nsaid\n"
                                         "wfr: exit status 4\n"), log(space, "words/a")


CLUSTER = HEAD + step("one", "if test -e hang; then kill -9 $PPID; fi; echo said {s}; touch {outputs}") + """
[site.cluster]
partition = "main"
"""


def compiled(workflow, *more):
    space = Workspace(workflow)
    for name in ("a", "b"):
        space.write(f"data/{name}/in.txt", "")
    done = subprocess.run([WFC, "compile", "workflow.toml", "--site", "cluster", *more], cwd=space.dir, capture_output=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    space.hash = os.listdir(space.path("out/plan"))[0].decode()
    return space


def job(space, index, **variables):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SLURM_")}
    done = subprocess.run([space.path("out/bin/wfr"), "job", "--plan", space.hash, "--array", "01-one", "--index", str(index)],
                          cwd=space.path("out"), env={**kept, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60, check=False)
    return done.stdout.decode()


def the_log_of_a_job():
    with compiled(CLUSTER) as space:
        text = job(space, 0, SLURMD_NODENAME="n7")
        lines = text.split("\n")
        assert lines[0] == "== one:a on n7" and lines[1].startswith("==   if test -e hang"), text
        assert lines[2] == "said a", text
        # Up to date: nothing runs, so there is nothing to tell.
        assert job(space, 0).startswith("wfr: 1 of 1 tasks done"), job(space, 0)
    packed = CLUSTER.replace('name = "one"', 'name = "one"\npack = 2')
    with compiled(packed) as space:
        text = job(space, 0)
        assert text.count(f" on {NODE}\n==   if test") == 2 and "said a" in text and "said b" in text, text


def the_head_is_not_what_a_lost_command_has_said():
    words = ": slurmstepd: error: Detected 1 oom_kill event in StepId=7; "
    with compiled(CLUSTER.replace("if test -e hang", words + "if test -e hang")) as space:
        space.write("data/a/hang", "")
        space.write("out/logs/01-one.7_0.log", job(space, 0, SLURM_JOB_ID="8", SLURM_ARRAY_JOB_ID="7", SLURM_ARRAY_TASK_ID="0"))
        text = space.read("out/logs/01-one.7_0.log").decode()
        assert text.startswith("== one:a on ") and "slurmstepd" in text, text
        env = {**os.environ, "PATH": "/usr/bin:/bin"}
        subprocess.run([space.path("out/bin/wfr"), "verdict", "--plan", space.hash, "--run", "1"], cwd=space.path("out"), env=env,
                       capture_output=True, timeout=100, check=False)
        told = subprocess.run([WFC, "verdict", "--site", "cluster", "workflow.toml"], cwd=space.dir, capture_output=True, timeout=60,
                              check=False).stdout.decode()
        assert "failed" in told and "memory" not in told and "| ==" not in told, told


if __name__ == "__main__":
    main([a_log_begins_with_task_node_and_command, a_long_command_and_odd_names_are_cut_and_escaped, a_kernel_and_words,
          the_log_of_a_job, the_head_is_not_what_a_lost_command_has_said])
