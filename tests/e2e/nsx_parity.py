"""nsx.split agrees with python3-neo sample by sample, and with a slow reader where neo cannot read."""
import h5py
import numpy as np
from neo.io import BlackrockIO
from neo.rawio import BlackrockRawIO

from nsx_common import FolderTest, main, packets_of, samples_of

CHANNELS, CONNECTORS = 7, 3
SMALL = {"channels": CHANNELS, "connectors": CONNECTORS, "seconds": 1.2345, "seed": 7}


def number_of(label):
    return int(str(label).split()[-1])


class AgainstNeo(FolderTest):
    def compare(self, source, paths):
        reader = BlackrockRawIO(source)
        reader.parse_header()
        segments = range(reader.segment_count(0))
        starts, begin = [], 0
        for segment in segments:
            size = reader.get_signal_size(0, segment, 0)
            starts.append((begin, size, reader.get_signal_t_start(0, segment, 0)))
            begin += size
        for i, channel in enumerate(reader.header["signal_channels"]):
            with h5py.File(paths[number_of(channel["name"])]) as file:
                data, table = file["data"], file["segments"]
                raw = [reader.get_analogsignal_chunk(0, s, None, None, 0, channel_indexes=[i])
                       for s in segments]
                raw = np.concatenate(raw)
                np.testing.assert_array_equal(data[:], raw[:, 0])
                self.assertEqual(data.dtype, np.dtype("<i2"))
                physical = reader.rescale_signal_raw_to_float(
                    raw, "float64", 0, channel_indexes=[i])[:, 0]
                mine = data.attrs["scale"] * data[:] + data.attrs["offset"]
                np.testing.assert_allclose(mine, physical, rtol=1e-12, atol=1e-9)
                self.assertEqual(data.attrs["units"], channel["units"])
                self.assertEqual(data.attrs["label"], channel["name"])
                self.assertEqual(data.attrs["rate"], channel["sampling_rate"])
                found = [(int(r["start"]), int(r["count"]),
                          r["timestamp"] / table.attrs["timestamp_rate"]) for r in table[:]]
                self.assertEqual(found, starts)

    def test_every_format_and_packet_count(self):
        for form in ("2.2", "2.3", "3.0-64"):
            for packets in (1, 2, 5):
                for rate in (30000, 2000):
                    with self.subTest(form=form, packets=packets, rate=rate):
                        source = self.synthesize(
                            "a.ns5", **SMALL, format=form, packets=packets, rate=rate)
                        paths, _, text = self.split(source, CHANNELS, CONNECTORS)
                        self.assertEqual(text, "")
                        self.compare(source, paths)

    def test_the_high_level_reader_too(self):
        source = self.synthesize(**SMALL, packets=2)
        paths, _, _ = self.split(source, CHANNELS, CONNECTORS)
        segments = BlackrockIO(source).read_block(lazy=False).segments
        self.assertEqual(len(segments), 2)
        signals = np.concatenate([np.hstack([a.magnitude for a in s.analogsignals])
                                  for s in segments])
        self.assertEqual(signals.shape[1], CHANNELS)
        for i in range(CHANNELS):
            with h5py.File(paths[i + 1]) as file:
                mine = file["data"][:] * file["data"].attrs["scale"]
            np.testing.assert_allclose(mine, signals[:, i], rtol=1e-6)

    def test_small_buffers_change_nothing(self):
        source = self.synthesize("a.ns5", **dict(SMALL, seconds=20, channels=40), packets=3)
        paths, _, _ = self.split(source, 40, CONNECTORS, buffer_mb=1)
        self.compare(source, paths)


class AgainstASlowReader(FolderTest):
    def test_what_neo_does_not_read(self):
        for form in ("3.0", "3.0-ptp"):
            for packets in (1, 3):
                with self.subTest(form=form, packets=packets):
                    source = self.synthesize("a.ns5", **SMALL, format=form, packets=packets)
                    paths, _, text = self.split(source, CHANNELS, CONNECTORS)
                    self.assertEqual(text, "")
                    read = packets_of(source)
                    frames = np.concatenate([frames for _, frames in read])
                    for i in range(CHANNELS):
                        np.testing.assert_array_equal(samples_of(paths[i + 1]), frames[:, i])
                    with h5py.File(paths[1]) as file:
                        table = file["segments"][:]
                    self.assertEqual(len(table), packets)
                    self.assertEqual(int(table["count"].sum()), len(frames))
                    self.assertEqual(int(table[0]["timestamp"]), read[0][0])

    def test_all_formats_hold_the_same_samples(self):
        expected = None
        for form in ("2.2", "2.3", "3.0", "3.0-64", "3.0-ptp"):
            source = self.synthesize("a.ns5", **SMALL, format=form, packets=3)
            frames = np.concatenate([frames for _, frames in packets_of(source)])
            expected = frames if expected is None else expected
            np.testing.assert_array_equal(frames, expected)

    def test_timestamps_of_segments_are_those_of_the_packets(self):
        source = self.synthesize(**SMALL, packets=4, pause=0.25)
        paths, _, _ = self.split(source, CHANNELS, CONNECTORS)
        with h5py.File(paths[1]) as file:
            table = file["segments"][:]
        read = packets_of(source)
        self.assertEqual([int(t) for t in table["timestamp"]], [t for t, _ in read])
        self.assertEqual([int(c) for c in table["count"]], [len(f) for _, f in read])
        self.assertEqual(np.diff(table["timestamp"])[0] - table["count"][0], 7500)


if __name__ == "__main__":
    main()
