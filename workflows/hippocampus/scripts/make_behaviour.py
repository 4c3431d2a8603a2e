#!/usr/bin/python3
"""Writes what a day of behaviour leaves behind: markers and the walked path per session, one eye record.

make_behaviour.py DAY --seconds N: for every session0* directory of DAY markers.csv and path.csv, and
DAY/sessioneye/eye.csv. A fixed seed per session: the same arguments give the same bytes."""
import argparse
import math
import os
import random

RATE = 30000  # samples a second of the recording system, whose clock the markers carry
HALF = 12.5  # half the length of a side of the room [m]
POSTERS = 6


def trials(seconds, rng):
    """Yields (poster, cue, start, end, reached) in seconds."""
    time = 1.0
    while time + 4.5 < seconds:
        cue, start = time, time + 1.0
        end = start + rng.uniform(1.8, 2.8)
        yield rng.randint(1, POSTERS), cue, start, end, rng.random() < 0.85
        time = end + 0.5


def write_markers(path, plan):
    with open(path, "w") as out:
        out.write("sample,code\n")
        out.write(f"{RATE // 2},84\n")  # 84: the session begins
        for poster, cue, start, end, reached in plan:
            for code, time in ((10, cue), (20, start), (30 if reached else 40, end)):
                out.write(f"{round(time * RATE)},{code + poster}\n")


def write_path(path, seconds, rng):
    phase = rng.uniform(0, 2 * math.pi)
    with open(path, "w") as out:
        out.write("time_s,x_m,z_m,heading_deg\n")
        for tick in range(int(seconds * 20) + 1):
            time = tick / 20
            angle = phase + 0.25 * time
            x, z = 8 * math.cos(angle), 6 * math.sin(1.3 * angle)
            heading = math.degrees(math.atan2(-8 * math.sin(angle), 7.8 * math.cos(1.3 * angle)))
            out.write(f"{time:.3f},{x:.4f},{z:.4f},{heading % 360:.3f}\n")


def write_eye(out, session, seconds, plan, offset_ms, rng):
    """The tracker's clock starts earlier and runs 40 ppm fast; the screen has 1920 x 1080 pixels."""
    def tracker_ms(time):
        return offset_ms + time * 1000 * 1.00004
    messages = sorted([(0.0, f"SESSION {session}")]
                      + [(start, f"TRIAL {poster}") for poster, _, start, _, _ in plan])
    x, y, until, due = 960.0, 540.0, 0.0, 0
    for tick in range(int(seconds * 250)):
        time = tick / 250
        while due < len(messages) and messages[due][0] <= time:
            out.write(f"{tracker_ms(messages[due][0]):.0f},,,{messages[due][1]}\n")
            due += 1
        if time >= until:  # a saccade to somewhere new, then a fixation with a little tremor
            x, y = rng.gauss(960, 330), rng.gauss(500, 150)
            until = time + rng.uniform(0.15, 0.5)
        out.write(f"{tracker_ms(time):.0f},{x + rng.gauss(0, 4):.1f},{y + rng.gauss(0, 4):.1f},\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("day")
    parser.add_argument("--seconds", type=float, required=True)
    arguments = parser.parse_args()
    sessions = sorted(name for name in os.listdir(arguments.day) if name.startswith("session0"))
    with open(os.path.join(arguments.day, "sessioneye", "eye.csv"), "w") as eye:
        eye.write("tracker_ms,x_px,y_px,message\n")
        offset = 1000000.0
        for session in sessions:
            rng = random.Random(f"wfc {session}")
            plan = list(trials(arguments.seconds, rng))
            folder = os.path.join(arguments.day, session)
            write_markers(os.path.join(folder, "markers.csv"), plan)
            write_path(os.path.join(folder, "path.csv"), arguments.seconds, rng)
            write_eye(eye, session, arguments.seconds, plan, offset, rng)
            offset += arguments.seconds * 1000 + 60000


if __name__ == "__main__":
    main()
