"""What did not fit into the start: the worker's jobs make the same cases by the same plots."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction

from openum.audit.models import EventRow
from openum.audit.verification import verify
from openum.cases.models import ServiceLine
from openum.directory.models import CodeList
from openum.jobs import run_due
from openum.jobs.models import Job
from openum.notices.models import Notice
from samples import demo, later
from samples.demo import Size
from tests.samples.conftest import AT

SIZE = Size(members=300, cases=10, days=90)

pytestmark = pytest.mark.django_db


def load(folder, *, budget_seconds):
    CodeList.objects.all().delete()
    later.forget()
    said = []
    demo.load(folder, at=AT, progress=said.append, size=SIZE, budget_seconds=budget_seconds)
    return said


def told():
    """What the world holds, without keys and numbers."""
    lines = ServiceLine.objects.filter(case__plan__key="lumen-harbor")
    notices = Notice.objects.filter(case__plan__key="lumen-harbor")
    cases = lines.values_list("case__public_id", flat=True)
    return (
        Counter(lines.values_list("case__member__member_number", "code", "status", "status_since", "place")),
        Counter(notices.values_list("case__member__member_number", "kind", "audience", "sent_at", "language")),
        Counter(EventRow.objects.filter(case_id__in=cases).values_list("type", flat=True)),
    )


def test_what_does_not_fit_into_the_start_is_left_to_jobs_and_these_make_the_same_rows(tmp_path, monkeypatch):
    monkeypatch.setattr("samples.demo.appeals.build", lambda *_: 0)  # of what is there at the start
    monkeypatch.setattr("samples.demo.stays.build", lambda *_: 0)
    monkeypatch.setattr("samples.demo.claims.build", lambda *_: 0)
    with transaction.atomic():
        said = load(tmp_path, budget_seconds=None)
        assert "10 earlier cases are there." in said
        at_the_start = told()
        transaction.set_rollback(True)
    said = load(tmp_path, budget_seconds=0)
    assert "0 earlier cases are there; 10 older ones follow in the background." in said
    played = []
    for minute in range(1, 7):
        waiting = Job.objects.filter(kind=later.KIND, state="waiting")
        played += [(job.payload["first"], job.payload["last"]) for job in waiting]
        run_due(AT + timedelta(minutes=minute), limit=50)
    assert played == [(8, 10), (6, 8), (4, 6), (2, 4), (0, 2)]
    assert not Job.objects.exclude(state="done").exclude(kind="clocks.escalate").exists()
    for made, expected in zip(told(), at_the_start, strict=True):
        assert made - expected == expected - made == Counter()
    assert verify() == []
