"""The README's first command, scripts/quickstart.sh, with text made here and few steps. Run by ctest as `quickstart`.

Needs a finished build; ANDREA_BUILD_DIR names its folder. Not part of the fast tests.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORDS = "the a river stone old gave her his house light over under walked slowly evening and then said nothing of it".split()


def make_text(folder):
    """About 60,000 tokens in 40 documents: enough to hold some out; the same each time, so that one store serves all runs."""
    dice = random.Random(7)
    folder.mkdir()
    for n in range(4):
        documents = [" ".join(dice.choice(WORDS) for _ in range(1500)) + "." for _ in range(10)]
        (folder / f"part{n}.txt").write_text("\n\n".join(documents), encoding="utf-8")


def events(run):
    return [json.loads(line) for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines() if line.endswith("}")]


class Quickstart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.text, cls.runs, cls.fakes = (Path(cls.folder.name) / name for name in ("text", "runs", "fakes"))
        make_text(cls.text)
        cls.fakes.mkdir()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def start(self, *options, fakes=None):
        """In a process group of its own, as a terminal would have it; `fakes` are commands put before the real ones."""
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}  # no spinning where other tests share the cores
        if fakes:
            environment["PATH"] = f"{self.fakes}:{environment['PATH']}"
            for name, body in fakes.items():
                (self.fakes / name).write_text(f"#!/bin/sh\n{body}\n")
                (self.fakes / name).chmod(0o755)
        process = subprocess.Popen([ROOT / "scripts" / "quickstart.sh", *options], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        """Nothing started here outlives its test."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()

    def quickstart(self, *options, code=0, fakes=None):
        process = self.start(*options, fakes=fakes)
        words = process.communicate(timeout=600)[0]
        for name in fakes or {}:
            (self.fakes / name).unlink()
        self.assertEqual(process.returncode, code, words)
        return words

    def own_text(self, steps):
        return ["--skip-install", "--text", str(self.text), "--steps", str(steps), "--runs", str(self.runs)]

    def interrupted(self, run, wait_for, *options):
        """Starts, sends Ctrl-C's signal once the log of `run` holds `wait_for` step events, and returns what was said."""
        process = self.start(*options)
        deadline = time.monotonic() + 300
        while process.poll() is None and time.monotonic() < deadline:
            if (run / "events.jsonl").exists() and sum(e["event"] == "step" for e in events(run)) >= wait_for:
                break
            time.sleep(0.1)
        self.assertIsNone(process.poll(), "it ended before it could be stopped")
        os.killpg(process.pid, signal.SIGINT)
        words = process.communicate(timeout=300)[0]
        self.assertEqual(process.returncode, 130, words)
        return words

    def test_trains_again_and_after_a_stop(self):
        words = self.quickstart(*self.own_text(2))
        first = self.runs / "quickstart"
        last = events(first)[-1]
        self.assertEqual((last["event"], last["step"], last["reason"]), ("run_end", 2, "done"))
        self.assertTrue((first / "step_000002.bin").exists())
        for stage in ("Packages", "Build", "Text", "Training", "all"):
            self.assertRegex(words, rf"(?m)^  {stage} +\d+ (min|s)")
        self.assertIn("scripts/quickstart.sh --text", words)
        self.assertRegex(words, r"step 2, score \d+ of 100")
        self.assertIn("andrea-sample", words)

        # A finished run stays, to the byte; the next one stands beside it.
        before = (first / "events.jsonl").read_bytes()
        self.assertIn("holds a finished run", self.quickstart(*self.own_text(2)))
        self.assertEqual((first / "events.jsonl").read_bytes(), before)
        self.assertEqual(events(self.runs / "quickstart-2")[-1]["reason"], "done")

        # Ctrl-C saves; the same command goes on from there; other options leave the stopped run alone.
        third = self.runs / "quickstart-3"
        words = self.interrupted(third, 2, *self.own_text(100000))
        stopped_at = events(third)[-1]["step"]
        self.assertEqual(events(third)[-1]["reason"], "signal")
        self.assertIn("Stopped and saved", words)
        self.assertIn("--resume", words)
        words = self.interrupted(third, stopped_at + 1, *self.own_text(100000))
        self.assertIn("Going on with the unfinished run", words)
        self.assertIn(stopped_at, [e["resumed_from"] for e in events(third) if e["event"] == "run_start"])
        self.assertIn("other options or other text", self.quickstart(*self.own_text(2)))
        self.assertEqual(events(self.runs / "quickstart-4")[-1]["reason"], "done")

    def test_dry_run_changes_nothing(self):
        elsewhere = self.text.parent / "nowhere"
        words = self.quickstart("--dry-run", "--runs", str(elsewhere), fakes={"dpkg-query": "exit 1", "apt-get": "exit 99"})
        self.assertIn("apt-get install --no-install-recommends nlohmann-json3-dev", words)
        self.assertIn("corpus/quick", words)
        self.assertFalse(elsewhere.exists())

    def test_skip_install_names_what_is_missing(self):
        fakes = {"dpkg-query": 'case "$*" in *libxxhash-dev*) exit 1;; esac; echo install ok installed', "apt-get": "exit 99"}
        words = self.quickstart("--skip-install", code=1, fakes=fakes)
        self.assertIn("Missing packages: libxxhash-dev\n", words)
        self.assertIn("apt-get install --no-install-recommends libxxhash-dev\n", words)

    def test_without_a_network(self):
        fakes = {"python3": 'echo "no network" >&2; exit 1'}
        words = self.quickstart("--skip-install", "--runs", str(self.runs), code=1, fakes=fakes)
        self.assertIn("--text ~/my-texts", words)

    def test_wrong_options(self):
        for options, sentence in [(["--text", "/nowhere/at/all"], "there is no such file or folder"),
                                  (["--steps", "0"], "not a number of steps"), (["--steps"], "--steps wants a value"),
                                  (["--stesp", "3"], "Unknown option: --stesp")]:
            self.assertIn(sentence, self.quickstart(*options, code=2))


if __name__ == "__main__":
    unittest.main()
