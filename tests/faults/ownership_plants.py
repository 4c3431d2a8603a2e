"""Where ownership.py puts foreign files: at the places of outputs, under their globs, in their directories, behind links."""
import os

from ownership_foreign import IN_THE_WAY, STAYS, UNCLEAR, real, walk


class Plants:
    """A part of Trial."""

    def plant(self, running=False):
        """A foreign file somewhere near an output."""
        step = self.rng.choice(self.world.steps)
        name = self.rng.choice(self.world.names[step.each])
        place = real(os.path.join(self.data, self.world.place(step, name)).rstrip("/"))
        stem = real(os.path.join(self.data, *name, step.stem))
        way = UNCLEAR if self.after_kill or (running and self.runs > 1) else IN_THE_WAY
        roll = self.rng.random()
        if running and (step.is_glob() or "place" in step.kind):
            return  # what appears where the command writes in place is taken for the command's
        if roll < 0.2:
            what = self.plant_bystander(place, stem)
        elif step.is_glob():
            what = self.plant_at_glob(step, stem, UNCLEAR if way == UNCLEAR else STAYS)
        else:
            what = self.plant_at_name(step, place, way)
        if what:
            self.story.append(f"foreign{' (while it runs)' if running else ''}: {what}")

    def plant_bystander(self, place, stem):
        out = os.path.join(self.top, "out")
        paths = [f"{place}.before-wfc", f"{place}.failed-1", f"{stem}.txt.old", f"{stem}",
                 os.path.join(os.path.dirname(place), ".wfr.notes", "note")]
        # In a directory that has something and is not wfc's yet, nothing is ever written.
        if os.path.exists(os.path.join(out, "workflow")):
            paths += [os.path.join(out, "failed", "notes"), os.path.join(out, "notes.txt")]
        path = self.rng.choice(paths)
        if path == place or "*" in path:
            return None
        return self.foreign.file(path) and path

    def behind(self, path, directory, way):
        """A link there, and what it leads to: a directory with a file, a file, or nothing."""
        target = os.path.join(self.elsewhere, f"t{self.foreign.count}")
        there = self.rng.random()
        if directory or there < 0.3:
            self.foreign.file(os.path.join(target, self.rng.choice(("a", "user.txt"))))
        elif there < 0.85:
            self.foreign.file(target)
        if not self.foreign.link(path, target, way):
            return None
        self.counted.add("behind a link")
        return f"{path} -> {target}"

    def plant_at_glob(self, step, stem, way):
        last = {"glob": "_x.csv", "glob of directories": "_x", "glob in directories": "_x/x.csv"}[step.kind]
        roll = self.rng.random()
        if roll < 0.35 and step.kind != "glob":
            # Beside what the command makes, in a directory that the command makes too.
            self.counted.add("inside a directory")
            path = f"{stem}_1/user.txt"
            if os.path.lexists(f"{stem}_1"):
                if step.kind == "glob of directories":
                    way = UNCLEAR if way == UNCLEAR else IN_THE_WAY
                    self.may_block = True
                return self.foreign.file(path, way) and path
            if step.kind == "glob of directories":
                self.refused = True  # the command writes into it, and it is not the task's
            os.makedirs(f"{stem}_1")  # named by the command: not foreign by itself
            return self.foreign.file(path, way) and path
        if roll < 0.55:
            self.counted.add("under a glob")
            return self.behind(stem + last, False, way)
        path = stem + last + ("/user.txt" if step.kind == "glob of directories" and roll < 0.8 else "")
        if not self.foreign.file(path, way):
            return None
        self.counted.add("under a glob")
        return path

    def plant_at_name(self, step, place, way):
        roll = self.rng.random()
        is_directory = step.kind.startswith("directory")
        self.may_block = True
        if os.path.lexists(place):
            # An output, or something foreign: a file inside, or the output moved and a link in its place.
            if not os.path.islink(place) and os.path.isdir(place) and roll < 0.7:
                path = os.path.join(place, self.rng.choice(("user.txt", "k/user.txt", "k2/user.txt")))
                if not self.foreign.file(path, way):
                    return None
                self.counted.add("inside a directory")
                return path
            if place in self.foreign.known or os.path.islink(place):
                return None
            if any(path.startswith(place + "/") for path in self.foreign.known):
                return None
            return self.annex(place)
        if step.kind == "file below" and roll < 0.3:
            return self.behind(os.path.dirname(place), True, way)  # no output is written through a link
        was_made = place in self.ever_made  # a file of this name is the task's, whoever has written it
        if roll < 0.5 and not was_made:
            made = self.behind(place, is_directory, way)
            if made:
                self.counted.add("at a name")
            return made
        inside = was_made or roll > 0.85 or (is_directory and roll > 0.65)
        names = ("user.txt", "k/user.txt") if was_made else ("user.txt", "a", "k/user.txt")
        path = os.path.join(place, self.rng.choice(names)) if inside else place
        if not self.foreign.file(path, way):
            return None
        self.counted.add("inside a directory" if inside and is_directory else "at a name")
        return path

    def annex(self, place):
        """The user moves a result to another disk and puts a link in its place: what it leads to is his."""
        target = os.path.join(self.elsewhere, f"annex{self.foreign.count}")
        self.foreign.count += 1
        os.rename(place, target)
        for path in [target, *walk(target)]:
            self.foreign.register(path, STAYS)
        os.symlink(os.path.relpath(target, os.path.dirname(place)), place)
        # Its name is the task's, whatever is there.
        self.counted.add("behind a link")
        return f"{place} -> {target} (a result, moved)"
