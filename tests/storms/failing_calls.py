#!/usr/bin/env python3
"""Every open, read, write, fsync, rename, truncate and look for free space in a run's folder is made to fail in turn; nothing is lost.

    tests/storms/failing_calls.py [--short]        --short: fewer steps, and every fifth call

For each call: the program says a sentence with the path and the system's reason and ends with exit code 1 or 2 (a short
write goes unnoticed: exit code 0); no half-file is ever taken for a whole one; then --resume, with nothing failing any more,
reaches the end of the uninterrupted run.
"""

import errno
import os
import re
import shutil
import sys

from rig import Rig, build_folder, last_logged_step

LATER_TOO = {errno.ENOSPC}
SCENES = [  # call, errno (0: a short write, no free space), what the system says
    ("open", errno.EMFILE), ("open", errno.EACCES), ("write", errno.ENOSPC), ("write", errno.EIO), ("write", 0),
    ("read", errno.EIO), ("fsync", errno.EIO), ("rename", errno.EIO), ("statvfs", errno.EIO), ("statvfs", 0), ("truncate", errno.EIO),
]


def environment(rig, run, call, code, at):
    seen = rig.folder / "seen"
    seen.unlink(missing_ok=True)
    preload = build_folder() / "lib" / "libfailing_io.so"
    assert preload.exists(), f"{preload} is not built"
    return seen, {"LD_PRELOAD": str(preload), "FAIL_CALL": call, "FAIL_AT": str(at), "FAIL_WITH": str(code),
                  "FAIL_ON": "1" if code in LATER_TOO else "0", "FAIL_UNDER": str(run), "FAIL_SEEN": str(seen)}


def stopped_run(rig):
    """A run that a full disk has ended behind its second checkpoint, to be copied.  Its last checkpoint is perhaps still being
    written when the disk fills, but the one before it is whole: a save waits for the last one.  So there must be a third."""
    for at in range(1, 1000):
        run = rig.new_run()
        rig.train(run, environment=environment(rig, run, "write", errno.ENOSPC, at)[1])
        if len(list(run.glob("step_*.json"))) >= 2 and last_logged_step(run) % rig.every_steps:
            return shutil.move(run, rig.folder / "stopped")
    raise AssertionError("no such run")


def fail_at(rig, want, call, code, at, stopped):
    """False when there is no such call any more. With `stopped` the failure comes into its resume, else into a new run."""
    run = rig.new_run()
    if stopped:
        shutil.copytree(stopped, run)
    seen, faults = environment(rig, run, call, code, at)
    exit_code, words = (rig.resume if stopped else rig.train)(run, environment=faults)
    if not seen.exists():
        assert exit_code == 0 and rig.outcome(run) == want, words
        return False
    where = f"{call} number {at} fails with {os.strerror(code) if code else 'a short write or no space'}:\n{words}"
    assert exit_code >= 0, f"ended by signal {-exit_code}; {where}"
    if exit_code == 0:
        assert rig.outcome(run) == want, f"not noticed, and the end is another; {where}"
        assert call == "write" and code == 0 or "warning:" in words, f"went unsaid; {where}"
        return True
    assert exit_code in (1, 2), where
    assert re.search(r"error: .*" + re.escape(str(run)), words), f"the path is not named; {where}"
    assert not code or os.strerror(code) in words, f"the reason is not named; {where}"
    resume_code, said = rig.resume(run)
    assert resume_code == 0, f"cannot go on: {said}\nafter {where}"
    assert rig.outcome(run) == want, f"the end is another after {where}"
    return True


def storm(short):
    stride, total = (5 if short else 1), 0
    with Rig(steps=8 if short else 20, every_steps=2 if short else 5, sample_tokens=10) as rig:
        want, stopped_before = rig.reference(), stopped_run(rig)
        for call, code in SCENES:
            for stopped in (None, stopped_before):
                at, failed = 1, 0
                while fail_at(rig, want, call, code, at, stopped):
                    at, failed = at + stride, failed + 1
                total += failed
                print(f"{call:9} {errno.errorcode.get(code, 'short'):7} {'in a resume' if stopped else 'in a new run':13}"
                      f" {failed:4} calls failed, each without loss", flush=True)
    print(f"{total} failures in all")


if __name__ == "__main__":
    storm("--short" in sys.argv[1:])
