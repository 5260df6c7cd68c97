"""Hand-over at the end of a shift, and on-call cover: nothing is lost, and licence and field hold."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from openum.audit import events_of
from openum.clocks.models import Clock
from openum.review.services import start_review
from openum.vocabulary.terms import LineStatus
from openum.work.models import Assignment, HandOver, OnCall, Placement
from openum.work.queries.covering import handed_and_open, handed_by, handed_to, last_given_back
from openum.work.services import (
    accept_hand_over,
    cancel_on_call,
    cover,
    give_hand_over_back,
    hand_over,
    keep_queue,
    record_on_call,
    set_capacity,
)
from openum.work.services.assigning import give
from openum.work.services.covering import OnCallInvalid
from openum.work.services.handing import HandOverInvalid, HandOverSettled, NotYours
from tests.work.conftest import nurse
from tests.work.test_pages import browser_of, text
from tests.world import knee_request, send

SAID = "The X-ray report is asked for; call the office."

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_clock")]


@pytest.fixture
def placement(desk, at):
    """A line that the orthopaedic nurse holds."""
    line = send(desk.world, knee_request(desk.world, at=at), at=at).case.lines.get()
    line.status = LineStatus.PENDED_WITH_PAYER
    line.save()
    row = Placement.objects.get(line=line, left_at__isnull=True)
    give(row, desk.ortho_nurse, how=Assignment.BY_PERSON, because="test", by=desk.director, at=at)
    return row


def offered(placement, desk, at, **changes):
    given = {"taker": desk.world.nurse, "words": SAID, "due_at": at + timedelta(hours=20), "by": desk.ortho_nurse}
    return hand_over(placement=placement, at=at, **(given | changes))


def test_the_holder_keeps_a_line_until_it_is_accepted(desk, placement, at):
    row = offered(placement, desk, at)
    placement.refresh_from_db()
    assert placement.holder == desk.ortho_nurse
    assert handed_to(desk.world.nurse) == handed_by(desk.ortho_nurse) == handed_and_open(desk.director) == [row]
    with pytest.raises(HandOverSettled, match="offered to a colleague already"):
        offered(placement, desk, at)
    with pytest.raises(NotYours):
        accept_hand_over(row=row, by=desk.spanish_nurse, at=at)
    accept_hand_over(row=row, by=desk.world.nurse, at=at)
    placement.refresh_from_db()
    assert placement.holder == desk.world.nurse
    held = Assignment.objects.get(placement=placement, ended_at__isnull=True)
    assert (held.how, held.because) == ("handed_over", f"handed over by {desk.ortho_nurse.name}")
    assert handed_to(desk.world.nurse) == []
    with pytest.raises(HandOverSettled):
        accept_hand_over(row=row, by=desk.world.nurse, at=at)
    told = [event.type for event in events_of(placement.line.case.public_id)]
    assert told.index("HandOverOffered") < told.index("HandOverAnswered")


def test_given_back_with_words_it_stays_with_the_holder(desk, placement, at):
    row = offered(placement, desk, at)
    with pytest.raises(HandOverInvalid, match="Say why"):
        give_hand_over_back(row=row, because=" ", by=desk.world.nurse, at=at)
    with pytest.raises(NotYours):
        give_hand_over_back(row=row, because="No.", by=desk.spanish_nurse, at=at)
    give_hand_over_back(row=row, because="I am full today.", by=desk.world.nurse, at=at)
    placement.refresh_from_db()
    assert placement.holder == desk.ortho_nurse
    assert [each.answer for each in last_given_back(desk.ortho_nurse)] == ["I am full today."]
    again = offered(placement, desk, at)
    give_hand_over_back(row=again, because="", by=desk.ortho_nurse, at=at)
    again.refresh_from_db()
    assert again.state == "taken_back"


def test_what_a_hand_over_needs(desk, placement, at):
    with pytest.raises(NotYours):
        offered(placement, desk, at, by=desk.world.nurse, taker=desk.spanish_nurse)
    for changes, said in (
        ({"words": " "}, "Say in a sentence"), ({"due_at": at}, "lies in the past"),
        ({"taker": desk.ortho_nurse}, "Choose a colleague"), ({"taker": desk.world.intake}, "works in no queue"),
        ({"taker": desk.world.physician}, "lacks the registered nurse"),
    ):  # fmt: skip
        with pytest.raises(HandOverInvalid, match=said):
            offered(placement, desk, at, **changes)
    row = offered(placement, desk, at)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.filter(pk=row.pk).update(taker=desk.ortho_nurse)
    give(placement, desk.spanish_nurse, how=Assignment.BY_PERSON, because="test", by=desk.director, at=at)
    assert handed_to(desk.world.nurse) == []
    with pytest.raises(HandOverSettled, match="went elsewhere"):
        accept_hand_over(row=row, by=desk.world.nurse, at=at)


def test_on_the_pages_a_shift_is_handed_over(desk, placement, at):
    giver, taker = browser_of(desk.ortho_nurse), browser_of(desk.world.nurse)
    page = text(giver.get("/desk/hand-over/"))
    assert placement.line.case.number in page
    key = placement.public_id
    typed = {f"words-{key}": SAID, f"due-{key}": "2026-11-17T10:00"}
    for missing in ({}, {"taker": str(desk.world.nurse.public_id)}, typed):
        assert giver.post("/desk/hand-over/", missing).status_code == 422
    typed["taker"] = str(desk.world.nurse.public_id)
    assert giver.post("/desk/hand-over/", typed | {f"due-{key}": "soon"}).status_code == 422
    refused = giver.post("/desk/hand-over/", typed | {f"due-{key}": "2026-11-01T10:00"})
    assert "lies in the past" in text(refused)
    assert SAID in refused.content.decode()
    assert giver.post("/desk/hand-over/", typed).status_code == 302
    assert "not accepted yet: you have it" in text(giver.get("/desk/hand-over/"))
    director = browser_of(desk.director)
    assert "1 hand-over in your plans is not accepted yet." in text(director.get("/desk/"))
    assert placement.line.case.number in text(director.get("/desk/hand-over/"))
    assert "1 request is handed over to you." in text(taker.get("/review/"))
    row = HandOver.objects.get()
    assert taker.post(f"/desk/hand-over/{row.public_id}/", {"do": "back", "because": ""}).status_code == 422
    assert taker.post(f"/desk/hand-over/{row.public_id}/", {"do": "accept"}).status_code == 302
    assert taker.post(f"/desk/hand-over/{row.public_id}/", {"do": "accept"}).status_code == 409
    assert placement.line.case.number in text(taker.get("/desk/hand-over/"))


def at_night(desk, at):
    """The orthopaedic queue works by day; it is 02:00 and the deadline is two hours away."""
    keep_queue(
        plan=desk.world.plan, key="ortho-rn", name="Ortho RN", stage=desk.ortho.stage, people=[desk.ortho_nurse],
        licence_kind="registered nurse", owner=desk.director, backup=desk.general, by=desk.director, at=at,
        hours={day: ["08:00", "17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    )  # fmt: skip
    return at.replace(hour=7) + timedelta(days=1)


def due(placement, when):
    Clock.objects.filter(case=placement.line.case, binds=True).update(
        due_at=when, warn_at=when - timedelta(hours=4), state="running", stopped_at=None
    )


def on_call(desk, at, user, hours=12):
    return record_on_call(
        queue=desk.ortho, user=user, starts_at=at - timedelta(hours=2), ends_at=at + timedelta(hours=hours),
        by=desk.director, at=at,
    )  # fmt: skip


def test_a_near_deadline_outside_hours_comes_to_who_is_on_call(desk, placement, at):
    night = at_night(desk, at)
    due(placement, night + timedelta(days=3))
    on_call(desk, night, desk.spanish_nurse)
    assert cover(plan=desk.world.plan, by=desk.world.engine, at=night) == 0
    due(placement, night + timedelta(hours=2))
    assert cover(plan=desk.world.plan, by=desk.world.engine, at=at) == 0
    assert cover(plan=desk.world.plan, by=desk.world.engine, at=night) == 1
    assert cover(plan=desk.world.plan, by=desk.world.engine, at=night) == 0
    held = Assignment.objects.get(placement=placement, ended_at__isnull=True)
    assert (held.user, held.how) == (desk.spanish_nurse, "on_call")
    assert held.because == "on call for Ortho RN; the deadline is near and the queue is closed now"


def test_what_the_holder_has_open_for_review_is_offered_once(desk, placement, at):
    start_review(line=placement.line, level="nurse", by=desk.ortho_nurse, at=at)
    night = at_night(desk, at)
    due(placement, night + timedelta(hours=2))
    on_call(desk, night, desk.spanish_nurse)
    assert cover(plan=desk.world.plan, by=desk.world.engine, at=night) == 1
    assert cover(plan=desk.world.plan, by=desk.world.engine, at=night) == 0
    (row,) = handed_to(desk.spanish_nurse)
    assert (row.giver, row.offered_by) == (desk.ortho_nurse, desk.world.engine)
    give_hand_over_back(row=row, because="Already with the physician.", by=desk.spanish_nurse, at=night)
    assert cover(plan=desk.world.plan, by=desk.world.engine, at=night) == 0


def test_who_covers_is_fit_works_in_the_plan_and_is_alone(desk, placement, at):
    night = at_night(desk, at)
    due(placement, night + timedelta(hours=2))
    row = on_call(desk, night, desk.spanish_nurse)
    for user, said in ((desk.world.nurse, "covers this queue then already"), (desk.world.intake, "no queue"), (desk.world.physician, "no valid registered nurse")):  # fmt: skip
        with pytest.raises(OnCallInvalid, match=said):
            on_call(desk, night, user)
    for hours, said in ((-3, "ends after it begins"), (24 * 15, "at most two weeks")):
        with pytest.raises(OnCallInvalid, match=said):
            on_call(desk, night, desk.world.nurse, hours=hours)
    cancel_on_call(row=row, by=desk.director, at=night)
    cancel_on_call(row=row, by=desk.director, at=night)
    assert cover(plan=desk.world.plan, by=desk.world.engine, at=night) == 0
    elsewhere = nurse(desk.world, "texan", state="TX")
    set_capacity(user=elsewhere, points_a_day=60, languages=(), by=desk.director, at=at)
    keep_queue(
        plan=desk.world.plan, key="general-rn", name="General RN", stage=desk.general.stage, owner=desk.director,
        people=[desk.world.nurse, desk.spanish_nurse, elsewhere], licence_kind="registered nurse",
        by=desk.director, at=at,
    )  # fmt: skip
    on_call(desk, night, elsewhere)
    assert cover(plan=desk.world.plan, by=desk.world.engine, at=night) == 0
    placement.refresh_from_db()
    assert placement.holder == desk.ortho_nurse


def test_the_calendar_of_cover_is_kept_and_read(desk, at):
    at_night(desk, at)
    keeper, reader = browser_of(desk.director), browser_of(desk.world.nurse)
    assert "Nobody covers in the next two weeks: Ortho RN" in " ".join(text(keeper.get("/desk/on-call/")).split())
    typed = {
        "queue": str(desk.ortho.public_id), "person": str(desk.world.nurse.public_id), "starts_at": "2026-11-16T10:00",
        "ends_at": "2026-11-17T08:00",
    }  # fmt: skip
    assert keeper.post("/desk/on-call/", typed | {"ends_at": "2026-11-16T09:00"}).status_code == 422
    assert keeper.post("/desk/on-call/", typed).status_code == 302
    assert "You are covering Ortho RN until" in text(reader.get("/desk/"))
    page = text(reader.get("/desk/on-call/"))
    assert "Write down who covers" not in page
    assert reader.post("/desk/on-call/", typed).status_code == 422
    row = OnCall.objects.get()
    assert reader.post(f"/desk/on-call/{row.public_id}/cancel/").status_code == 403
    keeper.post(f"/desk/on-call/{row.public_id}/cancel/")
    assert "Nobody is on call" in text(reader.get("/desk/on-call/"))
