"""Administrative changes: recorded, checked again, told again, and never less."""

from datetime import date, timedelta

import pytest

from openum.accounts.rules import PermissionRefused
from openum.audit import events_of
from openum.cases.queries import current_lines
from openum.cases.services import amend_line
from openum.determination.queries import authorization_of, current_segments
from openum.determination.services import amend_approval, approve_line
from openum.determination.services.amending import AmendmentNeedsReview, NotApproved
from openum.intake.queries import latest_check
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(world, at):
    return current_lines(send(world, knee_request(world, at=at), at=at).case)[0]


def move(world, line, at, **changes):
    facts = {"first_day": date(2027, 3, 1), "last_day": None, "place": ""} | changes
    return amend_approval(
        line=line, reason="The operating room moved.", requested_by="Test Practice", channel=Channel.PORTAL,
        by=world.provider, at=at, **facts,
    )  # fmt: skip


def test_an_approval_moves_to_other_days_and_keeps_number_units_and_what_it_covered(world, line, at):
    approve_line(line=line, by=world.physician, at=at, rationale="The film settles it.")
    number, before = authorization_of(line).number, current_segments(authorization_of(line))[0]
    amendments = move(world, line, at + timedelta(days=1))
    after = current_segments(authorization_of(line))[0]
    assert [item.field for item in amendments] == ["service_from"]
    assert authorization_of(line).number == number
    assert (after.valid_from, after.valid_to, after.units) == (before.valid_from, date(2027, 3, 2), before.units)
    before.refresh_from_db()
    assert before.superseded_at is not None
    assert [event.type for event in events_of(line.case.public_id)].count("LineAmended") == 1


def test_everybody_is_told_again_once(world, line, at):
    approve_line(line=line, by=world.physician, at=at, rationale="The film settles it.")
    run_due(at + timedelta(minutes=1))
    told = Notice.objects.filter(case=line.case, kind="approval").count()
    move(world, line, at + timedelta(days=1))
    run_due(at + timedelta(days=1, minutes=1))
    assert told > 0
    assert Notice.objects.filter(case=line.case, kind="approval").count() == told * 2


def test_a_day_without_coverage_takes_a_new_request(world, line, at):
    approve_line(line=line, by=world.physician, at=at, rationale="The film settles it.")
    world.commercial_member.coverages.update(valid_to=date(2027, 1, 1))
    with pytest.raises(AmendmentNeedsReview, match="no active coverage"):
        move(world, line, at)


def test_nothing_to_change_wrong_order_and_wrong_people_are_refused(world, line, at):
    with pytest.raises(NotApproved):
        move(world, line, at)
    approve_line(line=line, by=world.physician, at=at, rationale="The film settles it.")
    with pytest.raises(Invalid, match="Nothing differs"):
        move(world, line, at, first_day=None)
    with pytest.raises(Invalid, match="before the first"):
        move(world, line, at, last_day=date(2027, 2, 1))
    with pytest.raises(PermissionRefused):
        amend_approval(
            line=line, first_day=date(2027, 3, 1), last_day=None, place="", reason="x", requested_by="x",
            channel=Channel.PHONE, by=world.nurse, at=at,
        )  # fmt: skip


def test_a_changed_open_line_is_checked_again(world, line, at):
    first = latest_check(line)
    world.commercial_member.coverages.update(valid_to=date(2027, 1, 1))
    amend_line(
        line=line, changes={"service_from": date(2027, 2, 1), "service_to": date(2027, 2, 1)}, reason="A later date.",
        requested_by="Test Practice", channel=Channel.PORTAL, by=world.provider, at=at + timedelta(hours=1),
    )  # fmt: skip
    again = latest_check(line)
    assert again != first
    assert (first.is_covered, again.is_covered) == (True, False)
