"""Clocks alone: what other folders do after a clock's event has its own tests."""

import pytest

from openum.audit import catalogue
from openum.clocks import events


@pytest.fixture(autouse=True)
def nothing_follows_a_clock(monkeypatch):
    for event in (
        events.ClockExtended,
        events.ClockLapsed,
        events.ClockDueSoon,
        events.ClockStarted,
        events.ClockStopped,
    ):
        monkeypatch.setitem(catalogue._handlers, event, ())
