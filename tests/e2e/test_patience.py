#!/usr/bin/env python3
"""Long waits: neither side takes the other for dead because a call takes its time."""
import json
import os
import socket
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
from referee_teacher import Table, Teacher, pairs_of

SEEDS = e2e.sums(2)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def accepted(project):
    try:
        return project.counter("pairs.accepted")
    except sqlite3.OperationalError:  # there is no store yet
        return 0


class Patience(unittest.TestCase):

    def test_a_worker_does_not_leave_while_the_coordinator_has_nothing_to_say(self):
        """Its calls take longer than it would wait for a word from a dead coordinator."""
        teacher = Teacher(pairs_of(SEEDS), Table(1, (1, 1)), latency=(6, 6.5))
        teacher = e2e.enter(teacher, self.addCleanup)
        endpoint = f"tcp://127.0.0.1:{free_port()}"
        project = e2e.Project(teacher.url, SEEDS, workers={"local": 0, "listen": endpoint},
                              accept={"k": 1, "n": 1})
        project = e2e.enter(project, self.addCleanup)
        coordinator = project.start("coordinator", project.dir)
        worker = project.start("worker", endpoint, "--give-up", 4)
        project.ended(coordinator, e2e.EXIT_COMPLETE)
        project.ended(worker, e2e.EXIT_COMPLETE, patience=30)
        self.assertEqual(len(teacher.log), len(teacher.bodies), "a call was made twice")
        self.assertEqual(project.counter("pairs.accepted"), len(SEEDS))

    def test_seeds_that_come_slowly_through_a_pipe_are_judged_as_they_come(self):
        """Whoever writes them has not ended yet."""
        seeds = e2e.sums(4)
        teacher = e2e.enter(Teacher(pairs_of(seeds), Table(1, (1, 1))), self.addCleanup)
        project = e2e.enter(e2e.Project(teacher.url, seeds), self.addCleanup)
        project.change(seeds=[{"path": "-"}])
        run = subprocess.Popen([e2e.GAVEL, "run", project.dir], stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=e2e.environment(), start_new_session=True)
        project.processes.append(run)
        for n, seed in enumerate(seeds, 1):
            run.stdin.write(json.dumps(seed).encode() + b"\n")
            run.stdin.flush()
            e2e.wait_until(lambda: accepted(project) == n, f"pair {n}", patience=20)
        run.stdin.close()
        e2e.wait_until(lambda: run.poll() is not None, "the end")
        self.assertEqual(run.returncode, e2e.EXIT_COMPLETE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
