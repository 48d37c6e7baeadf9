#!/usr/bin/env python3
"""Does a run in bf16 learn what the same run in fp32 learns?

    scripts/compare_precision.py BIN-FOLDER WORK-FOLDER [--steps 300] [OPTION=VALUE ...]

Trains andrea-12m twice, alike but for train.precision, and compares the training loss of each step and the held-out bits per
byte at the end.  Exit code 0 when every step's smoothed loss (the mean of 20) is within 1 % and the held-out text within 0.5 %.
Both runs stay in WORK-FOLDER; one that is there already is not trained again.  Options as for andrea-train --set.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

BAND, HELD_OUT_BAND, SMOOTHED = 0.01, 0.005, 20


def trained(binaries, run, precision, steps, options):
    """The losses of a run and its last held-out bits per byte."""
    log = run / "events.jsonl"
    if not log.exists():
        given = [f"train.precision={precision}", f"train.steps={steps}", "checkpoint.keep=1",
                 "curriculum.policy=proportional", *options]  # the same text for both: a bandit's choice depends on the losses
        command = [binaries / "andrea-train", "--config", "andrea-12m.yaml", "--run", run, "--progress", "plain"]
        for option in given:
            command += ["--set", option]
        subprocess.run([str(word) for word in command], check=True)
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    losses = [event["loss"] for event in events if event["event"] == "step"]
    evals = [event["bits_per_byte"] for event in events if event["event"] == "eval"]
    start = next(event for event in events if event["event"] == "run_start")
    if len(losses) != steps or start["precision"] != precision:
        sys.exit(f"{run} is no finished run of {steps} steps in {precision}; take another folder")
    return losses, evals[-1], start["isa"]


def smoothed(losses):
    return [sum(losses[max(0, i + 1 - SMOOTHED):i + 1]) / min(i + 1, SMOOTHED) for i in range(len(losses))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("options", nargs="*")
    given = parser.parse_args()
    fp32, held_fp32, isa = trained(given.binaries, given.folder / "fp32", "fp32", given.steps, given.options)
    bf16, held_bf16, _ = trained(given.binaries, given.folder / "bf16", "bf16", given.steps, given.options)
    a, b = smoothed(fp32), smoothed(bf16)
    off = [abs(y - x) / x for x, y in zip(a, b)]
    single = [abs(y - x) / x for x, y in zip(fp32, bf16)]
    worst = max(range(len(off)), key=off.__getitem__)
    held_off = abs(held_bf16 - held_fp32) / held_fp32
    print(f"{given.steps} steps on {isa}\n\n{'step':>6} {'fp32':>8} {'bf16':>8}   (means of {SMOOTHED})")
    for step in sorted({1, *range(max(1, given.steps // 6), given.steps + 1, max(1, given.steps // 6)), given.steps}):
        print(f"{step:6} {a[step - 1]:8.4f} {b[step - 1]:8.4f}")
    print(f"\nfurthest apart: {100 * off[worst]:.3f} % at step {worst + 1}; a single step at most {100 * max(single):.2f} %")
    print(f"held out, bits per byte: fp32 {held_fp32:.4f}, bf16 {held_bf16:.4f}, {100 * held_off:.3f} % apart")
    alike = off[worst] <= BAND and held_off <= HELD_OUT_BAND
    print("bf16 follows fp32" if alike else f"bf16 does NOT follow fp32 within {100 * BAND:g} % and {100 * HELD_OUT_BAND:g} %")
    sys.exit(0 if alike else 1)


if __name__ == "__main__":
    main()
