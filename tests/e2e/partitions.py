#!/usr/bin/python3
"""A partition may never change what is computed: random workflows under random `[jobs]`.

Each workflow has random directories, random steps and gathers, and tasks that fail. It runs once
with `wfc run`; then it is compiled for a Slurm site under several partitions, every job is run by
`wfr job` in the order of the plan (its gate decides, as on a cluster), and every file that the two
have made must be the same, byte for byte: each output names its task and holds all of its inputs,
and it is there if and only if its task and all before it have succeeded. Under each partition other
steps are `temp`: their files are as they were or, where all that read them share their job, not
there; then some results are deleted, and the jobs have to make them again. Some steps need
themselves through a random file of pairs. Where a `split` needs more calls of sbatch than none, the
site mostly takes fewer, so that directories share arrays.
"""
import json
import random
import re
import shutil

from run_common import Workspace, WFC, main, os, subprocess

SEED = int(os.environ.get("WFC_PARTITIONS_SEED", "20181105"))
WORKFLOWS = int(os.environ.get("WFC_PARTITIONS_WORKFLOWS", "10"))
PARTITIONS = 4
LEVELS = ["day", "session", "channel"]


def random_tree(rng):
    """Paths of the directories at each level."""
    tree = {"": [""]}
    above = ""
    for level in LEVELS:
        tree[level] = [f"{parent}/{level}{i}".lstrip("/") for parent in tree[above]
                       for i in range(rng.choice([0, 1, 2, 3, 4] if level != "day" else [1, 2, 3]))]
        above = level
    return tree if all(tree.values()) else random_tree(rng)


def random_steps(rng):
    """[(name, level, [needs], more keys)], each after what it needs."""
    steps = []
    for i in range(rng.randint(3, 7)):
        level = rng.choice(LEVELS + ["channel", "channel", ""])
        before = [name for name, *_ in steps]
        needs = rng.sample(before, min(len(before), rng.choice([0, 1, 1, 2])))
        more = rng.choice(["", "", "cpus = 2\n", 'mem = "100M"\n', "limit = 2\n", "fuse = false\n"])
        if level == "channel" and rng.random() < 0.3:
            more += 'where = { session = "*[02]" }\n'
        steps.append((f"s{i}", level, needs, more))
    return steps


def random_temps(rng, steps):
    """Of the steps that another one reads, some."""
    read = {need for _, _, needs, _ in steps for need in needs}
    return {name for name in sorted(read) if rng.random() < 0.4}


def random_pairs(rng, steps, tree):
    """{step: lines of a file}: tasks that wait for each other along a random order of them."""
    files = {}
    for name, level, _, more in steps:
        if not level or rng.random() > 0.3:
            continue
        tasks = tree[level] if "where" not in more else [
            path for path in tree[level]
            if path.split("/")[LEVELS.index("session")][-1] in "02"]
        if rng.random() < 0.6:
            rng.shuffle(tasks)
        below = rng.choice(["", "", "day", "session"])
        depth = LEVELS.index(below) + 1 if below and below != level else 0
        odds = rng.choice([0.1, 0.3, 1.0])
        pairs = [(first, then) for i, then in enumerate(tasks) for j, first in enumerate(tasks[:i])
                 if first.split("/")[:depth] == then.split("/")[:depth]
                 and rng.random() < (odds if j > i - 3 else odds / 5)]
        if pairs:
            files[name] = "from,to\n" + "".join(f"{first},{then}\n" for first, then in pairs)
    return files


def workflow_text(steps, jobs, limits, pairs, temps=()):
    text = ['[workflow]\nname = "random"\nroot = "data"\n']
    text += [f'[[level]]\nname = "{level}"\nmatch = "{level}*"\n' for level in LEVELS]
    for name, level, needs, more in steps:
        own = [name] if name in pairs else []
        inputs = " ".join(f"{{needs.{need}}}" for need in needs + own)
        needed = [json.dumps(need) for need in needs]
        needed += [f'{{ step = "{name}", pairs = "pairs-{name}.csv" }}' for name in own]
        text.append(
            f'[[step]]\nname = "{name}"\n' + (f'each = "{level}"\n' if level else "") +
            f"needs = [{', '.join(needed)}]\nallow_empty = true\n" + more +
            ("temp = true\n" if name in temps else "") +
            f'outputs = ["{name}.txt"]\ntime = "5m"\n' +
            f'run = """test ! -e fail-{name}\n{{ echo {name} in "$(pwd -P | sed s,.*/data,,)"\n' +
            f'cat {inputs} /dev/null; }} > {{outputs}}"""\n')
    limits = ", ".join(f"{key} = {value}" for key, value in limits.items())
    text.append(f'[site.cluster]\npartition = "main"\nlimits = {{ {limits} }}\n')
    if jobs:
        text.append("[jobs]\n" + jobs)
    return "\n".join(text)


def random_partition(rng):
    jobs = rng.choice(["", 'per = "session"\n', 'per = "day"\n', 'per = "channel"\n'])
    jobs += rng.choice(["", "", 'split = "session"\n', 'split = "day"\n'])
    jobs += rng.choice(["", "pack = 2\n", "pack = 3\n", "pack = 100\n"])
    jobs += rng.choice(["", "fuse = true\n"])
    return jobs, rng.choice([{}, {"max_array_size": 3}])


def calls_of_sbatch(space, steps, jobs, limits, pairs, temps):
    space.write("workflow.toml", workflow_text(steps, jobs, limits, pairs, temps))
    done = subprocess.run([WFC, "plan", "workflow.toml", "--site", "cluster", "--json", "--all"], cwd=space.dir,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return json.loads(done.stdout)["totals"]["submissions"]


def fewer_calls(rng, space, steps, jobs, limits, pairs, temps):
    """The limits with fewer calls than the split needs, but as many as are needed without it."""
    if "split" not in jobs or rng.random() < 0.2:
        return limits
    without = re.sub('split = .*\n', '', jobs)
    few, many = (calls_of_sbatch(space, steps, keys, limits, pairs, temps) for keys in (without, jobs))
    return {**limits, "max_submissions": rng.randrange(few, many)} if few < many else limits


def few_submissions(rng, steps, pairs, jobs, limits):
    """Often so few that deep graphs of pairs share jobs: an array for each step, and the verdict."""
    if not pairs or "split" in jobs or rng.random() < 0.3:
        return limits
    # With short arrays there are more of them than steps.
    few = len(steps) + 1 + rng.choice([0, 1, 2]) * len(pairs) if not limits else 40
    return {**limits, "max_submissions": few}


def make_data(space, tree, marks):
    shutil.rmtree(space.path("data"), ignore_errors=True)
    shutil.rmtree(space.path("out"), ignore_errors=True)
    for paths in tree.values():
        for path in paths:
            os.makedirs(space.path(f"data/{path}"), exist_ok=True)
    for mark in marks:
        space.write(f"data/{mark}", "")


def indices_of(script):
    spec = re.search(r"^#SBATCH --array=([0-9,-]+)", script, re.MULTILINE)
    if spec is None:
        return [None]
    found = []
    for part in spec[1].split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def run_jobs(space):
    """Every job of the compiled workflow, in the plan's order; its gate does the rest."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("SLURM_")}
    plan_hash = os.listdir(space.path("out/plan"))[0].decode()
    count = 0
    for array in json.loads(space.read(f"out/plan/{plan_hash}/plan.json"))["arrays"]:
        script = space.read(f"out/jobs/{array['name']}.sbatch").decode()
        table = re.search(r"--table (\S+\.u32)", script)
        for index in indices_of(script):
            place = [] if index is None else ["--index", str(index)]
            place += ["--table", table[1]] if table else []
            subprocess.run([space.path("out/bin/wfr"), "job", "--plan", plan_hash, "--array",
                            array["name"], *place], cwd=space.path("out"), env=variables,
                           capture_output=True, timeout=120)
            count += 1
    return count


def compile_workflow(space):
    done = subprocess.run([WFC, "compile", "workflow.toml", "--site", "cluster"], cwd=space.dir,
                          capture_output=True, timeout=60)
    return done.returncode, done.stderr.decode(errors="replace")


def compare(what, found, expected, temps):
    """Number of files that are not there, all of them of `temps`."""
    away = {path for path in expected.keys() - found.keys()
            if os.path.basename(path).decode().removesuffix(".txt") in temps}
    expected = {path: bytes_ for path, bytes_ in expected.items() if path not in away}
    assert found == expected, (
        f"{what}:\nmissing {sorted(expected.keys() - found.keys())}, "
        f"too many {sorted(found.keys() - expected.keys())}, differing "
        f"{sorted(k for k in found if k in expected and found[k] != expected[k])}")
    return len(away)


def delete_some(rng, space, found):
    for path in sorted(found):
        if path.endswith(b".txt") and rng.random() < 0.2:
            os.remove(os.path.join(os.fsencode(space.path("data")), path))


def every_partition_computes_the_same():
    rng = random.Random(SEED)
    compared = jobs_run = failed = in_scratch = own = shared = tied = 0
    for number in range(WORKFLOWS):
        tree = random_tree(rng)
        steps = random_steps(rng)
        places = [f"{path}/fail-{name}".lstrip("/") for name, level, *_ in steps
                  for path in tree[level]]
        marks = rng.sample(places, len(places) // 12)
        # Of its own: the other choices stay as they are without pairs.
        apart = random.Random(SEED + number)
        pairs = random_pairs(apart, steps, tree)
        own += len(pairs)
        with Workspace(workflow_text(steps, "", {}, pairs)) as space:
            for name, text in pairs.items():
                space.write(f"pairs-{name}.csv", text)
            make_data(space, tree, marks)
            done = subprocess.run([WFC, "run", "workflow.toml", "-j", "2"], cwd=space.dir,
                                  capture_output=True, timeout=120)
            assert done.returncode in (0, 1), done.stderr.decode(errors="replace")
            expected = space.files()
            failed += done.returncode
            for _ in range(PARTITIONS):
                jobs, limits = random_partition(rng)
                limits = few_submissions(apart, steps, pairs, jobs, limits)
                temps = random_temps(rng, steps)
                limits = fewer_calls(apart, space, steps, jobs, limits, pairs, temps)
                space.write("workflow.toml", workflow_text(steps, jobs, limits, pairs, temps))
                make_data(space, tree, marks)
                status, errors = compile_workflow(space)
                what = (f"workflow {number} of seed {SEED} with\n{jobs}limits = {limits}, "
                        f"temp: {sorted(temps)}")
                assert status == 0, f"{what} does not compile:\n{errors}"
                # A step with pairs may share more jobs instead, so that the split fits.
                assert "WFC4032" not in errors or "max_submissions" in limits, f"{what}:\n{errors}"
                shared += "WFC4032" in errors
                tied += any(b"connected components of" in space.read(f"out/jobs/{name.decode()}")
                            for name in os.listdir(space.path("out/jobs")))
                jobs_run += run_jobs(space)
                found = space.files()
                in_scratch += compare(what, found, expected, temps)
                delete_some(rng, space, found)
                jobs_run += run_jobs(space)
                compare(f"made again: {what}", space.files(), expected, temps)
                compared += len(found)
    assert failed > 2 and compared > 500 and jobs_run > 300 and in_scratch > 50, (
        failed, compared, jobs_run, in_scratch)
    assert own >= WORKFLOWS // 3 and shared >= WORKFLOWS // 3 and tied > 2, (own, shared, tied)
    print(f"seed {SEED}: {WORKFLOWS} workflows, {own} files of pairs within a step, "
          f"{WORKFLOWS * PARTITIONS} partitions ({shared} with fewer arrays than asked for, "
          f"{tied} with sets of directories that pairs tie together), {jobs_run} jobs, "
          f"{failed} workflows with failures, {compared} files compared, {in_scratch} never left a job")


main([every_partition_computes_the_same])
