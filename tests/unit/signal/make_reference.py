#!/usr/bin/python3
"""Writes reference.json, what SciPy makes of the signals in this folder's tests.

    make_reference.py > reference.json
"""
import json

import numpy as np
from scipy import signal

BANDS = [  # rate, low, high, order
    (30000, 500, 7500, 4),
    (1000, 1, 150, 4),
    (1000, 5, 490, 5),
    (1000, 59, 61, 6),
    (30000, 300, 3000, 1),
    (1000, 0.2, 499, 3),
]


def wave(count):
    """The signal of test_signal.hpp: an offset, a slow wave and whole-number noise."""
    i = np.arange(count, dtype=np.uint64)
    noise = (i * i * np.uint64(7919) + i * np.uint64(104729)) % np.uint64(2003)
    return 500 + 300 * np.sin(0.01 * i.astype(float)) + noise.astype(float) - 1001


def responses():
    for rate, low, high, order in BANDS:
        sos = signal.butter(order, [low, high], "bandpass", fs=rate, output="sos")
        frequency = np.array([low / 2, low, np.sqrt(low * high), high, (high + rate / 2) / 2])
        _, response = signal.sosfreqz(sos, frequency, fs=rate)
        yield {"rate": rate, "low": low, "high": high, "order": order,
               "frequency": frequency.tolist(), "real": response.real.tolist(),
               "imag": response.imag.tolist()}


def zero_phase():
    # Lengths: the least, within a tile, one tile exactly with its extensions, several tiles.
    for band, count, every in [(0, 28, 1), (0, 5000, 97), (0, 65536 - 54, 997), (0, 250000, 997),
                               (1, 400000, 1999), (2, 70000, 499), (3, 200000, 1999),
                               (4, 70001, 499), (5, 300000, 1999)]:
        rate, low, high, order = BANDS[band]
        sos = signal.butter(order, [low, high], "bandpass", fs=rate, output="sos")
        out = signal.sosfiltfilt(sos, wave(count))
        yield {"rate": rate, "low": low, "high": high, "order": order, "count": count,
               "every": every, "values": out[::every].tolist(), "last": out[-1],
               "scale": np.abs(out).max()}


def resampled():
    for up, down, count, every in [(1, 30, 20000, 7), (1, 30, 1, 1), (128, 3125, 30000, 11),
                                   (160, 147, 3000, 13), (3, 2, 400, 3), (15, 1, 100, 7),
                                   (1, 1, 10, 1)]:
        out = signal.resample_poly(wave(count), up, down)
        yield {"up": up, "down": down, "count": count, "every": every, "size": len(out),
               "values": out[::every].tolist()}


def spectra():
    for window, length, overlap, detrend, scaling in [
            ("hann", 256, 128, "constant", "density"), ("hamming", 255, 51, "constant", "spectrum"),
            ("blackman", 100, 0, False, "density"), ("boxcar", 64, 63, False, "spectrum"),
            ("hann", 1000, 500, "constant", "density")]:
        frequency, power = signal.welch(wave(3000), 2000.0, window, length, overlap,
                                        detrend=detrend, scaling=scaling)
        yield {"window": window, "length": length, "overlap": overlap,
               "detrend": detrend == "constant", "density": scaling == "density",
               "weights": signal.get_window(window, length).tolist()[:5],
               "frequency": frequency.tolist(), "power": power.tolist()}


def main():
    filters = [{"up": up, "down": down,
                "values": (signal.firwin(20 * max(up, down) + 1, 1 / max(up, down),
                                         window=("kaiser", 5.0)) * up).tolist()}
               for up, down in [(1, 4), (3, 2)]]
    print(json.dumps({"responses": list(responses()), "zero_phase": list(zero_phase()),
                      "filters": filters, "resampled": list(resampled()),
                      "spectra": list(spectra())}))


if __name__ == "__main__":
    main()
