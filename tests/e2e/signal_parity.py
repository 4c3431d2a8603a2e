#!/usr/bin/python3
"""The signal kernels, run as a task runs them, against SciPy: values, files and failures.

    signal_parity.py KERNEL_DRIVER LIBRARY_DIR
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np
from scipy import signal

DRIVER, LIBRARY = sys.argv[1:3]
RATE = 30000.0
# What the filters promise, as a share of the largest value; a float32 alone rounds by 6e-8.
TOLERANCE = 1e-6


def recording(count, rate=RATE):
    """Raw values: spikes and noise on a slow wave, with an offset, as an amplifier gives them."""
    random = np.random.default_rng(20181105)
    time = np.arange(count) / rate
    values = 900 + 1500 * np.sin(2 * np.pi * 8 * time) + 120 * random.standard_normal(count)
    values[::4001] -= 900
    return np.round(values).astype("<i2")


class Kernels(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def make(self, name, values, rate=RATE, scale=0.25, offset=-3.0, segments=None, **extra):
        path = self.path(name)
        with h5py.File(path, "w") as file:
            chunks = (min(65536, len(values)),) if len(values) else None
            data = file.create_dataset("data", data=values, chunks=chunks)
            data.attrs.update(units="uV", channel=9, label="raw 9", **extra)
            if rate is not None:
                data.attrs["rate"] = rate
            if scale is not None:
                data.attrs.update(scale=scale, offset=offset)
            if segments is not None:
                table = np.array(segments, dtype=[("start", "<u8"), ("timestamp", "<u8"),
                                                  ("count", "<u8")])
                file.create_dataset("segments", data=table).attrs["timestamp_rate"] = 30000.0
        return path

    def run_kernel(self, kernel, source, target="out.h5", **params):
        command = [DRIVER, LIBRARY, kernel, "--input", source, "--output", self.path(target),
                   "--scratch", self.folder.name]
        for name, value in params.items():
            command += ["--param", f"{name}={json.dumps(value)}"]
        return subprocess.run(command, capture_output=True, text=True)

    def result(self, kernel, source, target="out.h5", **params):
        done = self.run_kernel(kernel, source, target, **params)
        self.assertEqual(done.returncode, 0, done.stderr)
        with h5py.File(self.path(target)) as file:
            return file["data"][:], dict(file["data"].attrs)

    def refuse(self, kernel, source, *words, **params):
        done = self.run_kernel(kernel, source, **params)
        self.assertEqual(done.returncode, 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def close(self, found, wanted, tolerance=TOLERANCE):
        self.assertEqual(found.shape, wanted.shape)
        self.assertLess(np.abs(found - wanted).max() / np.abs(wanted).max(), tolerance)

    # Values.

    def test_lowpass_is_resample_poly_butter_filtfilt(self):
        raw = recording(40 * 30000 + 17)
        found, attributes = self.result("signal.lowpass", self.make("raw.h5", raw))
        self.assertEqual(found.dtype, np.dtype("<f4"))
        resampled = signal.resample_poly(raw * 0.25 - 3.0, 1000, 30000)
        b, a = signal.butter(4, [1, 150], "bandpass", fs=1000)
        self.close(found, signal.filtfilt(b, a, resampled))
        sos = signal.butter(4, [1, 150], "bandpass", fs=1000, output="sos")
        self.close(found, signal.sosfiltfilt(sos, resampled), 1e-7)
        self.assertEqual(attributes["rate"], 1000.0)

    def test_highpass_is_butter_filtfilt(self):
        raw = recording(300001)
        found, attributes = self.result("signal.highpass", self.make("raw.h5", raw))
        b, a = signal.butter(4, [500, 7500], "bandpass", fs=RATE)
        self.close(found, signal.filtfilt(b, a, raw * 0.25 - 3.0), 1e-7)
        self.assertEqual(attributes["rate"], RATE)

    def test_other_rates_bands_and_orders(self):
        raw = recording(120000)
        for rate, to, up, down, band, order in [(24414.0625, 1000.0, 128, 3125, [4, 90], 3),
                                                (30000.0, 1250.0, 1, 24, [0.5, 300], 2),
                                                (1000.0, 1500.0, 3, 2, [10, 400], 5),
                                                (2000.0, 2000.0, 1, 1, [55, 65], 6)]:
            with self.subTest(rate=rate, to=to):
                source = self.make("raw.h5", raw, rate=rate)
                found, attributes = self.result("signal.lowpass", source, rate=to, band=band,
                                                order=order)
                resampled = signal.resample_poly(raw * 0.25 - 3.0, up, down)
                sos = signal.butter(order, band, "bandpass", fs=to, output="sos")
                self.close(found, signal.sosfiltfilt(sos, resampled), 1e-7)
                self.assertEqual(attributes["rate"], to)

    def test_a_slow_filter_of_a_short_file(self):
        # What it remembers is longer than the file, whose length is all the memory that it takes.
        raw = recording(300000)
        found, _ = self.result("signal.highpass", self.make("raw.h5", raw), band=[1, 150])
        sos = signal.butter(4, [1, 150], "bandpass", fs=RATE, output="sos")
        self.close(found, signal.sosfiltfilt(sos, raw * 0.25 - 3.0), 1e-6)

    def test_many_short_pieces_are_one_warning(self):
        raw = recording(200000)
        segments = [(10 * i, 100 * i, 10) for i in range(10000)] + [(100000, 2000000, 100000)]
        source = self.make("raw.h5", raw, segments=segments)
        text = self.run_kernel("signal.highpass", source).stderr
        self.assertEqual(text.count("warning"), 1, text)
        self.assertIn("10000 of 10001 pieces are too short for the full extension", text)
        self.assertIn("the first, at sample 0, has 10 samples", text)

    def test_floating_point_input_without_scale(self):
        values = (recording(50000) * 0.1).astype("<f4")
        source = self.make("physical.h5", values, scale=None)
        found, _ = self.result("signal.highpass", source)
        b, a = signal.butter(4, [500, 7500], "bandpass", fs=RATE)
        self.close(found, signal.filtfilt(b, a, values.astype(float)), 1e-7)

    def test_the_least_number_of_samples(self):
        raw = recording(28)
        found, _ = self.result("signal.highpass", self.make("raw.h5", raw))
        b, a = signal.butter(4, [500, 7500], "bandpass", fs=RATE)
        self.close(found, signal.filtfilt(b, a, raw * 0.25 - 3.0), 1e-7)

    def test_spectrum_is_welch(self):
        raw = recording(200000)
        source = self.make("raw.h5", raw)
        for params, wanted in [({}, dict(nperseg=60000)),
                               (dict(segment_s=0.1, overlap=0.25, window="blackman"),
                                dict(nperseg=3000, noverlap=750, window="blackman")),
                               (dict(segment_s=0.05, detrend="none", scaling="spectrum",
                                     window="hamming"),
                                dict(nperseg=1500, detrend=False, scaling="spectrum",
                                     window="hamming"))]:
            with self.subTest(**params):
                done = self.run_kernel("signal.spectrum", source, **params)
                self.assertEqual(done.returncode, 0, done.stderr)
                frequency, power = signal.welch(raw * 0.25 - 3.0, RATE, **wanted)
                with h5py.File(self.path("out.h5")) as file:
                    self.close(file["frequency"][:], frequency, 1e-14)
                    self.close(file["psd"][:], power, 1e-12)
                    density = params.get("scaling") != "spectrum"
                    self.assertEqual(file["psd"].attrs["units"], "uV^2/Hz" if density else "uV^2")
                    self.assertEqual(file["frequency"].attrs["units"], "Hz")
                    self.assertEqual(file["psd"].attrs["channel"], 9)

    # Pauses.

    def test_pieces_are_filtered_by_themselves(self):
        raw = recording(100010)
        segments = [(0, 0, 40000), (40000, 90000, 60000), (100000, 200000, 10)]
        source = self.make("raw.h5", raw, segments=segments)
        done = self.run_kernel("signal.highpass", source)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the first, at sample 100000, has 10 samples", done.stderr)
        b, a = signal.butter(4, [500, 7500], "bandpass", fs=RATE)
        with h5py.File(self.path("out.h5")) as file:
            data = file["data"][:]
            self.assertEqual([tuple(row) for row in file["segments"][:]], segments)
        for begin, end, padding in [(0, 40000, 27), (40000, 100000, 27), (100000, 100010, 9)]:
            wanted = signal.filtfilt(b, a, raw[begin:end] * 0.25 - 3.0, padlen=padding)
            self.close(data[begin:end], wanted, 1e-7)

    def test_pieces_keep_their_times_when_resampled(self):
        raw = recording(90001)
        source = self.make("raw.h5", raw, segments=[(0, 5, 45001), (45001, 70005, 45000)],
                           start_sample=60000)
        found, attributes = self.result("signal.lowpass", source)
        self.assertEqual(attributes["start_sample"], 2000)
        with h5py.File(self.path("out.h5")) as file:
            self.assertEqual([tuple(row) for row in file["segments"][:]],
                             [(0, 5, 1501), (1501, 70005, 1500)])
            self.assertEqual(file["segments"].attrs["timestamp_rate"], 30000.0)
        sos = signal.butter(4, [1, 150], "bandpass", fs=1000, output="sos")
        second = signal.resample_poly(raw[45001:] * 0.25 - 3.0, 1, 30)
        self.close(found[1501:], signal.sosfiltfilt(sos, second), 1e-7)

    def test_spectrum_leaves_out_what_reaches_over_a_pause(self):
        raw = recording(50000)
        source = self.make("raw.h5", raw, segments=[(0, 0, 20000), (20000, 90000, 30000)])
        self.assertEqual(self.run_kernel("signal.spectrum", source, segment_s=0.1).returncode, 0)
        parts = [signal.welch(raw[begin:end] * 0.25 - 3.0, RATE, nperseg=3000)[1] * count
                 for begin, end, count in [(0, 20000, 12), (20000, 50000, 19)]]
        with h5py.File(self.path("out.h5")) as file:
            self.assertEqual(file["psd"].attrs["segments"], 31)
            self.close(file["psd"][:], (parts[0] + parts[1]) / 31, 1e-12)

    def test_a_segment_longer_than_the_recording_is_shortened_aloud(self):
        raw = recording(1000)
        done = self.run_kernel("signal.spectrum", self.make("raw.h5", raw))
        self.assertIn("a segment of 60000 samples is longer than the longest piece", done.stderr)
        with h5py.File(self.path("out.h5")) as file:
            _, power = signal.welch(raw * 0.25 - 3.0, RATE, nperseg=1000)
            self.close(file["psd"][:], power, 1e-12)

    # Files.

    def test_same_input_same_bytes(self):
        source = self.make("raw.h5", recording(200000))
        for kernel in ["signal.lowpass", "signal.highpass", "signal.spectrum"]:
            with self.subTest(kernel=kernel):
                for target in ["first.h5", "second.h5"]:
                    done = self.run_kernel(kernel, source, target)
                    self.assertEqual(done.returncode, 0, done.stderr)
                with open(self.path("first.h5"), "rb") as first, \
                        open(self.path("second.h5"), "rb") as second:
                    self.assertEqual(first.read(), second.read())

    def test_the_buffer_changes_no_value(self):
        source = self.make("raw.h5", recording(400000))
        small, _ = self.result("signal.highpass", source, buffer_mb=4)
        large, _ = self.result("signal.highpass", source, buffer_mb=400)
        self.assertEqual(small.tobytes(), large.tobytes())

    def test_attributes(self):
        source = self.make("raw.h5", recording(40000))
        _, attributes = self.result("signal.highpass", source, band=[300, 6000])
        self.assertEqual((attributes["units"], attributes["channel"], attributes["label"]),
                         ("uV", 9, "raw 9"))
        self.assertEqual((attributes["scale"], attributes["offset"]), (1.0, 0.0))
        provenance = json.loads(attributes["provenance"])
        self.assertEqual(provenance["kernel"], "signal.highpass")
        self.assertEqual(provenance["params"],
                         {"band": [300.0, 6000.0], "order": 4, "buffer_mb": 24})

    def test_nothing_is_left_in_scratch(self):
        source = self.make("raw.h5", recording(200000))
        self.result("signal.highpass", source)
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["out.h5", "raw.h5"])

    # Failures.

    def test_too_short(self):
        self.refuse("signal.highpass", self.make("raw.h5", recording(27)),
                    "/data has 27 samples, but a filter of order 4 needs at least 28")
        self.refuse("signal.lowpass", self.make("raw.h5", recording(810)),
                    "/data has 810 samples, but a filter of order 4 needs at least 811")
        self.result("signal.lowpass", self.make("raw.h5", recording(811)))

    def test_empty(self):
        source = self.make("raw.h5", np.zeros(0, "<i2"))
        for kernel in ["signal.lowpass", "signal.highpass", "signal.spectrum"]:
            self.refuse(kernel, source, "raw.h5: /data is empty")

    def test_band_beyond_the_rate(self):
        self.refuse("signal.highpass", self.make("raw.h5", recording(1000), rate=10000.0),
                    "reaches to 7500 Hz", "at or above 5000 Hz")
        self.refuse("signal.lowpass", self.make("raw.h5", recording(5000)), "reaches to 600 Hz",
                    "at or above 500 Hz", band=[1, 600])

    def test_not_a_number(self):
        values = recording(5000).astype("<f4")
        values[1234] = np.nan
        for kernel in ["signal.lowpass", "signal.highpass", "signal.spectrum"]:
            self.refuse(kernel, self.make("raw.h5", values), "sample 1234 of /data is nan")

    def test_no_rate(self):
        self.refuse("signal.highpass", self.make("raw.h5", recording(1000), rate=None), "no attribute `rate`")

    def test_impossible_ratio(self):
        self.refuse("signal.lowpass", self.make("raw.h5", recording(1000), rate=29999.87654321),
                    "cannot resample from 29999.87654321 Hz to 1000 Hz")

    def test_a_filter_that_needs_more_memory_than_allowed(self):
        self.refuse("signal.highpass", self.make("raw.h5", recording(3_500_000)),
                    "a filter that remembers", "but `buffer_mb` is 24", band=[0.1, 7500])

    def test_not_a_signal_file(self):
        with open(self.path("text.h5"), "w", encoding="utf-8") as file:
            file.write("not HDF5\n")
        self.refuse("signal.highpass", self.path("text.h5"), "text.h5")
        self.refuse("signal.highpass", self.path("missing.h5"), "missing.h5")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
