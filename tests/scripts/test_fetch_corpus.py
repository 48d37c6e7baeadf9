"""Packages, builder and command of scripts/fetch_corpus.py; no network."""

import io
import subprocess
import sys
import tarfile
import unittest
from pathlib import Path

from corpus_case import SCRIPTS, SENTENCE, Folder

import corpus_arms
import corpus_builder
import corpus_files
import corpus_packages


class FakePackages:
    """What Builder needs of Packages: every package is there and unpacks to nothing."""

    def __init__(self, names, version="1"):
        self.files = {name: (Path("x"), version) for name in names}
        self.problems = {}

    def unpack(self, package, folder):
        return folder


class Build(Folder):
    def setUp(self):
        super().setUp()
        self.calls = 0

    def builder(self):
        (self.root / "cache").mkdir(exist_ok=True)
        (self.root / "out").mkdir(exist_ok=True)
        return corpus_builder.Builder(self.root / "out", self.root / "cache", "quick")

    def reader(self, root, docs=()):
        self.calls += 1
        yield from docs

    def arm(self, name, docs, filtered=False):
        return corpus_arms.Arm(name, [corpus_arms.both("p", self.reader, "MIT", docs=docs)], filtered)

    def test_file_format_and_duplicates(self):
        doc = "One document that is long enough.\n\nIts second paragraph."
        rows = self.builder().build(self.arm("a", [doc, doc, "Another document that is long enough."]), FakePackages(["p"]))
        text = (self.root / "out/a.txt").read_text()
        self.assertEqual(text, doc + "\n\f\nAnother document that is long enough.\n")
        self.assertEqual(rows, [["a", "p", "1", len(text) - 4, 2, "MIT"]])

    def test_a_second_run_reuses_and_a_new_version_rebuilds(self):
        arm = self.arm("a", ["A document that is long enough to be kept."])
        for version, calls in (("1", 1), ("1", 1), ("2", 2)):
            self.builder().build(arm, FakePackages(["p"], version))
            self.assertEqual(self.calls, calls)
        self.assertEqual(self.builder().build(arm, FakePackages([]))[0][2], "2")  # without the package, what is there stays

    def test_an_arm_is_not_rebuilt_with_less_in_it(self):
        arm = corpus_arms.Arm("a", [corpus_arms.both(name, self.reader, "MIT", docs=[f"A document of {name} that is long enough."]) for name in "pq"])
        self.builder().build(arm, FakePackages(["p", "q"]))
        rows = self.builder().build(arm, FakePackages(["p"], "2"))
        self.assertEqual([row[1] for row in rows], ["p", "q"])

    def test_a_broken_package_does_not_lose_the_others(self):
        def broken(root):
            yield "This document came before the reader failed."
            raise ValueError("damaged")
        arm = corpus_arms.Arm("a", [corpus_arms.both("q", broken, "MIT"), corpus_arms.both("p", self.reader, "MIT", docs=["A document that is long enough."])])
        packages = FakePackages(["p", "q"])
        self.assertEqual([row[1] for row in self.builder().build(arm, packages)], ["q", "p"])
        self.assertIn("damaged", packages.problems["q"])
        again = FakePackages(["p", "q"])
        self.builder().build(arm, again)
        self.assertIn("damaged", again.problems["q"])  # not hidden by what is there

    def test_paragraphs_are_unique_across_filtered_arms_also_after_a_restart(self):
        shared, own = SENTENCE * 3, "Something else. " * 20
        first, second = self.arm("a", [shared], True), self.arm("b", [shared + "\n\n" + own.strip()], True)
        for _ in range(2):
            builder = self.builder()
            builder.build(first, FakePackages(["p"]))
            (self.root / "out/b.txt").unlink(missing_ok=True)
            builder.build(second, FakePackages(["p"]))
            self.assertEqual((self.root / "out/b.txt").read_text(), own.strip() + "\n")

    def test_nothing_half_written_is_left(self):
        target = self.root / "x.txt"
        corpus_files.write_atomically(target, b"whole")
        self.assertEqual([path.name for path in self.root.iterdir()], ["x.txt"])

    def test_a_damaged_package_is_removed(self):
        self.put("p.tgz", b"\x1f\x8bnot a tar file")
        packages = corpus_packages.Packages(self.root)
        packages.files["npm:p@1"] = (self.root / "p.tgz", "1")
        with self.assertRaises(corpus_packages.FetchError):
            packages.unpack("npm:p@1", self.root)
        self.assertFalse((self.root / "p.tgz").exists())

    def test_npm_packages_cannot_write_outside_their_folder(self):
        with tarfile.open(self.root / "p.tgz", "w:gz") as tar:
            for name in ("package/data/good.txt", "package/../../evil.txt", "package/a/../../../evil2.txt"):
                info = tarfile.TarInfo(name)
                info.size = 2
                tar.addfile(info, io.BytesIO(b"ok"))
        packages = corpus_packages.Packages(self.root)
        packages.files["npm:p@1"] = (self.root / "p.tgz", "1")
        (self.root / "in").mkdir()
        packages.unpack("npm:p@1", self.root / "in")
        self.assertEqual([str(p.relative_to(self.root)) for p in sorted(self.root.rglob("*.txt"))], ["in/data/good.txt"])


class Program(Folder):
    def run_script(self, *arguments):
        return subprocess.run([sys.executable, str(SCRIPTS / "fetch_corpus.py"), *arguments, "--out", str(self.root / "corpus")],
                              capture_output=True, text=True, env={"PATH": str(self.root)})

    def test_without_package_tools_it_says_what_to_do(self):
        done = self.run_script("quick")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--set arms=./my-texts", done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_list_and_dry_run_write_nothing(self):
        listed = self.run_script("standard", "--list")
        self.assertEqual((listed.returncode, listed.stderr), (0, ""))
        self.assertIn("literature\tr-cran-janeaustenr\t", listed.stdout)
        self.assertEqual(self.run_script("quick", "--dry-run").returncode, 0)
        self.assertEqual(list(self.root.iterdir()), [])

    def test_arm_names_are_unique_and_quick_is_part_of_standard(self):
        names = [arm.name for arm in corpus_arms.ARMS]
        self.assertEqual(len(names), len(set(names)))
        quick, standard = ({arm.name for arm in corpus_arms.arms_of(which, True)} for which in ("quick", "standard"))
        self.assertLess(quick, standard)
        self.assertGreaterEqual(len(corpus_arms.arms_of("quick", False)), 8)

    def test_every_reader_lies_where_a_change_makes_its_arm_anew(self):
        for arm in corpus_arms.ARMS:
            for source in arm.sources:
                self.assertTrue(source.reader.__module__.startswith("corpus_readers."), source)


if __name__ == "__main__":
    unittest.main()
