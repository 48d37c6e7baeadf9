#!/usr/bin/env python3
"""How fast and in how much memory andrea-replay reads a large log.

    bench/replay_speed.py ANDREA-REPLAY [GIGABYTES]        2 when left out

Makes a log of the trainer's own form (steps, and a sample of 1,600 characters every hundred steps), then, a quarter as large, one
of samples alone and logs as others write them, in a temporary folder, and replays each: megabytes a second, most
memory held (RSS), and beside it the speed of `cat` on the same file in the same run.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = [f"{a}{b}" for a in "the old red sea man hill over under rain song".split() for b in ("", "s", "ing", "ed", "ly", "er")]


def sample(step, dice):
    text = " ".join(dice.choice(WORDS) for _ in range(320))
    return json.dumps({"event": "sample", "step": step, "time": "2026-11-25T00:00:00.000Z", "arm": "a", "domain": "a", "prompt": "p", "text": text,
                       "tokens": 420, "loss": 3.1, "temperature": 0.8, "top_k": 50, "seed": 1, "score": {"total": 50.0}, "judged": True, "streak": 0})


def write_log(file, size, every, dice):
    """Steps with a sample every `every` of them; 0: samples alone."""
    texts = [sample(0, dice) for _ in range(500)]
    written = step = 0
    with open(file, "w", encoding="utf-8") as out:
        while written < size:
            lines = []
            for _ in range(1000):
                step += 1
                if every:
                    lines.append(f'{{"event":"step","step":{step},"time":"2026-11-25T02:42:11.835Z","loss":{3 + dice.random():.16f},"ema":3.5,"lr":0.0004,'
                                 '"grad_norm":0.68,"clipped":false,"arm":"politics","epoch":0,"tokens":8192,"seconds":23.6598,'
                                 '"row_losses":[6.167330,6.18276,6.25627,5.94478,5.853813,6.220200,6.154527,5.793152]}')
                if not every or step % every == 0:
                    lines.append(texts[dice.randrange(500)].replace('"step": 0', f'"step": {step}', 1))
            written += out.write("\n".join(lines) + "\n")


# Name of the file, what stands before, one record for a step and a loss, what stands between records, and behind.
FOREIGN = {
    "<name>.loss.json": ("m.loss.json", "[", "[{0}, {1:.6f}]", ", ", "]\n"),
    "JSONL with columns": ("log.jsonl", "", '{{"global_step": {0}, "train/loss": {1:.8f}, "lr": 0.00025, "grad_norm": 0.6789}}', "\n", "\n"),
    "CSV": ("log.csv", "step,loss,lr,grad_norm\n", "{0},{1:.8f},0.00025,0.6789", "\n", "\n"),
    "nanoGPT": ("nanogpt.txt", "", "iter {0}: loss {1:.4f}, time 54321.11ms, mfu 12.34%", "\n", "\n"),
    "llm.c": ("llmc.txt", "", "step {0:5d}/19560 | loss {1:.6f} (+0.12z)| norm 0.7012 (+0.05z)| lr 6.00e-04 | 2048.33 ms | 50.0% bf16 MFU | 12000 tok/s", "\n", "\n"),
    "marian": ("marian.log", "", "[2026-11-25 00:02:00] Ep. 1 : Up. {0} : Sen. 12,345 : Cost {1:.8f} * 123,456 @ 7,890 after 1,234,567 : Time 123.45s : 812.34 words/s", "\n", "\n"),
    "lines of step and loss": ("any.log", "", "2026-11-25 00:02:00,123 INFO trainer: step={0} loss={1:.6f} lr=0.00025", "\n", "\n"),
}


def write_foreign(file, form, size, dice):
    _, head, record, between, tail = form
    written, step = 0, 0
    with open(file, "w", encoding="utf-8") as out:
        out.write(head)
        while written < size:
            records = [record.format(step + i, 3 + dice.random()) for i in range(1, 5001)]
            written += out.write((between if step else "") + between.join(records))
            step += 5000
        out.write(tail)


def timed(command):
    """Seconds, and the RSS of the command in MB."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    program, size = arguments[0], int(float(arguments[1] if len(arguments) > 1 else 2) * 1e9)
    with tempfile.TemporaryDirectory(prefix="andrea-replay-speed-") as folder:
        logs = [("steps, a sample every 100", "events.jsonl", lambda file: write_log(file, size, 100, random.Random(1))),
                ("samples alone", "events.jsonl", lambda file: write_log(file, size // 4, 0, random.Random(1)))]
        logs += [(what, form[0], lambda file, form=form: write_foreign(file, form, size // 4, random.Random(1))) for what, form in FOREIGN.items()]
        for what, name, write in logs:
            file = Path(folder) / name
            write(file)
            megabytes = file.stat().st_size / 1e6
            plain, _ = timed(["cat", str(file)])
            seconds, rss = timed([program, "--json", str(file)])
            print(f"{what:26} {megabytes:6.0f} MB  {seconds:6.1f} s  {megabytes / seconds:6.0f} MB/s  (cat: {megabytes / plain:6.0f} MB/s)  "
                  f"at most {rss:.0f} MB in memory", flush=True)
            file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
