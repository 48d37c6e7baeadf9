#!/usr/bin/env python3
"""How fast and in how much memory andrea-replay reads a large log.

    bench/replay_speed.py ANDREA-REPLAY [GIGABYTES]        2 when left out

Makes a log of the trainer's own form (steps, and a sample of 1,600 characters every hundred steps), then one of samples
alone, in a temporary folder, and replays each: megabytes a second, most memory held (RSS), and beside it the speed of
`cat` on the same file in the same run.
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
        for what, every, bytes_of_it in (("steps, a sample every 100", 100, size), ("samples alone", 0, size // 4)):
            file = Path(folder) / "events.jsonl"
            write_log(file, bytes_of_it, every, random.Random(1))
            megabytes = file.stat().st_size / 1e6
            plain, _ = timed(["cat", str(file)])
            seconds, rss = timed([program, "--json", str(file)])
            print(f"{what:26} {megabytes:6.0f} MB  {seconds:6.1f} s  {megabytes / seconds:6.0f} MB/s  (cat: {megabytes / plain:6.0f} MB/s)  "
                  f"at most {rss:.0f} MB in memory", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
