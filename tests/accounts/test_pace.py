"""How quickly systems are answered: counted by process, added up by the hour, told on the page of the connections."""

from datetime import timedelta

import pytest

from openum.accounts.connections import pace
from openum.accounts.connections.pace import KEPT_FOR, Counts, Pace, bound_of, pace_from, pace_of
from openum.accounts.models import CallPace
from openum.accounts.services import register_person
from openum.vocabulary.terms import Role

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("milliseconds", "bound"), [(0, 25), (25, 25), (25.1, 50), (1_500, 1_500), (59_999, 60_000), (10**9, 60_000)]
)
def test_a_time_falls_into_the_class_that_holds_it(milliseconds, bound):
    assert bound_of(milliseconds) == bound


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(25, 1, 0)], Pace(calls=1, failed=0, half_within=25, most_within=25)),
        ([(3_000, 5, 1), (25, 95, 0)], Pace(calls=100, failed=1, half_within=25, most_within=25)),
        ([(25, 94, 0), (3_000, 6, 6)], Pace(calls=100, failed=6, half_within=25, most_within=3_000)),
    ],
)
def test_half_and_ninety_five_of_a_hundred(rows, expected):
    assert pace_from(rows) == expected
    assert expected.is_slow is (expected.most_within > 1_500)


def test_one_failure_never_shows_as_none():
    assert pace_from([(25, 1_000, 1)]).failed_percent == 1


@pytest.mark.django_db
def test_two_processes_add_to_one_hour_and_old_hours_go(world, at):
    client, other = world.client, world.sandbox_client
    CallPace.objects.create(client=client, hour=at - KEPT_FOR - HOUR, within=25, calls=7)
    for counts in (Counts(), Counts()):
        for seconds, status in ((0.01, 200), (0.02, 422), (2.0, 500)):
            counts.note(client, seconds=seconds, status=status, at=at)
        counts.write(at=at)
        counts.write(at=at)
    assert pace_of([client, other], at=at) == {
        client.pk: Pace(calls=6, failed=4, half_within=25, most_within=3_000),
    }  # fmt: skip
    assert CallPace.objects.count() == 2
    assert pace_of([client], at=at + 25 * HOUR) == {}


@pytest.mark.django_db
def test_a_call_is_written_once_a_minute_has_passed(world, at, monkeypatch):
    counts = Counts()
    counts.note(world.client, seconds=0.1, status=200, at=at)
    assert not CallPace.objects.exists()
    monkeypatch.setattr(pace, "EVERY", 0.0)
    counts.note(world.client, seconds=0.1, status=200, at=at)
    assert CallPace.objects.get().calls == 2


@pytest.mark.django_db
def test_the_page_tells_the_pace_and_marks_a_slow_system(client, world, demo_clock, at):
    keeper = register_person(
        email="keeper@test.invalid", name="Kim Keeper", password=None, roles=[(Role.INTEGRATOR, world.plan, None)]
    )
    counts = Counts()
    counts.note(world.client, seconds=2.0, status=500, at=at)
    counts.write(at=at)
    client.force_login(keeper)
    page = client.get("/connections/").content.decode()
    assert "half within 3000 ms, 95 of 100 within 3000 ms" in page
    assert "1 refused or failed" in page
    assert "slow" in page
