#!/usr/bin/env python3
"""A disk that is full in the middle of a run: it waits for room, goes on, and loses nothing."""
import os
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import referee_release as release
from referee import Ledger
from referee_teacher import Table, Teacher, pairs_of_seeds

MEGABYTE = 1 << 20


def mount(folder, megabytes):
    return subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder],
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


class FullDisk(unittest.TestCase):

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gavel-disk-")
        self.addCleanup(os.rmdir, self.folder)
        if not mount(self.folder, 64):
            self.skipTest("no right to mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", self.folder], check=True)
        self.filler = os.path.join(self.folder, "filler")
        pairs = pairs_of_seeds(e2e.QUICKSTART)
        teacher = Teacher(pairs, Table(1, (0.8, 0.8), loops=0.5), latency=(0.01, 0.03))
        self.teacher = e2e.enter(teacher, self.addCleanup)
        project = e2e.Project(teacher.url, e2e.QUICKSTART, give_up_after=60,
                              store=os.path.join(self.folder, "judge.db"))
        self.project = e2e.enter(project, self.addCleanup)
        self.project.store_path = os.path.join(self.folder, "judge.db")

    def fill(self, leave):
        """Takes all the room but `leave` bytes."""
        free = os.statvfs(self.folder)
        with open(self.filler, "wb") as f:
            f.write(bytes(max(0, free.f_bavail * free.f_frsize - leave)))

    def check(self):
        """Every fate is the log's, and no more was made again than was in flight."""
        ledger = Ledger(self.teacher.log, 3, 4)
        release.check_fates(self, self.project, self.teacher, ledger)
        whole = [c.body for c in self.teacher.log if c.whole]
        return ledger, len(whole) - len(set(whole))

    def wait_for_room(self, run):
        e2e.wait_until(lambda: "waiting for room" in self.project.said(run)[1]
                       or run.poll() is not None, "a word about the disk")
        self.assertIsNone(run.poll(), self.project.said(run))

    def test_it_waits_and_goes_on(self):
        self.fill(2 * MEGABYTE)
        run = self.project.start_run()
        self.wait_for_room(run)
        e2e.wait_until(lambda: self.teacher.in_flight == 0, "the calls in flight")
        asked = len(self.teacher.log)
        os.remove(self.filler)
        _, err = self.project.ended(run, e2e.EXIT_COMPLETE)
        self.assertIn("there is room again", err)
        self.assertGreater(len(self.teacher.log), asked, "the disk was never too small")
        ledger, again = self.check()
        self.assertEqual(again, 0, "a finished call was made again")
        release.check_store(self, self.project, self.teacher, ledger)
        release.check_release(self, self.project, self.teacher, ledger)

    def test_it_gives_up_in_the_end_and_the_next_run_goes_on(self):
        self.fill(2 * MEGABYTE)
        _, err = self.project.run("--set", "give_up_after=3", status=e2e.EXIT_FAILED)
        self.assertIn("give_up_after", err)
        os.remove(self.filler)
        self.project.run()
        ledger, again = self.check()
        slots = self.project.settings["workers"]["slots"]
        held = slots + (slots if slots < 64 else 64 + slots // 16)  # with what workers hold ready
        in_memory = held + 256  # and what was staged for the commit that failed
        self.assertLessEqual(again, in_memory)
        self.assertGreaterEqual(self.project.counter("calls.done"), ledger.calls() - in_memory)

    def test_a_worker_elsewhere_keeps_its_answers_for_the_next_coordinator(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            endpoint = f"tcp://127.0.0.1:{s.getsockname()[1]}"
        self.project.change(workers={"local": 0, "listen": endpoint})
        self.fill(2 * MEGABYTE)
        worker = self.project.start("worker", endpoint, "--slots", 64)
        self.project.gavel("coordinator", self.project.dir, "--set", "give_up_after=3",
                           status=e2e.EXIT_FAILED)
        self.assertIsNone(worker.poll(), self.project.said(worker))
        os.remove(self.filler)
        self.project.gavel("coordinator", self.project.dir)
        self.project.ended(worker, e2e.EXIT_COMPLETE, patience=30)
        _, again = self.check()
        self.assertEqual(again, 0, "a finished call was made again")

    def test_a_store_that_does_not_fit_at_all_is_one_sentence(self):
        self.fill(0)
        _, err = self.project.run("--set", "give_up_after=2", status=e2e.EXIT_FAILED)
        self.assertIn("full", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
