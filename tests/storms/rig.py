"""What the storms share: a tiny run on made-up text, andrea-train as a process, and what a run amounts to in the end."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a storm under nohup would hand on that it is ignored

ROOT = Path(__file__).resolve().parents[2]
WORDS = "the river ran over old stones and she said nothing of it".split()
COMPARED = ("step", "eval", "sample", "halt")


def build_folder():
    return Path(os.environ.get("ANDREA_BUILD_DIR", ROOT / "build"))


class Rig:
    """A folder with text, a config and token stores; runs are folders beside each other in `runs`."""

    def __init__(self, steps=20, every_steps=5, sample_tokens=100, halting=False):
        self.folder = Path(tempfile.mkdtemp(prefix="andrea-storm-"))
        self.steps, self.every_steps = steps, every_steps
        self.end_code = 3 if halting else 0
        if halting:  # the likeliest token each time is always the same few: every sample is under the floor, and the fifth halts
            self.steps = 5 * every_steps
        dice = random.Random(1)
        for name, documents in (("river", 40), ("stones", 5)):
            text = "\n\n".join(" ".join(dice.choice(WORDS) for _ in range(60)) + f" {n}." for n in range(documents))
            (self.folder / f"{name}.txt").write_text(text, encoding="utf-8")
        self.config = self.folder / "tiny.yaml"
        self.config.write_text(f"""\
gate: {{floor: {100 if halting else 30}, start_step: {1 if halting else 2000}}}
train: {{steps: {steps}, batch_size: 3, micro_batch: 2, seed: 5, threads: 1}}
model: {{d_model: 16, n_head: 2, n_layer: 1, context: 32}}
tokenizer: {{model: {ROOT}/tokenizer/andrea-8449.model}}
text: {{stores: {self.folder}/stores}}
schedule: {{warmup_steps: 4}}
cadence: {{every_steps: {every_steps}}}
eval: {{tokens: 300}}
sampling: {{tokens: {sample_tokens}, temperature: {0 if halting else 0.8}}}
arms: [{{name: river, path: river.txt}}, {{name: stones, path: stones.txt, floor: 0.5}}]
""", encoding="utf-8")
        (self.folder / "runs").mkdir()

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """Gone when all went well; kept to be looked at when it did not."""
        if kind is None:
            self.close()
        else:
            print(f"The folder is kept: {self.folder}", file=sys.stderr)

    def new_run(self, name="run"):
        """A run folder that is not there yet."""
        run = self.folder / "runs" / name
        shutil.rmtree(run, ignore_errors=True)
        return run

    def command(self, run, *options, own_config=False):
        """With `own_config` the run folder's config counts, as for people who give --run and --resume alone."""
        return [str(build_folder() / "bin" / "andrea-train"), *([] if own_config else ["--config", str(self.config)]),
                "--run", str(run), "--progress", "none", *map(str, options)]

    def start(self, run, *options, environment=None, own_config=False):
        return subprocess.Popen(self.command(run, *options, own_config=own_config), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, errors="replace",
                                env={**os.environ, **(environment or {})})

    def train(self, run, *options, environment=None, own_config=False):
        """(exit code, what was said on stderr). A signal's number is negative."""
        process = self.start(run, *options, environment=environment, own_config=own_config)
        words = process.communicate(timeout=300)[1]
        return process.returncode, words

    def resume(self, run, *options, environment=None, own_config=False):
        return self.train(run, "--resume", *options, environment=environment, own_config=own_config)

    def reference(self):
        """What the uninterrupted run amounts to."""
        run = self.new_run("reference")
        code, words = self.train(run)
        if code != self.end_code:
            raise AssertionError(f"the uninterrupted run failed: {words}")
        return self.outcome(run)

    def outcome(self, run):
        """Weights, moments and state of the last step, and the log's compared events; None when the run is not done."""
        weights, record = (run / f"step_{self.steps:06}{end}" for end in (".bin", ".json"))
        if not record.exists():
            return None
        return {"weights": hashlib.sha256(weights.read_bytes()).hexdigest(), "state": json.loads(record.read_text())["state"],
                "events": compared_events(run)}


def compared_events(run):
    events = []
    for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["event"] in COMPARED:
            events.append({key: value for key, value in event.items() if key not in ("time", "seconds")})
    return events


def last_logged_step(run):
    try:
        lines = (run / "events.jsonl").read_bytes().split(b"\n")
    except FileNotFoundError:
        return 0
    for line in reversed(lines):
        try:
            return json.loads(line)["step"]
        except ValueError:
            continue
    return 0
