#!/usr/bin/env python3
"""A long run at small size stays the same in memory, threads and open files, and its log tells the truth.

    tests/storms/soak.py [MINUTES]        60 when left out

A tiny run goes on for so long, saving and sampling all the time. From its first checkpoint on it is looked at a
hundred times in each tenth of the way: memory (RSS), threads and open files must not grow after the first tenth. What is held
only while a checkpoint is written (a file, a copy of the weights: some 4 MB of 28) may be seen in any look, so the least
seen counts: what leaks raises it for good. The peaks of memory are compared too, of the two halves: as many looks each,
since more looks find higher peaks. At the end the run is stopped with SIGTERM. Then the EMA is computed again from the
losses of the log and must equal the reported one to the last bit.
"""

import json
import os
import signal
import sys
import time

from rig import Rig

GROWTH = 1.05  # of memory, besides the lists of losses and samples that are published


def look(pid):
    status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status", encoding="ascii"))
    return {"memory": int(status["VmRSS"].split()[0]), "threads": int(status["Threads"]), "files": len(os.listdir(f"/proc/{pid}/fd"))}


def wait_for_checkpoint(process, run):
    while not list(run.glob("step_*.bin")):
        assert process.poll() is None, f"it ended: {process.communicate()[1]}"
        time.sleep(0.02)


def looks_at(process, seconds):
    """A hundred looks for each tenth of the time."""
    looks, begin = [], time.monotonic()
    for number in range(1, 1001):
        while time.monotonic() < begin + seconds * number / 1000:
            time.sleep(0.002)
            assert process.poll() is None, f"it ended: {process.communicate()[1]}"
        looks.append(look(process.pid))
    return looks


def published(run):
    """kB of the growing lists. A list is held once; a string may have room for twice its length."""
    return sum(2 * (run / f"run.{kind}.json").stat().st_size for kind in ("loss", "samples")) // 1024


def check_flat(looks, lists):
    first, rest, last = looks[:100], looks[100:], looks[-100:]
    halves = looks[:500], looks[500:]
    least, least_last = (min(look["memory"] for look in part) for part in (first, last))
    peak, peak_after = (max(look["memory"] for look in half) for half in halves)
    print(f"memory   at least {least} kB in the first tenth, {least_last} in the last; at most {peak} in the first half, "
          f"{peak_after} in the second; {lists} of it published lists")
    assert least_last <= least * GROWTH + lists, f"memory grew from {least} to {least_last} kB"
    assert peak_after <= peak * GROWTH + lists, f"the peak of memory grew from {peak} to {peak_after} kB"
    for what in ("threads", "files"):
        early, late, end = (min(look[what] for look in part) for part in (first, rest, last))
        print(f"{what:8} at least {early} in the first tenth, {late} after it, {end} in the last tenth")
        assert max(late, end) <= early, f"{what} grew from {early} to {max(late, end)}"


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
