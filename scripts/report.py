#!/usr/bin/env python3
"""What a run has done, for a person: its loss curve, held-out text before and after, its first and last sample.

    scripts/report.py RUN-FOLDER

Reads RUN-FOLDER/events.jsonl and writes plain text to stdout, at most 100 columns wide.  Exit code 1 when there is nothing
to report.
"""

import json
import shutil
import sys
import textwrap
import unicodedata
from pathlib import Path

ROWS = 12


def read_events(run):
    """{kind: [event, ...]}; a torn last line is left out."""
    kinds = {}
    with open(run / "events.jsonl", encoding="utf-8") as log:
        for line in log:
            if line.endswith("\n"):
                event = json.loads(line)
                kinds.setdefault(event["event"], []).append(event)
    return kinds


def columns_of(steps, width):
    """For each column of the curve (least, greatest, mean loss) of its steps; there are `width` or fewer."""
    columns, count = [], min(width, len(steps))
    for c in range(count):
        part = steps[c * len(steps) // count:(c + 1) * len(steps) // count]
        losses = [step["loss"] for step in part if step["loss"] is not None]
        if losses:
            columns.append((min(losses), max(losses), sum(losses) / len(losses)))
    return columns


def loss_curve(steps, width):
    """Lines of the drawing: `:` spans the losses of a column, `o` is their mean."""
    columns = columns_of(steps, width - 8)
    if not columns:
        return ["  no step was finished"]
    low, high = min(c[0] for c in columns), max(c[1] for c in columns)
    span = (high - low) or 1.0

    def row_of(loss):
        return round((high - loss) / span * (ROWS - 1))

    lines = []
    for row in range(ROWS):
        label = f"{high - span * row / (ROWS - 1):6.2f}" if row % 3 == 0 or row == ROWS - 1 else " " * 6
        marks = "".join("o" if row == row_of(mean) else ":" if row_of(most) <= row <= row_of(least) else " "
                        for least, most, mean in columns)
        lines.append(f"{label} |{marks}".rstrip())
    first, last = f"step {steps[0]['step']}", str(steps[-1]["step"])
    lines.append(" " * 7 + "+" + "-" * len(columns))
    lines.append(" " * 8 + first + last.rjust(max(len(last) + 1, len(columns) - len(first))))
    return lines


def held_out(evaluations):
    """Bits per byte of the first and the last evaluation, the best arm first."""
    first, last = evaluations[0], evaluations[-1]

    def row(name, before, after):
        numbers = [f"{x:8.3f}" if x is not None else "       -" for x in (before, after)]
        return f"  {name[:24]:<24} {numbers[0]}  {numbers[1]}"

    lines = [f"  {'bits per byte':<24} {'step ' + str(first['step']):>8}  {'step ' + str(last['step']):>8}",
             row("all", first["bits_per_byte"], last["bits_per_byte"])]
    arms = [(name, first["arms"].get(name, {}).get("bits_per_byte"), arm["bits_per_byte"])
            for name, arm in last["arms"].items()]
    arms.sort(key=lambda arm: (arm[2] is None, arm[2]))
    return lines + [row("  " + name, before, after) for name, before, after in arms]


def readable(text):
    """Control characters and the like as question marks, tabs as blanks."""
    return "".join(c if c in "\n " or unicodedata.category(c)[0] not in "CZ" else " " if c in "\t\u00a0" else "?" for c in text)


def sample_column(sample, width, height):
    """The lines of one sample: where it comes from, then the prompt in brackets and what the model wrote."""
    score = sample["score"]["total"]
    loss = "-" if sample["loss"] is None else f"{sample['loss']:.2f}"
    lines = [f"step {sample['step']}, score {score:.0f} of 100, loss {loss}"[:width], "-" * width]
    text = f"[{sample['prompt']}]{sample['text']}" if sample["prompt"] else sample["text"]
    for paragraph in readable(text).splitlines():
        lines += textwrap.wrap(paragraph, width, break_long_words=True) or [""]
    return lines[:height + 2]


def two_samples(samples, width, height=16):
    half = (width - 3) // 2
    columns = [sample_column(sample, half, height) for sample in (samples[0], samples[-1])]
    if len(samples) == 1:
        return [line.rstrip() for line in sample_column(samples[0], width, height)]
    for column in columns:
        column += [""] * (max(map(len, columns)) - len(column))
    return [f"{left:<{half}} | {right}".rstrip() for left, right in zip(*columns)]


def report(run, width):
    kinds = read_events(run)
    steps, samples = kinds.get("step", []), kinds.get("sample", [])
    if not steps:
        raise SystemExit(f"{run}: no step was finished, so there is nothing to report")
    lines = ["Loss (nats per token; o is the mean of a column)", ""] + loss_curve(steps, width)
    if "eval" in kinds:
        lines += ["", "Text it never trained on", ""] + held_out(kinds["eval"])
    if samples:
        lines += ["", "What it writes: first and last sample, [prompt] in brackets", ""] + two_samples(samples, width)
        scores = "  ".join(f"{sample['score']['total']:.0f}" for sample in samples[-20:])
        lines += ["", f"Scores so far: {scores}", "Under 30 five times in a row, the gate halts a run."]
    return lines


def main(arguments):
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__.strip())
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    run = Path(arguments[0])
    if not (run / "events.jsonl").is_file():
        print(f"{run} is no run folder: it has no events.jsonl", file=sys.stderr)
        return 1
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    width = max(60, min(100, shutil.get_terminal_size((100, 24)).columns))
    print("\n".join(report(run, width)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
