#!/usr/bin/env python3
"""Every file of a run folder, and its token stores, is damaged in every region; nothing goes wrong in silence.

    tests/storms/damage.py [--short]        --short: fewer places in each file

A run that was stopped by a full disk is copied, one file of the copy is damaged (a bit flipped, cut off, emptied, removed, made longer),
and the run is gone on with; with the config of its folder where that one is damaged. (The published lists and the lock are never read:
of these it shows that damage does no harm.) Then either the end equals the uninterrupted run's, or the program refuses with a sentence that
names the file. Never a crash, never other numbers.
"""

import json
import re
import shutil
import sys

from failing_calls import stopped_run
from rig import Rig


def damages(content, places):
    """(what was done, the new content or None for removal)."""
    yield "removed", None
    if not content:
        yield "made longer", b"\0\0\0"
        return
    yield "emptied", b""
    yield "made longer", content + b"garbage\n"
    size = len(content)
    for i in range(places):
        at = min(size - 1, i * size // places)
        flipped = bytearray(content)
        flipped[at] ^= 1 << (i % 8)
        yield f"bit {i % 8} of byte {at} of {size} flipped", bytes(flipped)
        if i % 4 == 1:
            yield f"cut to {at} bytes of {size}", content[:at]
            yield f"bytes {at} to {at + 64} zeroed", content[:at] + bytes(len(content[at:at + 64])) + content[at + 64:]


def changed_options(run):
    starts = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines() if '"event":"run_start"' in line]
    return starts[-1]["changed"]


def check(rig, want, stopped, name, what, content):
    run = rig.new_run()
    shutil.copytree(stopped, run)
    file = run / name
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    code, words = rig.resume(run, own_config=name == "config.yaml")
    where = f"{name} {what}: exit code {code}\n{words}"
    assert code >= 0, f"ended by a signal; {where}"
    if code == 0 and name == "events.jsonl" and content is None:  # what happened before cannot be in it
        numbers = rig.outcome(run)
        assert all(numbers[key] == want[key] for key in ("weights", "state")), f"other numbers; {where}"
        assert want["events"][-len(numbers["events"]):] == numbers["events"] and "is missing" in words, where
        return "begun anew, said so"
    if code == 0 and name == "config.yaml" and rig.outcome(run) != want:  # another value that is as good
        assert changed_options(run), f"other numbers, in silence; {where}"
        return "gone on with the changed option, which the log names"
    if code == 0:
        assert rig.outcome(run) == want, f"other numbers, in silence; {where}"
        return "gone on, the end is the same"
    names = name.split(".")[0] in words or name == "config.yaml" and re.search(r"error: .*\b[a-z]+\.[a-z_]+\b", words)  # an option
    assert code in (1, 2) and "error: " in words and names, f"no sentence that names it; {where}"
    return "refused"


def check_store(rig, want, store, what, content):
    run = rig.new_run()
    good = store.read_bytes()
    store.unlink() if content is None else store.write_bytes(content)
    code, words = rig.train(run)
    assert code == 0 and rig.outcome(run) == want, f"{store.name} {what}: exit code {code}\n{words}"
    assert store.read_bytes() == good, f"{store.name} {what}: not made again"
    return "made again, the end is the same"


def storm(short):
    places, total = (8 if short else 160), 0
    with Rig(steps=8, every_steps=2, sample_tokens=10) as rig:
        want = rig.reference()
        stopped = stopped_run(rig)
        files = sorted(path for path in stopped.iterdir() if path.suffix != ".tmp")
        stores = sorted((rig.folder / "stores").glob("*.tokens"))
        for file in files + stores:
            counts, content = {}, file.read_bytes()
            for what, damaged in damages(content, places):
                outcome = check_store(rig, want, file, what, damaged) if file in stores \
                    else check(rig, want, stopped, file.name, what, damaged)
                counts[outcome] = counts.get(outcome, 0) + 1
                total += 1
            print(f"{file.name:34} " + "; ".join(f"{n} {outcome}" for outcome, n in sorted(counts.items())), flush=True)
    print(f"{total} damages in all")


if __name__ == "__main__":
    storm("--short" in sys.argv[1:])
