"""Foreign files for ownership.py: made with times and modes of their own, and looked for afterwards."""
import os
import re
import stat

ASIDE = re.compile(r"\.before-wfc[^/]*")
# What a file is in the way of: nothing; an output, so that `--set-aside` may rename it; or it may be taken for what
# a killed attempt has left, and lie anywhere afterwards.
STAYS, IN_THE_WAY, UNCLEAR = "stays", "in the way", "unclear"


def seen(path):
    """(type, content, mode, mtime) of what is there; of a directory what lasts."""
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    mode = stat.S_IMODE(info.st_mode)
    if stat.S_ISLNK(info.st_mode):
        return ("link", os.readlink(path), mode, info.st_mtime_ns)
    if stat.S_ISDIR(info.st_mode):
        return ("directory", "", mode, 0)
    with open(path, "rb") as file:
        return ("file", file.read(), mode, info.st_mtime_ns)


def real(path):
    """Its one name, whatever links lead to its directory."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def walk(top):
    for where, dirs, names in os.walk(top):
        for name in dirs + names:
            yield os.path.join(where, name)


class Foreign:
    """What the test itself has made in a directory."""

    def __init__(self, top, rng):
        self.top, self.rng = top, rng
        self.known = {}  # path: (what was seen, its way)
        self.count = 0

    def register(self, path, way):
        self.known[real(path)] = (seen(path), way)

    def forget(self, wanted):
        self.known = {path: one for path, one in self.known.items() if not wanted(path)}

    def unclear(self, wanted):
        self.known = {path: (was, UNCLEAR if wanted(path) else way) for path, (was, way) in self.known.items()}

    def free(self, path):
        """Nothing is there, and above it only directories of the user or of nobody yet."""
        return not os.path.lexists(path) and self.can_hold(os.path.dirname(path))

    def can_hold(self, path):
        return os.path.isdir(path) if os.path.lexists(path) else self.can_hold(os.path.dirname(path))

    def directory(self, path, way):
        if os.path.lexists(path):
            return
        self.directory(os.path.dirname(path), way)
        os.mkdir(path)
        os.chmod(path, self.rng.choice((0o755, 0o700, 0o775)))
        self.register(path, way)

    def file(self, path, way=STAYS):
        """False when there is no room for it. It comes whole, in one moment."""
        if not self.free(path):
            return False
        self.directory(os.path.dirname(path), way)
        self.count += 1
        new = os.path.join(self.top, "new")
        with open(new, "w", encoding="utf-8") as file:
            file.write(f"foreign {self.count}\n" * self.rng.choice((0, 1, 1, 3)))
        os.chmod(new, self.rng.choice((0o644, 0o600, 0o444, 0o755)))
        time = self.rng.randrange(10**9, 17 * 10**8) * 10**9 + self.rng.randrange(10**9)
        os.utime(new, ns=(time, time))
        there = seen(new)
        try:
            os.link(new, path)
        except FileExistsError:
            return False
        finally:
            os.unlink(new)
        self.known[real(path)] = (there, way)
        return True

    def link(self, path, target, way=STAYS):
        if not self.free(path):
            return False
        self.directory(os.path.dirname(path), way)
        os.symlink(os.path.relpath(target, os.path.dirname(path)), path)
        self.register(path, way)
        return True

    def lost(self, set_aside):
        """[(path, what it was, what is there now)] of those that are not what they were."""
        bad = [(path, was, way) for path, (was, way) in self.known.items() if seen(path) != was]
        everywhere = list(walk(self.top)) if bad else []
        lost = []
        for path, was, way in bad:
            places = []
            if way == UNCLEAR:
                places = everywhere
            elif way == IN_THE_WAY and set_aside:
                places = [other for other in everywhere if ASIDE.sub("", other) == path]
            if not any(seen(other) == was for other in places):
                lost.append((path, was, seen(path)))
        return lost
