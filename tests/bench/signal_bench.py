#!/usr/bin/python3
"""Times the signal kernels against SciPy, side by side on one core, and watches their memory.

    signal_bench.py KERNEL_DRIVER LIBRARY_DIR [SECONDS_OF_SIGNAL [ROUNDS]]

Both sides do the whole work: read raw int16 from HDF5, scale, compute in double, store float32.
Each round runs them one after the other; the best time of each counts. Fails below 3 x SciPy, and
at 64 MB or more of memory, which is also checked on a recording four times as long.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np
from scipy import signal

RATE = 30000
LEAST_RATIO = 3.0
MOST_MEMORY_KB = 64 * 1024


def make_recording(path, samples):
    """A raw channel as nsx.split writes it: noise and a slow wave, int16, 0.25 uV a step."""
    random = np.random.default_rng(20181105)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("data", (samples,), "<i2", chunks=(65536,))
        for begin in range(0, samples, 1 << 20):
            count = min(1 << 20, samples - begin)
            wave = 800 * np.sin(2 * np.pi * 8 / RATE * np.arange(begin, begin + count))
            data[begin:begin + count] = (wave + 200 * random.standard_normal(count)).astype("<i2")
        data.attrs.update(rate=float(RATE), units="uV", channel=1, label="raw 1", scale=0.25,
                          offset=0.0)


def read(path):
    with h5py.File(path) as file:
        data = file["data"]
        return data[:] * data.attrs["scale"] + data.attrs["offset"]


def write(path, values):
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=values.astype("<f4"), chunks=(65536,))


def scipy_lowpass(source, target):
    resampled = signal.resample_poly(read(source), 1, RATE // 1000)
    b, a = signal.butter(4, [1, 150], "bandpass", fs=1000)
    write(target, signal.filtfilt(b, a, resampled))


def scipy_highpass(source, target):
    b, a = signal.butter(4, [500, 7500], "bandpass", fs=RATE)
    write(target, signal.filtfilt(b, a, read(source)))


def scipy_spectrum(source, target):
    frequency, power = signal.welch(read(source), RATE, nperseg=2 * RATE)
    with h5py.File(target, "w") as file:
        file["frequency"] = frequency
        file["psd"] = power


SCIPY = {
    "signal.lowpass": scipy_lowpass,
    "signal.highpass": scipy_highpass,
    "signal.spectrum": scipy_spectrum,
}


def run_kernel(driver, library, kernel, source, target):
    out = subprocess.run([driver, library, kernel, "--input", source, "--output", target],
                         check=True, capture_output=True, text=True).stdout
    return json.loads(out.splitlines()[-1])


def compare(driver, library, kernel, folder, source, rounds):
    ours, theirs, peak = [], [], 0
    for _ in range(rounds):
        report = run_kernel(driver, library, kernel, source, folder + "/ours.h5")
        ours.append(report["seconds"])
        peak = max(peak, report["peak_kb"])
        start = time.perf_counter()
        SCIPY[kernel](source, folder + "/theirs.h5")
        theirs.append(time.perf_counter() - start)
    return min(ours), min(theirs), peak


def main():
    driver, library = sys.argv[1], sys.argv[2]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 600
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    good = True
    with tempfile.TemporaryDirectory() as folder:
        source = folder + "/raw.h5"
        make_recording(source, int(seconds * RATE))
        print(f"{seconds:g} s of {RATE} Hz, one core, best of {rounds}")
        for kernel in SCIPY:
            ours, theirs, peak = compare(driver, library, kernel, folder, source, rounds)
            # The bound is for the filters; the spectrum's time is FFT on both sides.
            bound = LEAST_RATIO if kernel != "signal.spectrum" else 1.0
            good = good and theirs / ours >= bound and peak < MOST_MEMORY_KB
            print(f"{kernel:16} {ours:7.3f} s   scipy {theirs:7.3f} s   ratio {theirs / ours:5.1f}"
                  f" (at least {bound:g})   peak {peak / 1024:5.1f} MB (under 64)")
        make_recording(source, int(4 * seconds * RATE))
        for kernel in SCIPY:
            report = run_kernel(driver, library, kernel, source, folder + "/ours.h5")
            good = good and report["peak_kb"] < MOST_MEMORY_KB
            print(f"{kernel:16} {report['seconds']:7.3f} s at {4 * seconds:g} s of signal"
                  f"   peak {report['peak_kb'] / 1024:5.1f} MB (under 64)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
