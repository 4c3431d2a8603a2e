"""What nsx promises beside its numbers: memory, same bytes anywhere, few open files, speed."""
import filecmp
import os
import resource

import h5py
import numpy as np

from nsx_common import FolderTest, main, packets_of, run_kernel, samples_of

MEGABYTE = 1000 * 1000


class Bounds(FolderTest):
    def test_memory_is_the_buffer_and_not_the_file(self):
        source = self.synthesize(channels=128, seconds=40)
        self.assertGreater(os.path.getsize(source), 300 * MEGABYTE)
        for buffer_mb in (2, 40):
            _, figures, _ = self.split(source, 128, buffer_mb=buffer_mb)
            self.assertLess(figures["peak_kb"] * 1024, (buffer_mb + 30) * MEGABYTE)

    def test_a_thousand_channels_with_few_open_files(self):
        source = self.synthesize(channels=1200, seconds=0.2)

        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))

        def soft():
            resource.setrlimit(resource.RLIMIT_NOFILE, (100, 4000))

        paths, figures, _ = self.split(source, 1200, folder="few", before=few)
        self.assertLess(figures["peak_kb"] * 1024, (64 + 30) * MEGABYTE)
        others, _, _ = self.split(source, 1200, folder="soft", before=soft)
        frames = packets_of(source)[0][1]
        for i in (0, 36, 37, 599, 1199):
            np.testing.assert_array_equal(samples_of(paths[i + 1]), frames[:, i])
        for i in paths:
            self.assertTrue(filecmp.cmp(paths[i], others[i], shallow=False))

    def test_the_same_bytes_whatever_the_buffer_and_the_place(self):
        source = self.synthesize("a.ns5", channels=16, seconds=5, packets=3)
        first, _, _ = self.split(source, 16, folder="one", buffer_mb=1)
        again = self.synthesize("b.ns5", channels=16, seconds=5, packets=3)
        self.assertTrue(filecmp.cmp(source, again, shallow=False))
        second, _, _ = self.split(again, 16, folder="another/place", buffer_mb=50)
        for i in first:
            self.assertTrue(filecmp.cmp(first[i], second[i], shallow=False))

    def test_a_seed_is_another_recording(self):
        first = packets_of(self.synthesize(seconds=0.1))[0][1]
        other = packets_of(self.synthesize(seconds=0.1, seed=2))[0][1]
        self.assertFalse(np.array_equal(first, other))
        self.assertFalse(np.array_equal(first[:, 0], first[:, 1]))

    def test_the_demo_recording_is_made_quickly(self):
        figures, _ = run_kernel("nsx.synthesize", {"seconds": 20, "channels": 16},
                                outputs=[self.path("a.ns5")])
        # It takes 0.2 s; the bound of 1 s with room for a machine that is busy with other tests.
        self.assertLess(figures["seconds"], 3)

    def test_the_recording_has_spikes_theta_and_hum(self):
        from scipy import signal
        source = self.synthesize(seconds=20, channels=2, spike_rate=10)
        rate, raw = 30000, packets_of(source)[0][1][:, 0] / 4
        fast = signal.sosfiltfilt(
            signal.butter(4, [500, 7500], "band", fs=rate, output="sos"), raw)
        noise = np.median(np.abs(fast)) / 0.6745
        self.assertTrue(4 < noise < 12, noise)
        found = np.count_nonzero(np.diff((fast < -5 * noise).astype(int)) == 1) / 20
        self.assertTrue(7 < found < 14, found)
        frequency, power = signal.welch(raw, rate, nperseg=2 * rate)
        for peak in (2, 8, 40, 50):
            at = np.argmin(np.abs(frequency - peak))
            self.assertGreater(power[at], 100 * np.median(power[at + 4:at + 12]))


class Layout(FolderTest):
    def test_the_file_is_as_documented(self):
        source = self.synthesize(channels=9, connectors=2, seconds=3)
        paths, _, _ = self.split(source, 9, 2)
        with h5py.File(paths[9]) as file:
            data = file["data"]
            self.assertEqual(sorted(file), ["data", "segments"])
            self.assertEqual(sorted(data.attrs), ["channel", "label", "offset", "provenance", "rate",
                                                  "scale", "start_sample", "units"])
            self.assertEqual(data.attrs["channel"], 9)
            self.assertEqual(data.attrs["label"], "raw 9")
            self.assertEqual(data.attrs["scale"], 0.25)
            self.assertEqual(data.chunks, (65536,))
            self.assertEqual(data.shape, (90000,))
            self.assertIn('"nsx.split"', data.attrs["provenance"])
            self.assertEqual(file["segments"].dtype.names, ("start", "timestamp", "count"))


if __name__ == "__main__":
    main()
