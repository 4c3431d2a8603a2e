#!/usr/bin/python3
"""One eye record of a whole day -> one per session. split_eye.py EYE.csv -o DIRECTORY/

A session begins at its message `SESSION NAME`; every part keeps the tracker's own clock."""
import argparse
import os


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("eye")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    os.makedirs(arguments.output, exist_ok=True)
    part = None
    with open(arguments.eye) as source:
        header = next(source)
        for line in source:
            message = line.rstrip("\n").split(",", 3)[3]
            if message.startswith("SESSION "):
                if part:
                    part.close()
                name = os.path.basename(message[len("SESSION "):])
                part = open(os.path.join(arguments.output, name + ".csv"), "w")
                part.write(header)
            if part:
                part.write(line)
    if not part:
        raise SystemExit(f"{arguments.eye}: no SESSION message")
    part.close()


if __name__ == "__main__":
    main()
