"""A new web process makes ready what its first callers would wait for, and never fails by it."""

from threading import Thread

import pytest
from structlog.testing import CapturingLogger

from openum.clocks.rules.calendars import holidays_of
from openum.config import warming
from openum.criteria.program import known_program
from openum.criteria.queries import GUIDELINE
from openum.directory.models import Policy


@pytest.mark.django_db
def test_the_guidelines_in_force_and_the_holidays_are_ready_and_a_second_time_costs_nothing(world):
    holidays_of.cache_clear()
    assert warming.warm() > 10
    published = Policy.objects.filter(kind=GUIDELINE, effective_to__isnull=True)
    assert published
    assert all(known_program(policy.digest) for policy in published)
    made = holidays_of.cache_info().misses
    warming.warm()
    assert holidays_of.cache_info().misses == made >= 1


@pytest.mark.django_db
def test_it_stops_when_its_time_is_over(world):
    assert warming.warm(at_most=0) == 0


def test_what_goes_wrong_is_logged_and_hinders_no_request(monkeypatch):
    def fail(**_):
        raise RuntimeError("no database")

    monkeypatch.setattr(warming, "warm", fail)
    log = CapturingLogger()
    monkeypatch.setattr(warming, "log", log)
    thread = Thread(target=warming._warm_and_let_go)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert [call.method_name for call in log.calls] == ["exception"]
