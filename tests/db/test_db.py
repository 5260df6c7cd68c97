import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from openum.audit.models import ChainHead
from openum.db import clock
from openum.db.clock import ClockIsReal
from openum.db.models import DemoClock
from openum.db.text import clean
from openum.vocabulary.errors import Invalid
from tests.conftest import NOON


def test_text_loses_only_what_no_database_can_store():
    assert clean("a\x00b") == "a\ufffdb"
    assert clean("\ud800") == "\ufffd"
    assert clean("שלום <b> 🚑 é\n") == "שלום <b> 🚑 é\n"


@pytest.mark.django_db
def test_the_demo_clock_goes_on_from_where_it_was_set():
    clock.set_demo_clock(NOON)
    first = clock.now()
    assert timedelta(0) <= first - NOON < timedelta(seconds=5)
    later = clock.advance_demo_clock(timedelta(days=3))
    assert later >= first + timedelta(days=3)
    assert clock.now() >= later
    assert clock.demo_clock_is_moved() is True


@pytest.mark.django_db
def test_without_a_demo_clock_the_time_is_real():
    assert abs(clock.now() - datetime.now(tz=UTC)) < timedelta(seconds=5)
    assert clock.demo_clock_is_moved() is False


@pytest.mark.django_db
def test_the_clock_of_real_data_cannot_be_moved(settings):
    settings.OPENUM_DEMO = False
    with pytest.raises(ClockIsReal, match="This is not demo data"):
        clock.set_demo_clock(NOON)
    assert DemoClock.objects.count() == 0


@pytest.mark.django_db
def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(Invalid, match="has no time zone"):
        clock.set_demo_clock(datetime(2026, 11, 16, 12, 0))  # noqa: DTZ001


@pytest.mark.django_db(transaction=True)
def test_writers_queue_and_none_is_lost():
    ChainHead.objects.create(chain="counter", seq=0, hash="")

    def add():
        try:
            for _ in range(10):
                with transaction.atomic():
                    head = ChainHead.objects.select_for_update().get(chain="counter")
                    head.seq += 1
                    head.save()
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ChainHead.objects.get(chain="counter").seq == 40


@pytest.mark.django_db(transaction=True)
def test_sqlite_is_durable_and_checks_its_references():
    if connection.vendor != "sqlite":
        pytest.skip("these are settings of SQLite; PostgreSQL has them by nature")
    with connection.cursor() as cursor:
        values = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert values == ["wal", 2, 1]
