"""andrea-replay on a pair of files in the shape of ANDREA v1's log (scripts/make_v1_fixture.py). Run by ctest as `replay_v1`.

What was published of v1 must come out: halt at step 132,000, 33,000 steps saved, 3.8 days at 6 steps a minute.
"""

import gzip
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("ANDREA_BUILD_DIR", ROOT / "build")) / "bin" / "andrea-replay"


def replay(*arguments):
    done = subprocess.run([PROGRAM, "--json", *map(str, arguments)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["sources"]


class ReplayV1(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([ROOT / "scripts" / "make_v1_fixture.py", cls.folder.name], check=True)
        cls.loss, cls.samples = (Path(cls.folder.name) / f"made-v1.{kind}.json" for kind in ("loss", "samples"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_the_gate_halts_where_it_was_published_and_saves_what_was_published(self):
        (source,) = replay(self.loss, "--steps-per-minute", 6, "--total-steps", 200_000)
        self.assertEqual(source["points"], 165_000)
        self.assertEqual(source["samples"], 825)
        self.assertEqual(source["last_step"], 165_000)
        self.assertEqual(source["total_steps"], 200_000)
        self.assertEqual(source["halt_step"], 132_000)
        self.assertEqual(source["streak_start"], 131_200)
        self.assertEqual(source["saved_steps"], 33_000)
        self.assertEqual(round(source["saved_days"], 1), 3.8)
        self.assertEqual(source["wasted_steps"], 85_000)

    def test_the_loss_has_the_published_shape_and_speaks_on_its_way_up(self):
        (source,) = replay(self.loss)
        self.assertAlmostEqual(source["ema"]["min"], 3.43, delta=0.02)
        self.assertAlmostEqual(source["ema"]["min_step"], 110_000, delta=3_000)
        self.assertAlmostEqual(source["ema"]["last"], 4.54, delta=0.05)
        self.assertGreater(source["loss_signal"]["halt_step"], 110_000)
        self.assertLess(source["loss_signal"]["halt_step"], 165_000)

    def test_packed_by_gzip_it_is_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            packed = Path(folder) / "v1.json.gz"
            packed.write_bytes(gzip.compress(self.samples.read_bytes()))
            (source,) = replay(packed)
            self.assertEqual(source["halt_step"], 132_000)
            self.assertEqual(source["points"], 0)
            self.assertIsNone(source["ema"])

    def test_a_stricter_or_a_more_patient_gate(self):
        (stricter,) = replay(self.samples, "--set", "gate.patience=4")
        self.assertLess(stricter["halt_step"], 132_000)
        (patient,) = replay(self.samples, "--set", "gate.patience=6")
        self.assertGreater(patient["halt_step"], 132_000)


if __name__ == "__main__":
    unittest.main()
