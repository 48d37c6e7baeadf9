#!/usr/bin/env python3
"""What else happens to long runs: the folder is moved, the clock set back, the terminal closed, the disk made read-only.

    tests/storms/world.py

Each scene ends with the uninterrupted run's outcome, or with a refusal that changes nothing.
"""

import contextlib
import errno
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from failing_calls import environment
from rig import Rig, last_logged_step


def heeds(pid, number):
    """Does the process ignore or handle the signal, and not die of it?"""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return False
    masks = [int(line.split()[1], 16) for line in lines if line.startswith(("SigIgn:", "SigCgt:"))]
    return any(mask >> (number - 1) & 1 for mask in masks)


class World(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig(steps=60, every_steps=5)
        cls.want = cls.rig.reference()

    @classmethod
    def tearDownClass(cls):
        cls.rig.close()

    def stopped(self, at=12):
        """A run that SIGTERM has stopped at or behind step `at`."""
        run = self.rig.new_run()
        process = self.rig.start(run)
        self.wait(process, lambda: last_logged_step(run) >= at)
        process.send_signal(signal.SIGTERM)
        words = process.communicate()[1]
        self.assertEqual(process.returncode, 143, words)
        return run

    def wait(self, process, condition):
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.0005)
        self.fail(f"it did not come to that; exit code {process.poll()}")

    def ends_well(self, run):
        code, words = self.rig.resume(run)
        self.assertEqual(code, 0, words)
        self.assertEqual(self.rig.outcome(run), self.want)

    def test_the_run_folder_is_moved(self):
        run = self.stopped()
        elsewhere = self.rig.folder / "elsewhere"
        shutil.rmtree(elsewhere, ignore_errors=True)
        elsewhere.mkdir()
        self.ends_well(shutil.move(run, elsewhere / "another-name"))

    def test_the_log_is_cut_by_hand(self):
        run = self.stopped()
        log = run / "events.jsonl"
        whole = log.read_bytes()
        log.write_bytes(whole[:len(whole) // 2])
        before = sorted((path.name, path.stat().st_size) for path in run.iterdir())
        code, words = self.rig.resume(run)
        self.assertEqual(code, 1, words)
        self.assertIn("events.jsonl", words)
        self.assertIn("put the old log back", words)
        self.assertEqual(sorted((path.name, path.stat().st_size) for path in run.iterdir()), before)
        log.write_bytes(whole)
        self.ends_well(run)

    def test_the_log_is_extended_by_hand(self):
        run = self.stopped()
        with open(run / "events.jsonl", "ab") as log:
            log.write(b'{"event":"step","step":999,"time":""}\nand no JSON at all')
        self.ends_well(run)
        self.assertIn(b"no JSON at all", (run / "events.jsonl.cut-1").read_bytes())

    def test_the_clock_is_set_back(self):
        run = self.stopped()
        _, clock = environment(self.rig, run, "clock", 0, 1)
        code, words = self.rig.resume(run, environment=clock)
        self.assertEqual(code, 0, words)
        self.assertEqual(self.rig.outcome(run), self.want)
        self.assertIn('"time":"2001-', (run / "events.jsonl").read_text())

    def test_the_folder_is_read_only(self):
        run = self.stopped()
        before = {path.name: path.read_bytes() for path in run.iterdir()}
        seen, faults = environment(self.rig, run, "open", errno.EROFS, 1)
        code, words = self.rig.resume(run, environment={**faults, "FAIL_ON": "1"})
        self.assertTrue(seen.exists())
        self.assertEqual(code, 1, words)
        self.assertIn("Read-only file system", words)
        self.assertEqual({path.name: path.read_bytes() for path in run.iterdir()}, before)
        self.ends_well(run)

    def test_sigterm_during_a_save(self):
        for _ in range(5):
            run = self.rig.new_run()
            process = self.rig.start(run)
            self.wait(process, lambda: any(run.glob("step_*.tmp")))
            process.send_signal(signal.SIGTERM)
            words = process.communicate()[1]
            self.assertEqual(process.returncode, 143, words)
            self.assertFalse(any(run.glob("*.tmp")))
            self.ends_well(run)

    def test_sigusr1_ten_times_in_a_row(self):
        run = self.rig.new_run()
        process = self.rig.start(run)
        self.wait(process, lambda: last_logged_step(run) >= 2)
        for _ in range(10):
            process.send_signal(signal.SIGUSR1)
        words = process.communicate()[1]
        self.assertEqual(process.returncode, 0, words)
        self.assertEqual(self.rig.outcome(run), self.want)
        saves = (run / "events.jsonl").read_text().count('"event":"checkpoint"')
        self.assertGreater(saves, self.rig.steps // self.rig.every_steps)

    def test_sigusr1_before_there_is_anything_to_save(self):
        run = self.rig.new_run()
        process = self.rig.start(run)
        self.wait(process, lambda: heeds(process.pid, signal.SIGUSR1))  # from its first instruction on, nearly
        while process.poll() is None and last_logged_step(run) < 2:
            process.send_signal(signal.SIGUSR1)
            time.sleep(0.002)
        words = process.communicate()[1]
        self.assertEqual(process.returncode, 0, words)
        self.assertEqual(self.rig.outcome(run), self.want)

    def test_a_mapped_file_that_cannot_be_read_gets_a_sentence(self):
        run = self.rig.new_run()
        process = self.rig.start(run)
        self.wait(process, lambda: last_logged_step(run) >= 2)
        process.send_signal(signal.SIGBUS)
        words = process.communicate()[1]
        self.assertEqual(process.returncode, 1)
        self.assertIn("error: a file that is in use cannot be read", words)
        self.ends_well(run)

    def test_a_second_sighup_is_as_good_as_one(self):
        run = self.rig.new_run()
        process = self.rig.start(run)
        self.wait(process, lambda: last_logged_step(run) >= 6)
        for _ in range(3):
            process.send_signal(signal.SIGHUP)
        words = process.communicate()[1]
        self.assertEqual(process.returncode, 129, words)
        self.ends_well(run)

    def test_a_second_ctrl_c_stops_at_once(self):
        run = self.rig.new_run()
        process = self.rig.start(run)
        self.wait(process, lambda: last_logged_step(run) >= 6)
        process.send_signal(signal.SIGSTOP)  # both signals wait until it goes on; SIGINT alone would count once
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        words = process.communicate()[1]
        self.assertIn(process.returncode, (1, 130), words)  # 130 when SIGINT was delivered first
        if process.returncode == 1:
            self.assertIn("stopped at once", words)
        self.ends_well(run)

    def test_under_nohup_a_closed_terminal_changes_nothing(self):
        run = self.rig.new_run()
        process = subprocess.Popen(["nohup", *self.rig.command(run)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.wait(process, lambda: last_logged_step(run) >= 6)
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(), 0)
        self.assertEqual(self.rig.outcome(run), self.want)

    def test_the_terminal_is_closed(self):
        run = self.rig.new_run()
        command = [word for word in self.rig.command(run) if word not in ("--progress", "none")]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(command[0], command)
        deadline = time.monotonic() + 60
        while last_logged_step(run) < 7 and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                os.read(terminal, 65536)  # else the program would wait for room
        os.close(terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.assertEqual(code, 128 + signal.SIGHUP)
        self.ends_well(run)

    def test_nobody_reads_what_it_says(self):
        run = self.rig.new_run()
        reader, writer = os.pipe()
        command = self.rig.command(run)
        command[command.index("none")] = "plain"
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer)
        os.close(writer)
        os.close(reader)
        self.assertEqual(process.wait(), 0)
        self.assertEqual(self.rig.outcome(run), self.want)

    def test_a_second_trainer_is_kept_out(self):
        run = self.rig.new_run()
        process = self.rig.start(run)
        self.wait(process, lambda: last_logged_step(run) >= 2)
        process.send_signal(signal.SIGSTOP)
        code, words = self.rig.resume(run)
        process.send_signal(signal.SIGCONT)
        process.communicate()
        self.assertEqual(code, 2)
        self.assertIn("another trainer is at work", words)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.rig.outcome(run), self.want)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
