"""What holds for every clock, whatever the facts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from openum.clocks.rules import BusinessDays, Fact, FactKind, compute
from openum.clocks.rules.counting import local_day
from openum.clocks.rules.facts import EVENT_WORDS
from openum.clocks.rules.reading import SENTENCES, StepKind
from tests.clocks.book import BOOK

ZONES = [
    ZoneInfo(name)
    for name in ("America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "Europe/Berlin", "Asia/Kolkata")
]
INSTANTS = st.integers(0, 363 * 86400).map(
    lambda seconds: datetime(2026, 7, 2, tzinfo=UTC) + timedelta(seconds=seconds)
)
ROWS = st.sampled_from(sorted(BOOK, key=lambda row: (row.id, row.version)))
MOVING = st.sampled_from(
    [
        FactKind.INFO_REQUESTED,
        FactKind.INFO_RECEIVED,
        FactKind.EXTENSION_TAKEN,
        FactKind.DECIDED,
        FactKind.NOTICE_SENT,
        FactKind.ORAL_NOTICE,
        FactKind.UPGRADED,
        FactKind.DOWNGRADED,
        FactKind.WITHDRAWN,
        FactKind.PEER_TO_PEER_OFFERED,
        FactKind.SUPPORTING_STATEMENT_RECEIVED,
    ]
)


@st.composite
def stories(draw):
    """A row, a zone and facts that happened after the receipt, some recorded later than they happened."""
    row, zone, received = draw(ROWS), draw(st.sampled_from(ZONES)), draw(INSTANTS)
    facts = [Fact(kind=FactKind.RECEIVED, at=received)]
    at = received
    for kind in draw(st.lists(MOVING, max_size=7)):
        at += timedelta(minutes=draw(st.integers(0, 60 * 24 * 20)))
        known = at + timedelta(minutes=draw(st.sampled_from([0, 0, 0, 90, 4000])))
        reason = draw(st.sampled_from(["info", "enrollee_asked", "adverse"]))
        facts.append(
            Fact(kind=kind, at=at, known_at=known, reason=reason, days=draw(st.sampled_from([None, 1, 14, 30])))
        )
    return row, zone, facts


def book_on(row, zone, facts):
    return BOOK.in_force(max(local_day(facts[0].at, zone), row.effective_from))


@given(stories())
def test_no_story_breaks_the_engine_and_nothing_is_due_before_it_started(story):
    row, zone, facts = story
    reading = compute(row, facts, zone, book=book_on(row, zone, facts))
    assert reading.steps
    assert reading.explanation
    if reading.due_at is not None:
        assert reading.due_at >= reading.started_at
    if reading.state in {"met", "void"}:
        assert reading.stopped_at is not None


@given(stories())
def test_order_of_recording_does_not_matter(story):
    row, zone, facts = story
    book = book_on(row, zone, facts)
    distinct = {fact.at: fact for fact in facts}.values()
    assert (
        compute(row, list(distinct), zone, book=book).due_at
        == compute(row, list(distinct)[::-1], zone, book=book).due_at
    )


@given(stories(), st.integers(0, 60 * 24 * 200))
def test_replay_of_now_equals_now_and_the_past_never_changes(story, minutes):
    row, zone, facts = story
    book = book_on(row, zone, facts)
    then = facts[0].at + timedelta(minutes=minutes)
    known = [fact for fact in facts if (fact.known_at or fact.at) <= then]
    replayed = compute(row, facts, zone, book=book, as_known_at=then)
    assert replayed == compute(row, known, zone, book=book, as_known_at=then)
    again = compute(
        row,
        [*facts, Fact(kind=FactKind.FILED, at=facts[0].at, known_at=then + timedelta(seconds=1))],
        zone,
        book=book,
        as_known_at=then,
    )
    assert again == replayed


@given(stories(), st.integers(0, 60 * 24 * 200))
def test_the_parts_of_the_split_sum_to_the_time_that_passed(story, minutes):
    row, zone, facts = story
    then = facts[0].at + timedelta(minutes=minutes)
    reading = compute(row, facts, zone, book=book_on(row, zone, facts), as_known_at=then)
    assert min(reading.split.payer, reading.split.provider, reading.split.transit) >= timedelta()
    if reading.started_at is not None and reading.state != "void":
        end = reading.stopped_at or then
        assert reading.split.total == max(end - reading.started_at, timedelta())


@given(INSTANTS, st.integers(0, 14), st.integers(0, 44), st.sampled_from(ZONES))
def test_a_pause_moves_the_due_day_by_exactly_its_length(received, notice_day, answer_day, zone):
    row = BOOK.rule("erisa.decide.preservice", 1)
    notice_at = received + timedelta(days=notice_day)
    answer_at = notice_at + timedelta(days=answer_day)
    opening = [Fact(kind=FactKind.RECEIVED, at=received)]
    extended = compute(
        row, [*opening, Fact(kind=FactKind.EXTENSION_TAKEN, at=notice_at, reason="beyond_control")], zone
    )
    paused = compute(
        row,
        [
            *opening,
            Fact(kind=FactKind.EXTENSION_TAKEN, at=notice_at, reason="info"),
            Fact(kind=FactKind.INFO_RECEIVED, at=answer_at),
        ],
        zone,
    )
    length = local_day(answer_at, zone) - local_day(notice_at, zone)
    assert local_day(paused.due_at, zone) - local_day(extended.due_at, zone) == length


@given(INSTANTS, st.sampled_from(ZONES))
def test_hour_clocks_know_no_daylight_saving(received, zone):
    row = BOOK.rule("ma.decide.expedited", 1)
    due = compute(row, [Fact(kind=FactKind.RECEIVED, at=received)], zone).due_at
    assert due.astimezone(UTC) - received == timedelta(hours=72)


@given(INSTANTS, st.sampled_from(ZONES))
def test_day_clocks_end_in_the_last_second_of_a_local_day(received, zone):
    row = BOOK.rule("ma.decide.standard", 2)
    due = compute(row, [Fact(kind=FactKind.RECEIVED, at=received)], zone).due_at
    assert f"{due:%H:%M:%S}" == "23:59:59"
    assert local_day(due, zone) - local_day(received, zone) == timedelta(days=7)


@given(INSTANTS, st.integers(0, 14), st.integers(0, 12 * 24))
def test_an_extension_never_shortens(received, days, hours):
    for rule_id in ("ma.decide.expedited", "ma.appeal.standard", "medicaid.decide.expedited"):
        row = BOOK.rule(rule_id, 1)
        opening = [Fact(kind=FactKind.RECEIVED, at=received)]
        taken = Fact(kind=FactKind.EXTENSION_TAKEN, at=received + timedelta(hours=hours), days=days)
        plain = compute(row, opening, ZONES[0]).due_at
        assert compute(row, [*opening, taken], ZONES[0]).due_at.astimezone(UTC) >= plain.astimezone(UTC)


@given(INSTANTS, st.integers(1, 30))
def test_business_days_are_counted_one_by_one(received, amount):
    days = BusinessDays()
    start = received.date()
    end = days.add(start, amount)
    between = [start + timedelta(days=offset) for offset in range(1, (end - start).days + 1)]
    assert sum(days.counts(day) for day in between) == amount
    assert days.counts(end)


def test_every_step_has_a_sentence_and_every_event_a_name():
    assert set(SENTENCES) == set(StepKind)
    used = {kind for row in BOOK for kind in (row.starts, *row.stops, *row.voided_by)}
    assert used - set(EVENT_WORDS) == set()
