"""What all tests share: a fixed instant, an actor, and the published policy packs."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection

from openum.db import clock

NOON = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
"""Noon in New York on a Monday; the instant of every test that does not say otherwise."""


@pytest.fixture
def at() -> datetime:
    """The fixed instant."""
    return NOON


@pytest.fixture
def demo_clock(db, at):
    """The demo clock, showing the fixed instant."""
    clock.set_demo_clock(at)
    return clock


def pytest_collection_modifyitems(items):
    """Skip what needs PostgreSQL when the run is on SQLite, naming the reason."""
    on_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        if item.get_closest_marker("postgres") and not on_postgres:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: set OPENUM_TEST_DATABASE=postgres"))


def pytest_report_header():
    """Name the database the run uses."""
    return f"database: {connection.vendor}"
