#!/usr/bin/env python3
"""kill -9 at random moments, with a bias into saving and logging; in the end all is as if nothing had happened.

    tests/storms/kill_storm.py [KILLS] [SEED]        KILLS: 200 when left out

A run is killed again and again until it is done, then the next begins, until there were KILLS kills. Each finished run
must equal the uninterrupted one: weights, moments, state, and the step, eval, sample and halt events of its log.
"""

import random
import signal
import sys
import time

from rig import Rig, last_logged_step


def wait_until_saving(rig, run, process, dice):
    """Until the temporary file of a checkpoint appears in the run folder, and then a moment of up to a few milliseconds."""
    def unfinished():
        try:
            return {path: path.stat().st_ino for path in run.glob("step_*.tmp")}
        except FileNotFoundError:
            return {}
    before, deadline = unfinished(), time.monotonic() + 5
    while process.poll() is None and time.monotonic() < deadline:
        if unfinished().items() - before.items():
            time.sleep(dice.uniform(0, 0.004))
            return
        time.sleep(0.0002)


def wait_until_logging(run, process, dice):
    """Until the log has grown by a few steps, and then a moment within a step."""
    begin, wanted = last_logged_step(run), dice.randint(1, 4)
    deadline = time.monotonic() + 5
    while process.poll() is None and time.monotonic() < deadline and last_logged_step(run) < begin + wanted:
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 0.01))


def kill_once(rig, run, dice):
    """True when the program was killed, False when it was done before."""
    options = ["--resume"] if (run / "events.jsonl").exists() else []
    process = rig.start(run, *options)
    kind = dice.choice(["saving", "saving", "logging", "any"])
    if kind == "saving":
        wait_until_saving(rig, run, process, dice)
    elif kind == "logging":
        wait_until_logging(run, process, dice)
    else:
        time.sleep(dice.uniform(0, 0.6))
    process.kill()
    words = process.communicate()[1]
    if process.returncode not in (rig.end_code, -signal.SIGKILL):
        raise AssertionError(f"exit code {process.returncode}: {words}")
    return process.returncode == -signal.SIGKILL


def storm(kills, seed, halting):
    """With `halting` the gate halts the run at its fifth sample: the verdict must not be lost in a kill either."""
    dice = random.Random(seed)
    with Rig(steps=60, every_steps=4 if halting else 5, halting=halting) as rig:
        want, killed, finished = rig.reference(), 0, 0
        while killed < kills:
            run, here = rig.new_run(), 0
            while here < 40 and killed < kills and kill_once(rig, run, dice):
                killed, here = killed + 1, here + 1
            if rig.outcome(run) is None or here:
                code, words = rig.resume(run)
                assert code == rig.end_code, words
            assert rig.outcome(run) == want, f"the run differs from the uninterrupted one (seed {seed}); see {run}"
            records = {path.stem for path in run.glob("step_*.json")}
            leftovers = [path.name for path in run.iterdir()
                         if path.suffix == ".tmp" or path.suffix == ".bin" and path.stem not in records]
            assert not leftovers or here == 0, f"left behind in {run}: {leftovers}"
            finished += 1
            print(f"{killed:4} kills, {finished} runs {'halted' if halting else 'finished'} as if nothing had happened", flush=True)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    storm(count // 2, int(sys.argv[2]) if len(sys.argv) > 2 else 1, halting=False)
    storm(count - count // 2, int(sys.argv[2]) if len(sys.argv) > 2 else 1, halting=True)
