"""A Medicare Advantage no for lack of information comes after about three attempts that differ in time or way."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.accounts.rules import PermissionRefused
from openum.cases.queries import current_lines
from openum.clocks.queries import binding_clock
from openum.determination.outreach import OutreachMissing, Try, count, sought_for
from openum.determination.protections import Law
from openum.determination.services import log_outreach
from openum.review.services import refer_to_physician
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, LineStatus, ReasonClass
from tests.appeals import story
from tests.world import knee_request, note, send

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def tries(*rows):
    return [Try(at=NOON + minutes * MINUTE, way=way, outcome=outcome) for minutes, way, outcome in rows]


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        ([], 0),
        ([(0, "phone", "no answer")], 1),
        ([(0, "phone", "no answer"), (59, "phone", "no answer")], 1),
        ([(0, "phone", "no answer"), (60, "phone", "no answer")], 2),
        ([(0, "phone", "no answer"), (1, "fax", "sent")], 2),
        ([(0, "question", "sent"), (1, "fax", "sent"), (2, "phone", "left message")], 3),
        ([(0, "phone", "wrong number"), (60, "phone", "wrong number")], 0),
        ([(60, "phone", "no answer"), (0, "phone", "no answer"), (61, "phone", "no answer")], 2),
    ],
)
def test_an_attempt_counts_in_another_way_or_an_hour_later(rows, counted):
    assert count(tries(*rows), minutes_apart=60) == counted


@given(st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["phone", "fax"]), st.just("no answer")), max_size=12))
def test_one_more_attempt_never_counts_less_and_order_of_entry_is_nothing(rows):
    whole = count(tries(*rows), minutes_apart=60)
    assert whole == count(list(reversed(tries(*rows))), minutes_apart=60)
    assert whole <= count(tries(*rows, (10_000, "phone", "no answer")), minutes_apart=60)


@pytest.fixture
def line(world, at):
    return asked(world, at, of=world.member)


def asked(world, at, *, of):
    request = knee_request(world, of=of, at=at, evidence=(note("Visit", "Knee pain."),))
    made = current_lines(send(world, request, at=at).case)[0]
    refer_to_physician(line=made, summary="The therapy notes are missing.", by=world.nurse, at=at + MINUTE)
    made.refresh_from_db()
    return made


def seek(world, line, at, channel=Channel.PHONE, outcome="no answer"):
    return log_outreach(
        line=line,
        channel=channel,
        outcome=outcome,
        address="555-0102",
        note="The therapy notes.",
        by=world.nurse,
        at=at,
    )


def refuse(world, line, at, **facts):
    story.deny(world, line, at, reason_class=ReasonClass.INFORMATION_NOT_RECEIVED, **facts)


@pytest.mark.django_db
def test_it_is_refused_until_three_attempts_count_and_says_how_many_are_missing(world, line, at):
    already = sought_for(line, at=at + HOUR).counted
    for number in range(already, 3):
        with pytest.raises(OutreachMissing, match=f"{number} so far, {3 - number} missing"):
            refuse(world, line, at + number * HOUR + 2 * HOUR)
        seek(world, line, at + number * HOUR + 2 * HOUR)
    assert sought_for(line, at=at + 6 * HOUR).is_enough
    refuse(world, line, at + 6 * HOUR)
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED


@pytest.mark.django_db
def test_another_reason_and_another_program_ask_for_no_attempts(world, line, at):
    story.deny(world, line, at + HOUR)
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED
    other = asked(world, at, of=world.erisa_member)
    assert sought_for(other, at=at) is None
    refuse(world, other, at + 2 * HOUR)
    other.refresh_from_db()
    assert other.status == LineStatus.DENIED


@pytest.mark.django_db
def test_when_little_time_is_left_one_attempt_and_a_sentence_are_enough(world, line, at):
    late = binding_clock(line.case).due_at - HOUR
    assert sought_for(line, at=late).has_little_time
    why = {Law.INFORMATION_SOUGHT: "The office is closed until the day after the time to answer ends."}
    if not sought_for(line, at=late).counted:
        with pytest.raises(OutreachMissing, match="one logged attempt"):
            refuse(world, line, late, statements=why)
    seek(world, line, late)
    with pytest.raises(OutreachMissing, match="a sentence why"):
        refuse(world, line, late + MINUTE)
    refuse(world, line, late + MINUTE, statements=why)
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED
    assert line.determinations.get().statements[Law.INFORMATION_SOUGHT] == why[Law.INFORMATION_SOUGHT]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"outcome": "maybe"}, "how the attempt ended"),
        ({"address": " "}, "number or address"),
        ({"note": ""}, "asked for"),
    ],
)
def test_an_attempt_names_its_end_its_number_and_what_was_asked(world, line, at, changed, words):
    given = {"outcome": "no answer", "address": "555-0102", "note": "The therapy notes."} | changed
    with pytest.raises(Invalid, match=words):
        log_outreach(line=line, channel=Channel.PHONE, by=world.nurse, at=at + HOUR, **given)


@pytest.mark.django_db
def test_only_reviewers_log_attempts(world, line, at):
    for who in (world.provider, world.engine, world.member_user):
        with pytest.raises(PermissionRefused):
            log_outreach(
                line=line, channel=Channel.PHONE, outcome="sent", address="x", note="The notes.", by=who, at=at + HOUR
            )


@pytest.mark.django_db
def test_the_pages_show_the_count_and_take_an_attempt(client, world, line, at, demo_clock):
    demo_clock.set_demo_clock(at + 2 * HOUR)
    client.force_login(world.nurse)
    page = f"/decisions/{line.public_id}/attempts/"
    before = sought_for(line, at=at + 2 * HOUR)
    assert f"Sought {before.counted} of 3 times" in client.get(page).content.decode()
    typed = {"channel": "fax", "address": "555-0103", "outcome": "sent", "note": "The therapy notes."}
    refused = client.post(page, {**typed, "note": ""})
    assert refused.status_code == 422
    assert "555-0103" in refused.content.decode()
    assert client.post(page, typed).status_code == 302
    client.force_login(world.physician)
    body = client.get(f"/decisions/{line.public_id}/").content.decode()
    assert f"Sought {before.counted + 1} of 3 times" in body
    assert page in body
    client.force_login(world.member_user)
    assert client.get(page).status_code in {403, 404}
