"""Runs the nsx kernels by hand for the tests beside it: nsx_*.py KERNEL_DRIVER LIBRARY_DIR."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np

DRIVER, LIBRARIES = sys.argv[1:3]


def run_kernel(name, params=None, inputs=(), outputs=(), check=True, before=None):
    """`before` runs in the child first. Returns (figures of the run, what it wrote to stderr)."""
    command = [DRIVER, LIBRARIES, name]
    for key, value in (params or {}).items():
        command += ["--param", f"{key}={json.dumps(value)}"]
    for path in inputs:
        command += ["--input", str(path)]
    for path in outputs:
        command += ["--output", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=before)
    if check and done.returncode != 0:
        raise AssertionError(f"{name} failed: {done.stderr}")
    figures = json.loads(done.stdout) if done.returncode == 0 else None
    return figures, done.stderr


def output_paths(folder, channels, connectors):
    """The files that a split of a synthesized recording makes, by channel number."""
    paths = {}
    for i in range(channels):
        array = i * connectors // channels + 1
        path = os.path.join(folder, f"array{array:02d}", f"channel{i + 1:03d}", "raw.h5")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        paths[i + 1] = path
    return paths


def samples_of(path):
    with h5py.File(path) as file:
        return file["data"][:]


def packets_of(path):
    """An own, slow reader: [(timestamp, frames)] of a recording whose packets are all whole."""
    with open(path, "rb") as file:
        data = file.read()
    major = data[8]
    start, = struct.unpack_from("<I", data, 10)
    channels, = struct.unpack_from("<I", data, 310)
    wide = major >= 3 and narrow_does_not_fit(data, start, channels)
    head = struct.Struct("<BQI" if wide else "<BII")
    packets, at = [], start
    while at < len(data):
        mark, timestamp, count = head.unpack_from(data, at)
        assert mark == 1, at
        at += head.size
        frames = np.frombuffer(data, "<i2", count * channels, at).reshape(count, channels)
        packets.append((timestamp, frames))
        at += frames.nbytes
    return packets


def narrow_does_not_fit(data, start, channels):
    at = start
    while at + 9 <= len(data) and data[at] == 1:
        count, = struct.unpack_from("<I", data, at + 5)
        at += 9 + 2 * channels * count
    return at != len(data)


class FolderTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="wfc_nsx.")
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def synthesize(self, name="a.ns5", **params):
        run_kernel("nsx.synthesize", params, outputs=[self.path(name)])
        return self.path(name)

    def split(self, source, channels, connectors=4, folder="out", check=True, before=None, **params):
        """Splits every channel; returns (paths by channel, figures, stderr)."""
        paths = output_paths(self.path(folder), channels, connectors)
        figures, text = run_kernel("nsx.split", params, [source], paths.values(), check, before)
        return paths, figures, text


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
