"""What all tests share: a fixed instant, an actor, and the published policy packs."""

import os
import sys
from collections import Counter
from datetime import UTC, datetime
from unittest import mock

import hypothesis
import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from openum.db import clock
from openum.design.catalogues import compile_catalogues
from tests import kept, sent
from tests.threads import in_own_thread

NOON = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
"""Noon in New York on a Monday; the instant of every test that does not say otherwise."""


_BLOCKER = pytest.StashKey()
"""Lets the hooks of a run at the database, once there is one."""

_TABLES = pytest.StashKey()
"""The file of the empty tables of this code, made or not."""

hypothesis.settings.register_profile("openum", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("openum")


@pytest.fixture
def at() -> datetime:
    """The fixed instant."""
    return NOON


@pytest.fixture
def demo_clock(db, at):
    """The demo clock, showing the fixed instant."""
    clock.set_demo_clock(at)
    return clock


@pytest.fixture(autouse=True)
def own_counts():
    """Calls that another test made are not counted in this one: their clients are gone."""
    if (serving := sys.modules.get("openum.adapters.serving")) is not None:
        serving.counts = type(serving.counts)()


def pytest_configure(config):
    """Where the tables of this code are kept from an earlier run, the migrations need not run."""
    if not config.pluginmanager.hasplugin("cacheprovider"):
        return
    path = kept.tables_file(config.cache.mkdir("tables"))
    config.stash[_TABLES] = path
    if path and path.exists():
        connection.settings_dict["TEST"]["MIGRATE"] = False


def pytest_sessionstart(session):
    """Compile the translations that are out of date."""
    compile_catalogues()


def pytest_collection_modifyitems(config, items):
    """On SQLite run everything but what needs PostgreSQL; on PostgreSQL run what touches the database."""
    chosen = items
    if connection.vendor == "postgresql":
        chosen = [item for item in items if _touches_database(item) and not item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    else:
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: set OPENUM_TEST_DATABASE=postgres"))
    items[:] = _longest_files_first(chosen)


def _longest_files_first(items):
    """Order the files, so that no process is left with a long one at the end: browsers and kills, then by their size."""
    sizes = Counter(item.path for item in items)
    long = {item.path for item in items if any(item.get_closest_marker(name) for name in ("browser", "kills"))}
    return sorted(items, key=lambda item: (item.path not in long, -sizes[item.path], item.path))


def _touches_database(item):
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "django_db_setup"})


def _commits(item):
    marker = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool((marker and marker.kwargs.get("transaction")) or fixtures & {"transactional_db", "live_server"})


def pytest_report_header():
    """Name the database the run uses."""
    return f"database: {connection.vendor}"


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_setup, django_db_blocker):
    """After the tables, make the small world once, leaving no events: building it costs more than most tests."""
    from tests import world

    with django_db_blocker.unblock():
        tables = request.config.stash.get(_TABLES, None)
        if tables and connection.settings_dict["TEST"]["MIGRATE"]:
            kept.keep_tables(tables)
        elif tables:
            kept.lay_tables(tables)
        with mock.patch("openum.audit.record"):
            world.build_once(now=NOON)
        kept.keep()
    request.config.stash[_BLOCKER] = django_db_blocker


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """After a test that commits, put back what stood in the database before the first test; after the last it is gone."""
    result = yield
    if nextitem is not None and _commits(item) and _BLOCKER in item.config.stash:
        with item.config.stash[_BLOCKER].unblock():
            in_own_thread(kept.put_back)
    return result


@pytest.fixture(autouse=True)
def default_language():
    """A page in Spanish leaves its language to the thread; each test begins in the default one."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def everything_sent_is_valid(request, monkeypatch):
    """Every FHIR body that the test client is answered conforms to R4 and to the profiles that it claims."""
    if request.node.get_closest_marker("sends_junk"):
        yield
        return
    noted = sent.Sent()
    generic = Client.generic

    def checked(client, method, path, data="", *args, **kwargs):
        response = generic(client, method, path, data, *args, **kwargs)
        if path.startswith(sent.PATHS) and not response.streaming:
            noted.note(path, data, response.content)
        return response

    monkeypatch.setattr(Client, "generic", checked)
    yield
    assert noted.faults == []


@pytest.fixture
def world(db):
    """A small world made by the real services (tests/world.py), as fresh as on its first day."""
    from tests import world

    return world.fresh()
