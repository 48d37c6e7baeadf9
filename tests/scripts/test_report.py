"""scripts/report.py: the report of a run."""

import importlib.util
import io
import json
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "report.py"
spec = importlib.util.spec_from_file_location("report", SCRIPT)
report = importlib.util.module_from_spec(spec)
spec.loader.exec_module(report)


def step(number, loss):
    return {"event": "step", "step": number, "loss": loss}


def evaluation(number, bits):
    return {"event": "eval", "step": number, "bits_per_byte": bits, "arms": {"river": {"bits_per_byte": bits}}}


def sample(number, text, score):
    return {"event": "sample", "step": number, "prompt": "The", "text": text, "loss": 2.5, "score": {"total": score}}


class Report(unittest.TestCase):
    def of(self, events, tail=""):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "events.jsonl"
            log.write_text("".join(json.dumps(event) + "\n" for event in events) + tail, encoding="utf-8")
            return report.report(Path(folder), 80)

    def test_a_whole_run(self):
        events = [step(n, 9 - n / 50) for n in range(1, 301)]
        events += [evaluation(100, 2.5), sample(100, " old river", 61.2), evaluation(300, 2.0), sample(300, " stones\nran \x1b[2J", 80.9)]
        lines = self.of(events, tail='{"event":"step","st')
        self.assertTrue(all(len(line) <= 80 for line in lines), [line for line in lines if len(line) > 80])
        words = "\n".join(lines)
        self.assertIn("step 100  step 300", words)
        self.assertRegex(words, r"river +2\.500 +2\.000")
        self.assertRegex(words, r"step 100, score 61 of 100, loss 2\.50 +\| step 300, score 81 of 100")
        self.assertRegex(words, r"\[The\] old river +\| \[The\] stones")
        self.assertNotIn("\x1b", words)
        curve = [line for line in lines if "|" in line][:report.ROWS]
        self.assertTrue(curve[0].lstrip().startswith("8.98 |o"))
        self.assertTrue(curve[-1].lstrip().startswith("3.00 |") and curve[-1].endswith("o"))

    def test_the_curve_of_one_step_and_of_losses_that_are_null(self):
        self.assertIn("5.00 |o", "\n".join(self.of([step(1, 5.0)])))
        self.assertIn("no step was finished", "\n".join(report.loss_curve([step(1, None)], 80)))

    def test_nothing_to_report(self):
        with self.assertRaises(SystemExit) as stop:
            self.of([{"event": "run_start", "step": 0}])
        self.assertIn("no step was finished", str(stop.exception))
        words = io.StringIO()
        with redirect_stderr(words):
            self.assertEqual(report.main(["/nowhere/at/all"]), 1)
        self.assertIn("is no run folder", words.getvalue())
        with redirect_stdout(io.StringIO()):
            self.assertEqual(report.main([]), 2)
            self.assertEqual(report.main(["--help"]), 0)


if __name__ == "__main__":
    unittest.main()
