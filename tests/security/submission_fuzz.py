#!/usr/bin/python3
"""Feeds bin/submit, the real bash program, with journals, queues, answers of sbatch and of wfr, lists of nodes and locks
in which words are replaced by hostile ones, and looks for any program that was started for them (`canary`, which they
name in every way that bash knows), any job cancelled or named that is not wfc's, and any byte that a terminal obeys.

WFC_FUZZ_ROUNDS: inputs (default 160); WFC_FUZZ_SEED: of the generator (default 1). The old hole, `unset "id_of[$first]"`
of a word of the journal, is put in again first, and must be found."""
import concurrent.futures
import os
import random
import subprocess
import sys

from submission_common import Submission, plain

BIN = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/dev/bin")
ROUNDS = int(os.environ.get("WFC_FUZZ_ROUNDS", "160"))
SEED = int(os.environ.get("WFC_FUZZ_SEED", "1"))
WORKERS = 2
RUN = "20260101-120000-0123abcd"

WORDS = [b"$(canary)", b"`canary`", b"a[$(canary)]", b"x[$(canary)0]", b"id_of[$(canary)]", b"a[`canary`]", b"$((a[$(canary)]))",
         b"${x:-$(canary)}", b"x]=$(canary)", b"x];canary;a[x", b"01-a]$(canary)[", b";canary;", b"|canary", b"&canary&", b"<(canary)",
         b"'$(canary)'", b"\"$(canary)\"", b"\\$(canary)", b"$'\\x24(canary)'", b"@", b"*", b"?", b"[a-z]*", b"~", b"~root",
         b"../../../x", b"/etc/passwd", b"--uid=0", b"-M", b"--help", b"-1", b"0", b"007", b"0x7f", b"08", b"1e3", b"2#1", b"a",
         b"99999999999999999999", b"18446744073709551616", b"-9223372036854775808", b"|", b"||", b"\n", b"\r", b"\t", b" ", b"\0",
         b"\x1b[2J", b"\x1b]0;x\x07", b"\xc2\x9b31m", b"\xe2\x80\xae", b"\xff\xfe", b"\xc3", b"%s%n%d", b"%(canary)T", b"\\",
         b"torn", b"torn\n", b"run", b"lost", b"id", b"cancelled", b"released", b"\x1f", b"@MARK@", b":1-2-3:", b"wfc:",
         b"A" * 20000, b"canary\n", b"PATH", b"names[0]", b"HOSTNAME", b"IFS"]
# Whole lines that have been holes, or might be.
LINES = [b"lost x[$(canary)] 1", b"lost x[$(canary)0] 1", b"lost 01-a]$(canary)[ 1", b"id 01-a a[$(canary)]", b"intent a[$(canary)]",
         b"run R submit x", b"cluster x;canary", b"cancelled", b"releasing", b"released", b"all-in"]


class Generator:
    """One input, of a seed."""

    def __init__(self, space, seed):
        self.space, self.dice = space, random.Random(seed)

    def bent(self, text, chance=0.7):
        """Words, bytes or lines replaced, put in or left out; now and then nothing."""
        dice = self.dice
        if dice.random() > chance:
            return text
        for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
            what = dice.random()
            if what < 0.5:
                parts = text.split(b" ")
                place = dice.randrange(len(parts))
                parts[place] = dice.choice((b"", parts[place])) + dice.choice(WORDS) + dice.choice((b"", b"", parts[place]))
                text = b" ".join(parts)
            elif what < 0.7:
                lines = text.split(b"\n")
                lines.insert(dice.randrange(len(lines)), dice.choice(LINES))
                text = b"\n".join(lines)
            elif what < 0.9:
                place = dice.randrange(len(text) + 1)
                text = text[:place] + dice.choice(WORDS) + text[place + dice.randrange(3):]
            elif what < 0.95:
                text = text[:dice.randrange(len(text) + 1)]
            else:
                text = bytes(dice.randrange(256) if dice.random() < 0.02 else byte for byte in text)
        return text

    def journal(self):
        lines = [f"run {RUN} {self.dice.choice(('submit', 'resume'))} {self.space.plan}", "tags comment"]
        keys = self.space.keys[:self.dice.randrange(len(self.space.keys) + 1)]
        for number, key in enumerate(keys):
            if lines[0].split()[2] == "resume" and "verdict" not in key:
                key += "+0"
            lines += [f"intent {key}", f"id {key} {7 + number}"]
            if self.dice.random() < 0.3:
                lines += [f"lost {key} {7 + number}", f"id {key} {57 + number}"]
        if len(keys) == len(self.space.keys):
            lines += ["all-in", "releasing", "released", "cancelled"][:self.dice.randrange(5)]
        return "\n".join(lines + [""]).encode()

    def foreign_job(self, number):
        """Of somebody's who imitates a tag, in one field or in all."""
        tag = self.space.tag(RUN, self.dice.choice(self.space.keys)).encode()
        fields = [str(number).encode() + b"|N/A|PD|%d" % os.geteuid(), b"Priority", tag, b"w", self.space.out.encode()]
        place = self.dice.randrange(5)
        if place == 0:
            fields[0] = self.dice.choice(WORDS[:40]) + b"|N/A|PD|%d" % os.geteuid()
        elif place == 2:
            fields[2] = self.dice.choice((b"x", b"")) + tag + self.dice.choice([word for word in WORDS if b"@MARK@" not in word and word != b"\0"])  # none in a comment
            # A name that is a tag is one, where the comment is not.
        elif place == 4:
            fields[4] = b"/elsewhere" + self.dice.choice(WORDS)
        else:
            fields[2] = b"x" + self.dice.choice(WORDS) + tag
        return b"@MARK@" + b"@MARK@".join(field.replace(b"@MARK@", b":1-2-3:") for field in fields) + b"\n"

    def queue(self):
        text = b""
        for number, key in enumerate(self.space.keys):
            if self.dice.random() < 0.8:
                text += self.space.job(7 + number, "w", self.space.tag(RUN, key),
                                       reason=self.dice.choice(("Priority", "JobHeldUser", "Dependency", "odd $(canary)|x")))
        for number in range(self.dice.randrange(4)):
            text = self.foreign_job(900 + number) + text if self.dice.random() < 0.5 else text + self.foreign_job(900 + number)
        return text

    def fill(self):
        """Writes the input; the options of the call."""
        space, dice = self.space, self.dice
        space.fresh()
        space.write(space.journal, self.bent(self.journal(), 0.6))
        space.say("queue", self.queue())
        if dice.random() < 0.2:
            other = os.path.join(space.out, "state", dice.choice(("x", "0" * 32, "f" * 32)))
            os.makedirs(other, exist_ok=True)
            space.write(os.path.join(other, "journal"), self.bent(self.journal()))
        tables = os.path.join(space.state, "tables", RUN)
        os.makedirs(tables)
        parts = b"3 0 0 3 0\n0 0 1 0\n1 0 1 0 1 0 0\n"
        space.say("parts", self.bent(dice.choice((b"3 0 0 3 0\n", parts, b"1 2 0 3 0\n0 0 2 1 2 7 0\n")), 0.5))
        space.write(os.path.join(tables, "parts"), self.bent(parts, 0.5))
        space.write(os.path.join(tables, "parts.live"), self.bent(dice.choice((b"", b"7 -1\n8 0\n")), 0.5))
        for path in (os.path.join(tables, "exclude"), os.path.join(space.stub, "exclude")):
            space.write(path, self.bent(dice.choice((b"", b"n1,n2\n")), 0.4))
        if dice.random() < 0.3:
            space.say("answer", self.bent(dice.choice((b"12\n", b"12;cluster\n", b"Welcome\n12\n13\n"))))
        if dice.random() < 0.15:
            self.lock()
        return dice.choice(([], [], ["--dry-run"], ["--cancel"], ["--cancel", "--dry-run"], ["--no-test"]))

    def lock(self):
        where = os.path.join(self.space.out, "state", self.dice.choice(("lock", "lock", "lock." + os.uname()[1] + ":1")))
        os.makedirs(where, exist_ok=True)
        name = self.bent(os.uname()[1].encode() + b":1").replace(b"/", b"_").replace(b"\0", b"")[:200]
        if name not in (b"", b".", b".."):
            self.space.write(os.path.join(where.encode(), name), b"")


def problems(space, status, said):
    """What must not be, after one call."""
    if space.calls("canary"):
        yield f"canary was run: {space.calls('canary')}"
    if not plain(said):
        yield f"a terminal would obey: {said[:400]}"
    if status not in (0, 1):
        yield f"exit status {status}"
    for call in space.calls("scancel"):
        for word in call:
            good = word.startswith(b"--clusters=") or word == b"--state=PENDING"
            number = word.split(b"_")[0]
            # From 900 on they are somebody's who imitates a tag.
            if not good and not (number.isdigit() and int(number) < 900):
                yield f"scancel {word}"
    for call in space.calls("sbatch"):
        for word in call:
            # A node may be called so.
            if b"canary" in word.replace(b"=canary", b"") or b"--uid" in word or not plain(word):
                yield f"sbatch {call}"
    left = set(os.listdir(space.dir)) - {"data", "workflow.toml", "out", "stub", "tools", "real-wfr"}
    if left:
        yield f"files: {left}"


def one(space, seed):
    generator = Generator(space, seed)
    options = generator.fill()
    try:
        status, said = space.submit(*options, timeout=60)
    except subprocess.TimeoutExpired:
        return [f"input {seed} {options}: it does not end"]
    return [f"input {seed} {options}: {text}" for text in problems(space, status, said)]


def is_run(found):
    return any("canary was run" in text for text in found)


def rounds(seeds, plant=None):
    """The problems of some inputs, in a directory of their own."""
    found = []
    with Submission(BIN) as space:
        if plant:
            plant(space)
        for seed in seeds:
            found += one(space, seed)
            if plant and is_run(found):
                break
    return found


def old_hole(space):
    """A journal is believed, and a word of it is a subscript of `unset`."""
    path = os.path.join(space.out, "bin", "submit")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    planted = text.replace("lost) id_of[$first]='' ", "lost) unset \"id_of[$first]\"; ").replace(
        "bad=$(LC_ALL=C grep -anvxE -m 1 -- \"$2\" <<<\"$text\")", "bad=''")
    assert planted.count('unset "id_of[$first]"') == 1 and planted.count("bad=''") == 1, "bin/submit has changed"
    space.program(path, planted)
    space.seal()


def main():
    first = SEED * 1_000_000
    found = rounds(range(first, first + 300), old_hole)
    if not is_run(found):
        print("FAILED: the old hole is not found")
        return 1
    print(f"the old hole is found: {found[-1][:200]}")
    shares = [range(first + worker, first + ROUNDS, WORKERS) for worker in range(WORKERS)]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        found = [text for share in pool.map(rounds, shares) for text in share]
    for text in found[:20]:
        print("FAILED", text)
    print(f"{ROUNDS} inputs, seed {SEED}: {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
