#!/usr/bin/python3
"""HDF5 inputs whose values lie in other files, or that claim to be larger than they are. Each is refused by name. Seen to fail: a
private file came out as a signal, and a file of 1 kB filled the memory."""
import os

from common import World, main
from read_common import HEAD, KERNEL, LEVEL, runs, said

START = """
import h5py, numpy as np
file = h5py.File("data/s1/in.h5", "w")
values = np.arange(60000, dtype="i2")
def describe(data):
    data.attrs["rate"] = 30000.0
"""
# What makes the file, and what the message says.
BAD = {
    "external storage": """
describe(file.create_dataset("data", (1000,), "i2", external=[("HOME/private/thesis.txt", 0, 2000)]))
""",
    "external link": """
other = h5py.File("data/s1/other.h5", "w")
describe(other.create_dataset("data", data=values))
other.close()
file["data"] = h5py.ExternalLink("other.h5", "/data")
""",
    "external link to another": """
other = h5py.File("data/s1/other.h5", "w")
describe(other.create_dataset("data", data=values))
other.close()
file["far"] = h5py.ExternalLink("other.h5", "/data")
file["data"] = h5py.SoftLink("/far")
""",
    "user-defined link": """
file["data"] = h5py.ExternalLink("other.h5", "/data")
file.close()
raw = bytearray(open("data/s1/in.h5", "rb").read())
kind = raw.index(b"\\x04data") - 1
assert raw[kind] == 64
raw[kind] = 187
open("data/s1/in.h5", "wb").write(raw)
""",
    "virtual dataset": """
other = h5py.File("data/s1/other.h5", "w")
other.create_dataset("data", data=values)
other.close()
layout = h5py.VirtualLayout(shape=(60000,), dtype="i2")
layout[:] = h5py.VirtualSource("data/s1/other.h5", "data", shape=(60000,))
describe(file.create_virtual_dataset("data", layout))
""",
    "said to have 1000000000000 values, but only 0": """
describe(file.create_dataset("data", (10**12,), "i2", chunks=(65536,)))
""",
    "said to have 1000000000001 values, but only 0": """
space = h5py.h5s.create_simple((10**12 + 1,))
made = h5py.h5d.create(file.id, b"data", h5py.h5t.STD_I16LE, space)
describe(h5py.Dataset(made))
""",
    "said to have 1000000000002 values, but only 65536": """
data = file.create_dataset("data", (10**12 + 2,), "i2", chunks=(65536,))
data[:65536] = 7
describe(data)
""",
    "table `segments`: it is said to have": """
describe(file.create_dataset("data", data=values))
cells = np.dtype([("start", "u8"), ("timestamp", "u8"), ("count", "u8")])
file.create_dataset("segments", (10**11,), cells, chunks=(1024,))
""",
}
GOOD = {
    "plain": 'describe(file.create_dataset("data", data=values))',
    "compressed": 'describe(file.create_dataset("data", data=values * 0, chunks=(4096,), compression="gzip"))',
    "partly written": """
data = file.create_dataset("data", (120000,), "i2", chunks=(4096,))
data[:60000] = values
describe(data)
""",
    "soft link": """
describe(file.create_dataset("raw/data", data=values))
file["data"] = h5py.SoftLink("/raw/data")
""",
}


def made(world, text):
    world.place("s1")
    world.workflow(HEAD + LEVEL + KERNEL % ("signal.lowpass", "in.h5") + "params = { rate = 1000, band = [1, 400] }\n")
    world.attacker(["/usr/bin/python3", "-c", (START + text + "\nfile.close()\n").replace("HOME", world.home)],
                   env={"HDF5_USE_FILE_LOCKING": "FALSE"})
    assert os.path.getsize(world.path("data/s1/in.h5")) < 10**6


def bad():
    for message, text in BAD.items():
        with World() as world:
            made(world, text)
            said(world, "ulimit -v 8000000 -f 1000000; wfc run", "in.h5", message)
            world.unread()
            assert not world.exists("data/s1/made.h5"), message


def good():
    for name, text in GOOD.items():
        with World() as world:
            made(world, text)
            runs(world)
            assert world.exists("data/s1/made.h5"), name


if __name__ == "__main__":
    main([bad, good])
