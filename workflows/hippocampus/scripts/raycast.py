#!/usr/bin/python3
"""What was looked at. raycast.py GAZE.csv PATH.csv -o VIEW.csv

Casts a ray from the eye through each gaze point into a square room and adds up, for each patch of
wall, the seconds it was looked at."""
import argparse
import bisect
import csv
import math

HALF, HEIGHT, EYE = 12.5, 5.0, 1.85  # half a side, height of the walls, height of the eye [m]
WIDTH_PX, HEIGHT_PX, FIELD = 1920, 1080, math.radians(60)  # the screen and its horizontal view
COLUMNS, ROWS = 10, 5  # patches along a wall and up it
WALLS = ("north", "east", "south", "west")


def direction(x_px, y_px, heading):
    focal = WIDTH_PX / 2 / math.tan(FIELD / 2)
    right, up = (x_px - WIDTH_PX / 2) / focal, (HEIGHT_PX / 2 - y_px) / focal
    sin, cos = math.sin(heading), math.cos(heading)
    return cos * 1 + sin * right, up, sin * 1 - cos * right  # heading 0 looks along +x


def hit(x, z, ray):
    """The wall, the place along it and the height where the ray leaves the room; None: floor or sky."""
    dx, dy, dz = ray
    along_x = ((HALF if dx > 0 else -HALF) - x) / dx if dx else math.inf
    along_z = ((HALF if dz > 0 else -HALF) - z) / dz if dz else math.inf
    distance = min(along_x, along_z)
    height = EYE + dy * distance
    if not 0 <= height < HEIGHT:
        return None
    if along_x < along_z:
        return ("east" if dx > 0 else "west"), z + dz * distance, height
    return ("north" if dz > 0 else "south"), x + dx * distance, height


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gaze")
    parser.add_argument("path")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    with open(arguments.path, newline="") as source:
        path = [tuple(map(float, row.values())) for row in csv.DictReader(source)]
    with open(arguments.gaze, newline="") as source:
        gaze = [tuple(map(float, row.values())) for row in csv.DictReader(source)]
    times = [row[0] for row in path]
    step = (gaze[-1][0] - gaze[0][0]) / (len(gaze) - 1)
    seconds = dict.fromkeys(((w, r, c) for w in WALLS for r in range(ROWS) for c in range(COLUMNS)), 0.0)
    for time, x_px, y_px in gaze:
        _, x, z, heading = path[max(0, bisect.bisect_right(times, time) - 1)]
        found = hit(x, z, direction(x_px, y_px, math.radians(heading)))
        if found:
            wall, along, height = found
            column = min(COLUMNS - 1, max(0, int((along + HALF) / (2 * HALF) * COLUMNS)))
            seconds[wall, int(height / HEIGHT * ROWS), column] += step
    with open(arguments.output, "w") as out:
        out.write("wall,row,column,seconds\n")
        for (wall, row, column), value in seconds.items():
            out.write(f"{wall},{row},{column},{value:.4f}\n")


if __name__ == "__main__":
    main()
