"""The dockets show every open appeal, complaint and dispute in due order, page by page, and what was read is what was shown."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openum.appeals.rules.states import AppealState
from openum.appeals.views import docket
from openum.audit.models import EventRow
from openum.db.clock import set_demo_clock
from openum.grievances.rules import About
from openum.grievances.services import Complained, file_grievance
from openum.grievances.views import complaints
from openum.vocabulary.terms import Channel
from tests.appeals import story
from tests.appeals.story import DAY

pytestmark = pytest.mark.django_db


def numbers(page, rows):
    """The numbers of the rows in the order in which they stand."""
    text = page.content.decode()
    return sorted(
        (row for row in rows if f">{row.number}</a>" in text), key=lambda row: text.index(f">{row.number}</a>")
    )


def test_every_open_appeal_is_reached_by_pages_in_due_order(client, world, desk, demo_clock, monkeypatch, at):
    monkeypatch.setattr(docket, "PAGE", 2)
    lines = [story.denied(world, at) for _ in range(3)]
    appeals = [story.file(world, line, at + days * DAY) for line, days in zip(lines, (3, 1, 2), strict=True)]
    set_demo_clock(at + 4 * DAY)
    client.force_login(desk)
    first, second = client.get("/appeals/"), client.get("/appeals/?page=2")
    assert numbers(first, appeals) == [appeals[1], appeals[2]]
    assert numbers(second, appeals) == [appeals[0]]
    assert 'href="?page=2"' in first.content.decode()
    assert 'rel="next"' not in second.content.decode()
    assert "All (3)" in second.content.decode()
    assert f"({len(appeals)})" in client.get("/appeals/?view=assign").content.decode()
    assert numbers(client.get("/appeals/?view=outside"), appeals) == []
    assert 'href="?view=assign&amp;page=2"' in client.get("/appeals/?view=assign").content.decode()
    with CaptureQueriesContext(connection) as statements:
        client.get("/appeals/")
    assert len(statements) < 25
    assert {appeal.state for appeal in appeals} == {AppealState.OPEN}


def test_every_open_complaint_is_reached_and_only_what_was_shown_was_read(
    client, world, desk, demo_clock, monkeypatch, at
):
    monkeypatch.setattr(complaints, "PAGE", 1)
    members = (world.member, world.commercial_member)
    slow, fast = (
        file_grievance(
            member=member, case=None, by=desk, at=at + timedelta(hours=hours),
            complained=Complained(
                about=about, issue="Nobody called.", channel=Channel.PHONE, received_at=at + timedelta(hours=hours)
            ),
        )
        for member, about, hours in zip(members, (About.SERVICE, About.SPEED), (1, 2), strict=True)
    )  # fmt: skip
    set_demo_clock(at + timedelta(hours=3))
    client.force_login(desk)
    assert numbers(client.get("/complaints/"), (slow, fast)) == [fast]
    read = EventRow.objects.filter(chain__startswith="reads:").latest("pk")
    assert str(fast.request.case.public_id) in read.data
    assert str(slow.request.case.public_id) not in read.data
    assert numbers(client.get("/complaints/?page=2"), (slow, fast)) == [slow]
