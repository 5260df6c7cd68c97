"""Workers are killed at random instants; every effect happens once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.db import connection, transaction

from openum.db import clock
from openum.jobs import enqueue
from openum.jobs.models import Job, JobState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kills]
JOBS, KILLS = 150, 8


def _start():
    command = [sys.executable, "-m", "tests.jobs.worker_to_kill", str(connection.settings_dict["NAME"])]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    assert worker.stdout.readline() == b"ready\n"
    return worker


def _stop(worker):
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()


def test_killed_workers_lose_no_job_and_double_no_effect():
    dice = random.Random(20261116)
    with transaction.atomic():
        for number in range(JOBS):
            enqueue("test.effect", {"number": number}, run_at=clock.now())
    workers = [_start(), _start()]
    try:
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.02, 0.15))
            victim = workers.pop(dice.randrange(2))
            _stop(victim)
            workers.append(_start())
        deadline = time.monotonic() + 60
        while Job.objects.filter(kind="test.effect").exclude(state=JobState.DONE).exists():
            assert time.monotonic() < deadline, "the jobs were not finished in a minute"
            time.sleep(0.05)
    finally:
        for worker in workers:
            _stop(worker)
    effects = Counter(job.payload["number"] for job in Job.objects.filter(kind="test.done"))
    assert effects == Counter(range(JOBS))
