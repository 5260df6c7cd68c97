"""Who gets a line: skill, licence, language and capacity, with the reason; absence and deadlines hand it on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.clocks.models import Clock
from openum.review.services import start_review
from openum.vocabulary.terms import Urgency
from openum.work.models import Assignment, Placement
from openum.work.rules.assigning import Candidate, Choice, LicenceSpan, Need, NoOne, assign_all, choose, valid_on
from openum.work.rules.hours import HoursInvalid, check_hours, is_open, points_on
from openum.work.services import give_out, hand_on, record_absence, set_capacity
from openum.work.services.absences import AbsenceInvalid
from tests.world import knee_request, send

RN = frozenset({("registered nurse", "EX")})
ANN = Candidate(
    user=1, name="Ann", queues=frozenset({"ortho"}), licences=RN, skills=frozenset({"orthopaedics"}), capacity=18
)
BEA = Candidate(
    user=2, name="Bea", queues=frozenset({"general"}), licences=RN, languages=frozenset({"en", "es"}), capacity=30
)
NEED = Need(
    line=1, case=1, points=5, queue="ortho", backup="general", licence_kind="registered nurse", state="EX",
    specialty="orthopaedics",
)  # fmt: skip


def but(person, **changes):
    """A person who differs in something."""
    return Candidate(**{name: getattr(person, name) for name in Candidate.__slots__} | changes)


def wants(**changes):
    """A need that differs in something."""
    return Need(**{name: getattr(NEED, name) for name in Need.__slots__} | changes)


@pytest.mark.parametrize(
    ("need", "people", "user", "because"),
    [
        (NEED, [ANN, BEA], 1, "orthopaedics, registered nurse licence EX, load 5/18"),
        (NEED, [but(ANN, load=6), BEA], 1, "orthopaedics, registered nurse licence EX, load 11/18"),
        (NEED, [but(ANN, load=14), BEA], 2, "registered nurse licence EX, load 5/30, backup of ortho, which is full"),
        (NEED, [but(ANN, licences=frozenset()), BEA], 2, "registered nurse licence EX, load 5/30, backup of ortho, which is full"),
        (NEED, [but(ANN, user=7, load=9), ANN], 1, "orthopaedics, registered nurse licence EX, load 5/18"),
        (NEED, [but(ANN, user=7, load=9, cases=frozenset({1})), ANN], 7,
         "has the case already, orthopaedics, registered nurse licence EX, load 14/18"),
        (wants(queue="general", backup="", language="es"), [but(BEA, user=9, languages=frozenset({"en"})), BEA], 2,
         "registered nurse licence EX, speaks Spanish, load 5/30"),
        (wants(is_pressing=True, backup=""), [but(ANN, load=18)], 1,
         "orthopaedics, registered nurse licence EX, load 23/18, above capacity, because the deadline is near"),
        (wants(state=""), [but(ANN, licences=frozenset({("registered nurse", "TX")}))], 1,
         "orthopaedics, registered nurse licence, load 5/18"),
    ],
)  # fmt: skip
def test_the_person_it_suits_best_gets_it_and_the_reason_is_said(need, people, user, because):
    assert choose(need, people) == Choice(user, because)


@pytest.mark.parametrize(
    ("need", "people", "because"),
    [
        (NEED, [], "Nobody works in this queue now."),
        (NEED, [but(ANN, queues=frozenset())], "Nobody works in this queue now."),
        (NEED, [but(ANN, load=18)], "Everybody who could take it is at capacity today."),
        (wants(is_pressing=True), [but(ANN, capacity=0)], "Everybody who could take it is at capacity today."),
        (NEED, [but(ANN, licences=frozenset())], "Nobody who works in this queue now has a registered nurse licence in EX."),
        (wants(skills=frozenset({"oncology"})), [ANN, BEA],
         "Nobody who works in this queue now has a registered nurse licence in EX and the skill oncology."),
    ],
)  # fmt: skip
def test_when_nobody_can_take_it_the_reason_is_said(need, people, because):
    assert choose(need, people) == NoOne(because)


PEOPLE = st.lists(
    st.builds(
        Candidate, user=st.integers(1, 9), name=st.just("X"), queues=st.frozensets(st.sampled_from(["ortho", "general"])),
        licences=st.sampled_from([RN, frozenset()]), capacity=st.integers(0, 40), load=st.integers(0, 40),
    ),
    max_size=5, unique_by=lambda person: person.user,
)  # fmt: skip
NEEDS = st.lists(
    st.builds(
        Need, line=st.integers(1, 99), case=st.integers(1, 9), points=st.integers(1, 20), queue=st.just("ortho"),
        backup=st.sampled_from(["", "general"]), licence_kind=st.just("registered nurse"), state=st.just("EX"),
    ),
    max_size=8,
)  # fmt: skip


@given(NEEDS, PEOPLE)
def test_nobody_gets_what_their_licence_queue_or_day_does_not_carry(needs, people):
    loads = {person.user: person.load for person in people}
    known = {person.user: person for person in people}
    for need, choice in assign_all(needs, people):
        if isinstance(choice, Choice):
            person = known[choice.user]
            loads[choice.user] += need.points
            assert person.licences == RN
            assert person.queues & {need.queue, need.backup}
            assert loads[choice.user] <= person.capacity


@pytest.mark.parametrize(
    ("day", "left"),
    [(date(2026, 12, 1), 60), (date(2026, 12, 2), 0), (date(2026, 12, 3), 0), (date(2026, 12, 4), 30), (date(2026, 12, 5), 60)],
)  # fmt: skip
def test_absences_leave_a_share_of_the_day_and_end_on_the_day_back(day, left):
    absences = [(date(2026, 12, 2), date(2026, 12, 4), 0), (date(2026, 12, 4), date(2026, 12, 5), 50)]
    assert points_on(day, usual=60, absences=absences) == left


def test_a_queue_is_open_in_its_own_zone(at):
    hours = {"mon": ["08:00", "12:00"]}
    assert is_open({}, zone="America/New_York", at=at)
    assert not is_open(hours, zone="America/New_York", at=at)
    assert is_open(hours, zone="America/New_York", at=at - timedelta(minutes=1))
    assert not is_open(hours, zone="America/New_York", at=at + timedelta(days=1))
    for fault in ({"someday": ["08:00", "09:00"]}, {"mon": ["8", "x"]}, {"mon": ["09:00", "08:00"]}):
        with pytest.raises(HoursInvalid):
            check_hours(fault)


def test_a_licence_counts_only_on_its_days():
    spans = [LicenceSpan("physician", "EX", date(2026, 1, 1), date(2026, 6, 1))]
    assert valid_on(spans, date(2026, 5, 31)) == {("physician", "EX")}
    assert valid_on(spans, date(2026, 6, 1)) == frozenset()


@pytest.fixture
def waiting(desk, at):
    """The placement of a knee request that waits."""
    case = send(desk.world, knee_request(desk.world, at=at), at=at).case
    line = case.lines.get()
    assert line.status in {"pended_with_payer", "pended_with_provider"}
    type(line).objects.filter(pk=line.pk).update(status="pended_with_payer")
    return Placement.objects.get(line=line)


def test_a_round_gives_out_what_waits_with_the_reason(waiting, desk, at):
    assert give_out(plan=desk.world.plan, by=desk.world.engine, at=at) == 1
    given = Assignment.objects.get()
    assert (given.user, given.how) == (desk.ortho_nurse, "by_skill")
    assert given.because == "orthopaedics, registered nurse licence EX, load 15/60"
    assert give_out(plan=desk.world.plan, by=desk.world.engine, at=at) == 0


def test_overload_goes_to_the_backup(waiting, desk, at):
    set_capacity(user=desk.ortho_nurse, points_a_day=10, languages=(), by=desk.director, at=at)
    give_out(plan=desk.world.plan, by=desk.world.engine, at=at)
    assert Assignment.objects.get().because.endswith("backup of ortho-rn, which is full")


def test_who_is_away_hands_on_and_nobody_else_does(waiting, desk, at):
    give_out(plan=desk.world.plan, by=desk.world.engine, at=at)
    assert hand_on(plan=desk.world.plan, by=desk.world.engine, at=at) == 0
    days = {"kind": "away", "percent_left": 0, "by": desk.director, "at": at}
    record_absence(user=desk.ortho_nurse, first_day=at.date(), back_on=at.date() + timedelta(days=2), **days)
    assert hand_on(plan=desk.world.plan, by=desk.world.engine, at=at) == 1
    standing = Assignment.objects.get(ended_at__isnull=True)
    assert standing.how == "absence"
    assert standing.user in {desk.world.nurse, desk.spanish_nurse}
    assert standing.because.endswith("Ortho is away")
    for user in (desk.world.nurse, desk.spanish_nurse):
        record_absence(user=user, first_day=at.date(), back_on=at.date() + timedelta(days=2), **days)
    assert hand_on(plan=desk.world.plan, by=desk.world.engine, at=at) == 1
    assert Placement.objects.get().holder is None
    assert give_out(plan=desk.world.plan, by=desk.world.engine, at=at) == 0


def test_a_pressing_line_leaves_an_over_full_day_unless_its_review_is_open(waiting, desk, at):
    give_out(plan=desk.world.plan, by=desk.world.engine, at=at)
    set_capacity(user=desk.ortho_nurse, points_a_day=10, languages=(), by=desk.director, at=at)
    assert hand_on(plan=desk.world.plan, by=desk.world.engine, at=at) == 0
    clocks = Clock.objects.filter(case=waiting.line.case, binds=True, stopped_at__isnull=True, started_at__isnull=False)
    clocks.update(state="running", due_at=at + timedelta(hours=3))
    review = start_review(line=waiting.line, level="nurse", by=desk.ortho_nurse, at=at)
    assert hand_on(plan=desk.world.plan, by=desk.world.engine, at=at) == 0
    review.delete()
    assert hand_on(plan=desk.world.plan, by=desk.world.engine, at=at) == 1
    standing = Assignment.objects.get(ended_at__isnull=True)
    assert standing.how == "deadline"
    assert standing.because.endswith("the deadline is near and Ortho's day is full")


def test_who_begins_a_review_has_the_line(waiting, desk, at):
    start_review(line=waiting.line, level="nurse", by=desk.world.nurse, at=at)
    assert Placement.objects.get().holder == desk.world.nurse
    assert Assignment.objects.get().how == "taken"


def test_days_that_make_no_sense_are_refused(desk, at):
    days = {"user": desk.world.nurse, "by": desk.world.nurse, "at": at, "kind": "away", "percent_left": 0}
    for first, back, percent, kind in (
        (date(2026, 12, 2), date(2026, 12, 2), 0, "away"), (date(2026, 12, 2), date(2026, 12, 3), 91, "away"),
        (date(2026, 12, 2), date(2026, 12, 3), 0, "illness"),
    ):  # fmt: skip
        with pytest.raises(AbsenceInvalid):
            record_absence(**{**days, "first_day": first, "back_on": back, "percent_left": percent, "kind": kind})
    with pytest.raises(AbsenceInvalid):
        set_capacity(user=desk.world.nurse, points_a_day=9999, languages=(), by=desk.director, at=at)


def test_urgency_weighs_and_no_decision_is_among_the_facts():
    from openum.work.rules.facts import Facts

    assert not {"status", "outcome", "decision", "denials", "decided_by", "holder"} & set(Facts.__slots__)
    assert Facts().urgency == Urgency.STANDARD
