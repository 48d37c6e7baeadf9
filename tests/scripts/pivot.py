#!/usr/bin/env python3
"""The pivot of docs/curriculum.md: its very lines are run, and what they promise is looked for.

    tests/scripts/pivot.py          ANDREA_BUILD_DIR says where andrea-train is
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ANDREA_BUILD_DIR", ROOT / "build"))
WORDS = "the river ran over old stones and she said nothing of it".split()
CONFIG = f"""\
train: {{steps: 1200, batch_size: 2, threads: 1}}
model: {{d_model: 16, n_head: 2, n_layer: 1, context: 32}}
tokenizer: {{model: {ROOT}/tokenizer/andrea-8449.model}}
text: {{stores: stores}}
cadence: {{every_steps: 100}}
eval: {{tokens: 300}}
sampling: {{enabled: false}}
curriculum: {{policy: ucb1, memory: 100}}
arms:
  - {{path: river.txt, name: river}}
  - {{path: stones.txt, name: stones, floor: 0.1}}
  - {{path: hills.txt, name: hills}}
"""


def lines_of_the_page():
    page = (ROOT / "docs/curriculum.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- tests/scripts/pivot.py runs these lines -->\n```bash\n(.*?)```", page, re.S)
    assert found, "docs/curriculum.md has no pivot"
    return found[1]


def events(run):
    return [json.loads(line) for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def arms_behind(log, step):
    return [event["arm"] for event in log if event["event"] == "step" and event["step"] > step]


def pivot(folder):
    dice = random.Random(3)
    for name in ("river", "stones", "hills"):
        text = "\n\n".join(" ".join(dice.choice(WORDS) for _ in range(60)) + f" {n}." for n in range(60))
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "mix.yaml").write_text(CONFIG, encoding="utf-8")
    # A person takes longer than a script: the run should have begun before each signal.
    wait = "until [ -e runs/a/step_000100.json ]; do sleep 0.05; done\n"
    script = "set -e\n" + lines_of_the_page().replace("kill -USR1", wait + "kill -USR1").replace("kill -TERM", "sleep 0.3; kill -TERM")
    done = subprocess.run(["bash", "-c", script], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "PATH": f"{BUILD / 'bin'}:{os.environ['PATH']}"})
    assert done.returncode == 0, done.stderr
    return done


def check(folder, done):
    a, b = events(folder / "runs/a"), events(folder / "runs/b")
    starts = [event for event in a if event["event"] == "run_start"]
    assert len(starts) == 2, "the run was not gone on with"
    fork = starts[1]["resumed_from"]
    assert 100 < fork < 1200, f"it was not stopped on the way: {fork}"
    assert sorted(starts[1]["changed"]) == ["arms.stones.cap: auto -> 0", "arms.stones.floor: 0.1 -> auto"], starts[1]["changed"]
    assert "arms.stones.cap: auto -> 0" in done.stderr, "the change is not said at the start"
    saved = [event["step"] for event in a if event["event"] == "checkpoint"]
    assert fork in saved, "SIGTERM should have saved"
    assert any(step % 100 for step in saved), "SIGUSR1 should have saved between two cadences"
    assert arms_behind(a, 0)[:fork] == arms_behind(b, 0)[:fork], "both come from one run"
    assert "stones" not in arms_behind(a, fork), "cap 0 was not heard"
    assert "stones" in arms_behind(b, fork)
    assert a[-1]["reason"] == b[-1]["reason"] == "done"
    weights = [(folder / "runs" / run / "step_001200.bin").read_bytes() for run in "ab"]
    assert weights[0] != weights[1], "the forks should have come apart"
    assert re.search(r"^step 1200, policy ucb1, reward own$", done.stdout, re.M), done.stdout
    assert re.search(r"^hills +\d ", done.stdout, re.M), done.stdout
    shares = [float(share) for share in re.findall(r"^stones .* (\d+\.\d)% ", done.stdout, re.M)]
    assert len(shares) == 2 and shares[0] == 0 < shares[1], f"each run is explained by its own file: {shares}"


if __name__ == "__main__":
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="andrea-pivot-") as name:
        check(Path(name), pivot(Path(name)))
    print(f"pivot: as docs/curriculum.md says ({time.monotonic() - begun:.0f} s)")
    sys.exit(0)
