from datetime import timedelta

import pytest
from django.db import transaction

from openum.jobs import enqueue, registry, rules, run_due
from openum.jobs.models import Job, JobState
from openum.jobs.worker import put_recurring_in_place
from openum.vocabulary.errors import Conflict
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
DONE: list[tuple[dict, object]] = []


@pytest.fixture(autouse=True)
def _handlers(monkeypatch):
    monkeypatch.setattr(registry, "HANDLERS", {})
    monkeypatch.setattr(registry, "RECURRING", {})
    DONE.clear()

    @registry.handler("lamp.light")
    def light(payload, *, at):
        DONE.append((payload, at))

    @registry.handler("lamp.break")
    def shatter(payload, *, at):
        enqueue("lamp.light", {}, run_at=at)
        raise Conflict("The lamp of Mrs. Example is broken.")


def test_a_job_runs_once_when_it_is_due():
    enqueue("lamp.light", {"lamp": "a"}, run_at=NOON)
    assert run_due(NOON - timedelta(seconds=1)) == 0
    assert run_due(NOON) == 1
    assert run_due(NOON) == 0
    assert DONE == [({"lamp": "a"}, NOON)]
    job = Job.objects.get()
    assert (job.state, job.attempt, job.fence, job.finished_at) == (JobState.DONE, 1, 1, NOON)


def test_a_job_exists_only_if_its_cause_does():
    with pytest.raises(KeyError), transaction.atomic():
        enqueue("lamp.light", {}, run_at=NOON)
        raise KeyError
    assert Job.objects.count() == 0


def test_a_dedupe_key_is_used_once():
    assert enqueue("lamp.light", {}, run_at=NOON, dedupe_key="lamp:1") is True
    assert enqueue("lamp.light", {}, run_at=NOON, dedupe_key="lamp:1") is False
    assert Job.objects.count() == 1


def test_a_failure_undoes_the_handlers_writes_and_waits_longer_each_time():
    enqueue("lamp.break", {}, run_at=NOON)
    at = NOON
    for wait in (5, 10, 20, 40):
        assert run_due(at) == 1
        job = Job.objects.get()
        assert (job.state, job.run_at) == (JobState.WAITING, at + timedelta(seconds=wait))
        at = job.run_at
    assert job.last_error == "Conflict conflict"


def test_after_eight_failures_a_job_is_dead_and_stays():
    enqueue("lamp.break", {}, run_at=NOON)
    at = NOON
    for _ in range(8):
        run_due(at)
        at += timedelta(hours=2)
    job = Job.objects.get()
    assert (job.state, job.attempt) == (JobState.DEAD, 8)
    assert run_due(at) == 0


def test_a_job_nobody_knows_is_tried_again_after_the_next_release():
    enqueue("lamp.unknown", {}, run_at=NOON)
    run_due(NOON)
    assert Job.objects.get().last_error == "LookupError"


def test_a_job_taken_over_by_another_worker_has_no_effect_here():
    @registry.handler("lamp.slow")
    def slow(payload, *, at):
        enqueue("lamp.light", {}, run_at=at)
        Job.objects.filter(kind="lamp.slow").update(fence=9)

    enqueue("lamp.slow", {}, run_at=NOON)
    run_due(NOON, limit=1)
    job = Job.objects.get()
    assert (job.kind, job.state, job.fence) == ("lamp.slow", JobState.RUNNING, 1)


def test_a_job_is_claimed_again_only_after_its_lease_has_ended():
    enqueue("lamp.light", {}, run_at=NOON)
    Job.objects.update(state=JobState.RUNNING, lease_until_us=2**62, fence=1, attempt=1)
    assert run_due(NOON) == 0
    Job.objects.update(lease_until_us=1)
    assert run_due(NOON) == 1
    assert Job.objects.get().fence == 2


def test_a_recurring_job_puts_its_successor_in_the_next_slot():
    registry.every("lamp.light", 60)
    put_recurring_in_place(NOON)
    put_recurring_in_place(NOON)
    job = Job.objects.get()
    assert (job.run_at, job.dedupe_key) == (NOON + timedelta(minutes=1), "lamp.light@2026-11-16T17:01:00+00:00")
    late = NOON + timedelta(minutes=7, seconds=30)
    assert run_due(late) == 1
    assert list(Job.objects.values_list("run_at", flat=True)) == [NOON + timedelta(minutes=8)]


def test_a_clock_moved_back_does_not_stop_recurring_work():
    registry.every("lamp.light", 60)
    put_recurring_in_place(NOON + timedelta(days=3))
    put_recurring_in_place(NOON)
    assert Job.objects.order_by("run_at").first().run_at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 5), (2, 10), (8, 640), (9, 1280), (99, 3600)])
def test_the_wait_doubles_up_to_an_hour(attempt, seconds):
    assert rules.retry_after(attempt) == timedelta(seconds=seconds)
