#!/usr/bin/env python3
"""A long run at small size stays the same in memory, threads and open files, and its log tells the truth.

    tests/storms/soak.py [MINUTES]        60 when left out

A tiny run goes on for so long, saving and sampling all the time. From its first checkpoint on it is looked at ten
times in each tenth of the way: memory (RSS), threads and open files must not grow after the first tenth. A file that is
open only while a checkpoint is written may be seen in any look, so of files and threads the fewest seen count: what
leaks raises them for good. At the end the run is stopped with SIGTERM. Then the EMA is computed again from the losses
of the log and must equal the reported one to the last bit.
"""

import json
import os
import signal
import sys
import time

from rig import Rig

GROWTH = 1.05  # of memory, over the first tenth, besides the lists of losses and samples that are published


def look(pid):
    status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status", encoding="ascii"))
    return {"memory": int(status["VmRSS"].split()[0]), "threads": int(status["Threads"]), "files": len(os.listdir(f"/proc/{pid}/fd"))}


def wait_for_checkpoint(process, run):
    while not list(run.glob("step_*.bin")):
        assert process.poll() is None, f"it ended: {process.communicate()[1]}"
        time.sleep(0.02)


def looks_at(process, seconds):
    """Ten looks for each tenth of the time."""
    looks, begin = [], time.monotonic()
    for tenth in range(1, 101):
        while time.monotonic() < begin + seconds * tenth / 100:
            time.sleep(0.02)
            assert process.poll() is None, f"it ended: {process.communicate()[1]}"
        looks.append(look(process.pid))
    return looks


def published(run):
    """kB of the growing lists. A list is held once; a string may have room for twice its length."""
    return sum(2 * (run / f"run.{kind}.json").stat().st_size for kind in ("loss", "samples")) // 1024


def check_flat(looks, lists):
    first, rest = looks[:10], looks[10:]
    early, late = (max(look["memory"] for look in part) for part in (first, rest))
    print(f"memory   at most {early} kB in the first tenth, {late} kB after it, {lists} kB for published lists")
    assert late <= early * GROWTH + lists, f"memory grew from {early} to {late} kB"
    for what in ("threads", "files"):
        early, late, last = (min(look[what] for look in part) for part in (first, rest, looks[-10:]))
        print(f"{what:8} at least {early} in the first tenth, {late} after it, {last} in the last tenth")
        assert max(late, last) <= early, f"{what} grew from {early} to {max(late, last)}"


def check_ema(run, alpha=0.01):
    ema, steps = None, 0
    for line in open(run / "events.jsonl", encoding="utf-8"):
        event = json.loads(line)
        if event["event"] == "step":
            ema = event["loss"] if ema is None else alpha * event["loss"] + (1 - alpha) * ema
            assert ema == event["ema"], f"step {event['step']}: the log says {event['ema']}, its losses say {ema}"
            steps += 1
    print(f"EMA of {steps} steps: the reported one to the last bit")


def soak(minutes):
    with Rig(steps=1_000_000, every_steps=25) as rig:
        run = rig.new_run()
        with rig.start(run) as process:
            try:
                wait_for_checkpoint(process, run)
                looks = looks_at(process, minutes * 60)
                check_flat(looks, published(run))
                process.send_signal(signal.SIGTERM)
                words = process.communicate(timeout=60)[1]
            finally:
                process.kill()
        assert process.returncode == 143, words
        check_ema(run)


if __name__ == "__main__":
    soak(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
