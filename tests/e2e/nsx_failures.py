"""nsx.split on recordings that are cut, corrupt or ambiguous, and on wrong requests."""
import os
import struct

import h5py
import numpy as np

from nsx_common import FolderTest, main, output_paths, packets_of, run_kernel, samples_of

CHANNELS = 4
SMALL = {"channels": CHANNELS, "connectors": 2, "seconds": 0.5}


class Cut(FolderTest):
    def cut(self, form, lost):
        """Splits a recording without its last `lost` bytes; returns (whole samples, stderr)."""
        source = self.synthesize(**SMALL, format=form, packets=1 if "ptp" in form else 2)
        frames = np.concatenate([frames for _, frames in packets_of(source)])
        os.truncate(source, os.path.getsize(source) - lost)
        paths, _, text = self.split(source, CHANNELS, 2)
        kept = len(samples_of(paths[1]))
        for i in range(CHANNELS):
            np.testing.assert_array_equal(samples_of(paths[i + 1]), frames[:kept, i])
        with h5py.File(paths[1]) as file:
            self.assertEqual(int(file["segments"][:]["count"].sum()), kept)
        return kept, text

    def test_a_cut_last_packet_keeps_what_is_whole(self):
        for form in ("2.2", "2.3", "3.0", "3.0-64"):
            for lost, kept in ((1, 14999), (8, 14999), (9, 14998), (8000, 14000)):
                with self.subTest(form=form, lost=lost):
                    found, text = self.cut(form, lost)
                    self.assertEqual(found, kept)
                    self.assertIn("the last data packet is cut off: it announces 7500 samples", text)

    def test_one_sample_a_packet(self):
        found, text = self.cut("3.0-ptp", 5)
        self.assertEqual(found, 14999)
        self.assertIn("the last 16 bytes are not a whole packet", text)

    def test_a_cut_head(self):
        source = self.synthesize(**SMALL)
        with open(source, "ab") as file:
            file.write(b"\x01\x00\x00")
        paths, _, text = self.split(source, CHANNELS, 2)
        self.assertEqual(len(samples_of(paths[1])), 15000)
        self.assertIn("the last 3 bytes are not a whole packet", text)

    def test_a_packet_that_was_never_closed(self):
        """Whatever the first sample is: with 1 as its low byte it looks like an empty packet's successor.
        Seen to fail: all channels were shifted by 9 bytes."""
        for form, width in (("2.3", 4), ("3.0-64", 8)):
            for first in (1, 257, -255, 2, 0):
                with self.subTest(form=form, first=first):
                    source = self.synthesize(**SMALL, format=form, packets=2)
                    (_, before), (_, after) = packets_of(source)
                    start = 314 + 66 * CHANNELS + 1 + width + 4 + before.nbytes
                    with open(source, "r+b") as file:
                        file.seek(start + 1 + width)
                        file.write(struct.pack("<Ih", 0, first))
                    paths, _, text = self.split(source, CHANNELS, 2)
                    self.assertIn("was never closed (its number of samples is 0); the 7500 whole", text)
                    frames = np.concatenate([before, after])
                    frames[7500, 0] = first
                    for i in range(CHANNELS):
                        np.testing.assert_array_equal(samples_of(paths[i + 1]), frames[:, i])

    def test_an_empty_packet_is_no_packet_that_was_never_closed(self):
        source = self.synthesize(**SMALL, packets=2)
        frames = np.concatenate([frames for _, frames in packets_of(source)])
        with open(source, "r+b") as file:
            data = file.read()
            first = 314 + 66 * CHANNELS
            file.seek(first)
            file.write(struct.pack("<BII", 1, 0, 0) + data[first:])
        paths, _, text = self.split(source, CHANNELS, 2)
        self.assertEqual(text, "")
        np.testing.assert_array_equal(samples_of(paths[3]), frames[:, 2])

    def test_no_samples_at_all(self):
        source = self.synthesize(**SMALL)
        os.truncate(source, 314 + 66 * CHANNELS)
        paths, _, text = self.split(source, CHANNELS, 2)
        self.assertIn("there are no samples", text)
        self.assertEqual(samples_of(paths[1]).shape, (0,))


class Clocks(FolderTest):
    def moved(self, times, form="2.3"):
        """A recording of packets of 3000 samples that begin at these ticks."""
        source = self.synthesize(channels=CHANNELS, connectors=2, seconds=0.1 * len(times), packets=len(times),
                                 format=form)
        with open(source, "r+b") as file:
            for i, time in enumerate(times):
                file.seek(314 + 66 * CHANNELS + i * (9 + 3000 * 2 * CHANNELS) + 1)
                file.write(struct.pack("<I", time))
        return source

    def segments(self, source, **params):
        paths, _, text = self.split(source, CHANNELS, 2, **params)
        with h5py.File(paths[1]) as file:
            return [tuple(int(x) for x in row) for row in file["segments"][:]], text

    def test_a_gap_joins_jittered_packets(self):
        source = self.moved([0, 3007, 5995, 12000])
        self.assertEqual([row[2] for row in self.segments(source)[0]], [3000] * 4)
        joined, text = self.segments(source, gap=0.001)
        self.assertEqual(joined, [(0, 0, 9000), (9000, 12000, 3000)])
        self.assertEqual(text, "")
        self.assertEqual(len(self.segments(source, gap=0.2)[0]), 1)

    def test_a_clock_of_32_bits_goes_on_where_it_wraps(self):
        begin = 2**32 - 5000
        source = self.moved([begin, begin + 3000, 1000, 30000])
        rows, text = self.segments(source)
        self.assertEqual(rows, [(0, begin, 9000), (9000, 2**32 + 30000, 3000)])
        self.assertEqual(text, "")

    def test_a_clock_that_was_reset(self):
        rows, text = self.segments(self.moved([10**9, 10**9 + 3000, 0]))
        self.assertEqual(rows, [(0, 10**9, 6000), (6000, 0, 3000)])
        self.assertIn("1 data packet begins before the end in time", text)


class Corrupt(FolderTest):
    def fails(self, change, expected, **params):
        source = self.synthesize(**SMALL, **params)
        with open(source, "r+b") as file:
            change(file)
        paths, figures, text = self.split(source, CHANNELS, 2, check=False)
        self.assertIsNone(figures)
        self.assertIn(f"error: {source}: at byte", text)
        self.assertIn(expected, text)
        self.assertFalse(any(os.path.exists(path) for path in paths.values()))

    def test_each_is_told_with_its_place(self):
        def put(offset, data):
            def change(file):
                file.seek(offset)
                file.write(data)
            return change

        first = 314 + 66 * CHANNELS
        self.fails(put(0, b"ABCDEFGH"), "at byte 0: file type `ABCDEFGH`")
        self.fails(put(8, b"\x09"), "at byte 8: specification 9.3")
        self.fails(put(10, struct.pack("<I", 1 << 31)), "at byte 10: the headers are said to take")
        self.fails(put(310, struct.pack("<I", 0)), "at byte 310: 0 channels")
        self.fails(put(314, b"XX"), "at byte 314: the header of channel 1")
        self.fails(put(first, b"\x55"), f"at byte {first}: a data packet begins with the byte 0x55")
        self.fails(put(first + 5, struct.pack("<I", 100)), f"at byte {first + 9 + 800}: a data packet",
                   packets=2)
        self.fails(put(8, b"\x02\x03"), f"at byte {first}: the data packets have timestamps of 64 bits, but the "
                   "header says specification 2.3", format="3.0-64", packets=2)
        self.fails(lambda file: file.truncate(200), "at byte 200: the file ends inside its basic")
        self.fails(lambda file: file.truncate(330), "at byte 10: the headers are said to take")


class Requests(FolderTest):
    def test_a_selection_makes_only_its_channels(self):
        source = self.synthesize(**SMALL)
        frames = packets_of(source)[0][1]
        wanted = {k: p for k, p in output_paths(self.path("o"), CHANNELS, 2).items() if k in (2, 3)}
        run_kernel("nsx.split", {"channels": ["2-3"]}, [source], wanted.values())
        np.testing.assert_array_equal(samples_of(wanted[3]), frames[:, 2])

    def test_names_come_before_paths(self):
        source = self.synthesize(**SMALL)
        target = self.path("raw.h5")
        run_kernel("nsx.split", {}, [source], [target + "::array02/channel004"])
        np.testing.assert_array_equal(samples_of(target), packets_of(source)[0][1][:, 3])

    def test_an_output_for_a_channel_that_is_not_there(self):
        source = self.synthesize(**SMALL)
        _, text = run_kernel("nsx.split", {}, [source], [self.path("x.h5::array09/channel099")], False)
        self.assertIn("the recordings have no selected channel array09/channel099", text)
        _, text = run_kernel("nsx.split", {}, [source], [self.path("x.h5")], False)
        self.assertIn("its path names no selected channel", text)

    def test_two_outputs_for_one_channel(self):
        source = self.synthesize(**SMALL)
        outputs = [self.path("x.h5::array01/channel001"), self.path("y.h5::array01/channel001")]
        _, text = run_kernel("nsx.split", {}, [source], outputs, False)
        self.assertIn("are both channel array01/channel001", text)

    def test_several_recordings(self):
        first = self.synthesize("a.ns5", **SMALL)
        second = self.synthesize("b.ns5", **dict(SMALL, channels=5, seed=2))
        # Channels 6 to 9 of the second: as another file of the same session would have them.
        with open(second, "r+b") as file:
            for i in range(5):
                file.seek(314 + 66 * i + 4)
                file.write(b"raw %d\0" % (i + 5))
        outputs = [self.path("x.h5::array01/channel002"), self.path("y.h5::array01/channel006")]
        run_kernel("nsx.split", {}, [first, second], outputs)
        np.testing.assert_array_equal(samples_of(self.path("x.h5")), packets_of(first)[0][1][:, 1])
        np.testing.assert_array_equal(samples_of(self.path("y.h5")), packets_of(second)[0][1][:, 1])
        _, text = run_kernel("nsx.split", {}, [first, first], outputs[:1], False)
        self.assertIn("two channels have the name array01/channel001", text)

    def test_an_output_that_cannot_be_written(self):
        source = self.synthesize(**SMALL)
        _, text = run_kernel(
            "nsx.split", {}, [source], [self.path("none", "x.h5::array01/channel001")], False)
        self.assertIn("cannot create", text)
        self.assertIn("No such file or directory", text)

    def test_synthesize_says_what_it_cannot_do(self):
        for params, expected in (
                ({"rate": 29999}, "is not 30000 Hz divided by a whole number"),
                ({"label": "ten bytes!"}, "has 10 bytes, but the most is 9"),
                ({"packets": 9, "seconds": 0.001, "rate": 1000}, "9 packets cannot be made of 1"),
                ({"format": "2.1"}, 'none of "2.2", "2.3", "3.0"')):
            _, text = run_kernel("nsx.synthesize", params, outputs=[self.path("x.ns5")], check=False)
            self.assertIn(expected, text)


if __name__ == "__main__":
    main()
