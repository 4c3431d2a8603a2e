#!/usr/bin/python3
"""A small honest spike detector. sort_spikes.py HIGHPASS.h5 --firings F.csv --waveform W.csv --threads N

Finds each trough below -4.5 robust standard deviations (median(|x|) / 0.6745, Quiroga et al. 2004), at
most one per refractory millisecond, and writes its time and depth, and the mean waveform. One unit per
channel: replace this script by a real sorter when units have to be told apart."""
import argparse
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy

FACTOR = 4.5  # robust standard deviations
REFRACTORY_S = 0.001
BEFORE_S, AFTER_S = 0.0006, 0.0012  # of the waveform, around the trough
BLOCK_S = 5.0  # of one piece of work: fixed, so that the result does not depend on the threads


def robust_sigma(samples):
    return float(numpy.median(numpy.abs(samples))) / 0.6745


def troughs(samples, begin, end, threshold):
    """Local minima below the threshold in [begin, end), as indices into `samples`."""
    low, high = max(1, begin), min(len(samples) - 1, end)
    middle = samples[low:high]
    found = (middle < threshold) & (middle <= samples[low - 1:high - 1]) & (middle < samples[low + 1:high + 1])
    return numpy.flatnonzero(found) + low


def keep_deepest(samples, candidates, apart):
    """Of candidates nearer than `apart` samples the deepest stays; ties go to the first."""
    kept = []
    for index in candidates:
        if kept and index - kept[-1] < apart:
            if samples[index] < samples[kept[-1]]:
                kept[-1] = index
        else:
            kept.append(index)
    return numpy.array(kept, dtype=int)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording")
    parser.add_argument("--firings", required=True)
    parser.add_argument("--waveform", required=True)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    with h5py.File(arguments.recording, "r") as source:
        data = source["data"]
        rate = float(data.attrs["rate"])
        samples = data[:].astype(numpy.float64)

    threshold = -FACTOR * robust_sigma(samples)
    block = int(BLOCK_S * rate)
    with ThreadPoolExecutor(max_workers=arguments.threads) as pool:
        pieces = list(pool.map(lambda begin: troughs(samples, begin, begin + block, threshold),
                               range(0, len(samples), block)))
    spikes = keep_deepest(samples, numpy.concatenate(pieces), int(REFRACTORY_S * rate))

    before, after = int(BEFORE_S * rate), int(AFTER_S * rate)
    whole = spikes[(spikes >= before) & (spikes + after < len(samples))]
    shape = [samples[whole + offset].mean() for offset in range(-before, after + 1)] if len(whole) else []
    with open(arguments.firings, "w") as out:
        out.write("time_s,depth_uv\n")
        out.writelines(f"{index / rate:.6f},{samples[index]:.2f}\n" for index in spikes)
    with open(arguments.waveform, "w") as out:
        out.write("time_ms,mean_uv\n")
        out.writelines(f"{(index - before) / rate * 1000:.4f},{value:.3f}\n" for index, value in enumerate(shape))
    print(f"{len(spikes)} spikes below {threshold:.1f} uV")


if __name__ == "__main__":
    main()
