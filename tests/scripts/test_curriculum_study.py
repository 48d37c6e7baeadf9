"""The arithmetic of scripts/curriculum_study.py, by hand, and its report of two made-up runs."""

import math
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import curriculum_study as study  # noqa: E402


def run(bits, arms):
    """Looks at steps 100 and 200 in which every arm has these bits, and the arms read."""
    return {100: dict.fromkeys(study.ARMS, bits[0]), 200: dict.fromkeys(study.ARMS, bits[1])}, arms


class Study(unittest.TestCase):
    def test_interval(self):
        middle, half = study.interval([1, 2, 3])
        self.assertEqual(middle, 2)
        self.assertAlmostEqual(half, 4.303 / math.sqrt(3))  # deviation 1, two degrees of freedom
        self.assertTrue(math.isnan(study.interval([1])[1]))

    def test_first_step_under(self):
        looks = run((3, 2), [])[0]
        self.assertEqual(study.first_step_under(looks, 2.5), 150)
        self.assertEqual(study.first_step_under(looks, 2), 200)
        self.assertEqual(study.first_step_under(looks, 3.5), 100)
        self.assertIsNone(study.first_step_under(looks, 1.9))

    def test_report(self):
        outcomes = {name: {} for name in study.POLICIES}
        outcomes["uniform"] = {1: run((3, 2.0), ["poems"] * 10), 2: run((3, 2.2), ["religion"] * 10)}
        outcomes["progress"] = {1: run((3, 1.9), ["poems"] * 10), 2: run((3, 2.0), ["poems"] * 10)}
        text, policies = study.report_of("small", outcomes, [1, 2])
        self.assertEqual(policies, ["uniform", "progress"])
        row = next(line for line in text.splitlines() if line.startswith("| progress |"))
        # Means 1.95 and of the differences -0.15, whose deviation is 0.0707: 12.706 x 0.0707 / sqrt(2) = 0.6353.
        self.assertIn("| 1.9500 ± 0.6353 | -0.1500 ± 0.6353 |", row)
        self.assertIn("(2 of 2 runs)", row)
        picture = study.picture("small", outcomes, policies)
        self.assertIn("uniform, tenth 1: poems 50 %", picture)
        self.assertIn("progress, tenth 10: poems 100 %", picture)

    def test_bounds_belong_to_the_bandit(self):
        for name in study.POLICIES:
            config = study.config_of("corpus", name, "small", 3, "stores")
            self.assertIn("seed: 3", config)
            self.assertEqual("cap: 0.2" in config, name in ("v1", "own", "power_law", "progress"))
            self.assertEqual("policy: ucb1" in config, name not in ("uniform", "proportional"))


if __name__ == "__main__":
    unittest.main()
