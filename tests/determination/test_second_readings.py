"""Decisions that two people make: the policy, who may read, and that an agreement covers exactly what was read."""

from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from openum.accounts.queries import superiors_of
from openum.accounts.rules import PermissionRefused
from openum.accounts.services import register_person
from openum.appeals.queries import involved_in
from openum.audit import events_of
from openum.cases.models import ServiceLine
from openum.cases.queries import current_lines
from openum.clocks.queries import binding_clock
from openum.criteria.services import record_finding
from openum.determination.models import Determination, SecondReading
from openum.determination.readings import own_readings
from openum.determination.rules import GuardAnswer, GuardOpen, ReviewerNotQualified
from openum.determination.second_reading import (
    Facts,
    NoReadingAsked,
    NotTheSecondReader,
    ReadingSettled,
    SecondReadingMissing,
    SecondReadingsInvalid,
    TooEarlyToGoOn,
    WordsMissing,
    asked_of,
    check_may_go_on,
    check_may_read,
    read_document,
)
from openum.determination.services import (
    agree_to_reading,
    approve_line,
    ask_second_reading,
    deny_line,
    go_on_unread,
    partially_approve_line,
    publish_second_readings,
    send_reading_back,
    take_reading_back,
)
from openum.vocabulary.terms import FindingValue, LineStatus, Role
from tests.determination.test_decisions import WHY, answers, open_all
from tests.notices.letters_of_a_case.case import line_of
from tests.provider.office import browser_of
from tests.world import knee_request, send

HEAD = "key: second-readings\nversion: '{}'\neffective_from: 2026-01-01\nsource: plan policy\nrows:\n"
NO = """  - key: every-no
    decisions: [denied, partially_approved]
    not_subordinate: true
    holds_hours: 24
    gives_way_hours: 4
    citation: plan policy 7
    because: {en: a no is read by two, es: un no lo leen dos}
"""
YES = """  - key: costly
    decisions: [approved]
    least_units: 1
    citation: plan policy 8
    because: {en: a costly yes is read by two}
"""
POLICY = HEAD.format("1") + NO


def facts(**changes):
    given = {
        "decision": "denied", "reason_class": "experimental", "line_of_business": "medicare_advantage",
        "specialty": "orthopaedics", "service_class": "medical_surgical", "code": "27447", "units": 1.0,
        "amount_cents": 2_000_000,
    }  # fmt: skip
    return Facts(**(given | changes))


@pytest.mark.parametrize(
    ("row", "changes", "named"),
    [
        ("", {}, True),
        ("", {"decision": "approved"}, False),
        ("reason_classes: [experimental]", {}, True),
        ("reason_classes: [experimental]", {"reason_class": "other"}, False),
        ("specialties: [cardiology]", {}, False),
        ("service_classes: [mental_health]", {}, False),
        ("lines_of_business: [medicare_advantage]", {}, True),
        ("codes: ['274*']", {}, True),
        ("codes: ['27448', '28*']", {}, False),
        ("codes: ['99*', '27447']", {}, True),
        ("least_units: 1", {}, True),
        ("least_amount_usd: 20000", {}, True),
        ("least_amount_usd: 20001", {}, False),
        ("least_amount_usd: 1", {"amount_cents": None}, False),
        ("least_units: 2", {}, False),
        ("least_units: 1", {"units": None}, False),
    ],
)
def test_a_row_names_decisions_by_what_it_says(row, changes, named):
    text = (
        HEAD.format("1")
        + "  - {key: a, decisions: [denied], citation: c, because: {en: b}"
        + (f", {row}" if row else "")
        + "}\n"
    )
    assert (asked_of(read_document(text).rows, facts(**changes)) is not None) is named


def test_of_several_rows_the_strictest_counts():
    text = POLICY + "  - {key: b, decisions: [denied], holds_hours: 6, citation: c, because: {en: b}}\n"
    asked = asked_of(read_document(text).rows, facts())
    assert asked.not_subordinate
    assert asked.holds == timedelta(hours=6)
    assert asked.gives_way == timedelta(0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rows: [", "not YAML"),
        ("[]", "needs `rows`"),
        ("rows: []", "needs `key`"),
        ("key: a\nversion: '1'\nsource: s\nrows: []", "effective_from"),
        (HEAD.format("1") + "  - {decisions: [denied]}", "row 1: give it a `key`"),
        (HEAD.format("1") + "  - {key: a}", "name its `decisions`"),
        (HEAD.format("1") + "  - {key: a, decisions: [refused]}", "needs|citation"),
        (
            HEAD.format("1") + "  - {key: a, decisions: [refused], citation: c, because: {en: b}}",
            "`refused` is none of",
        ),
        (HEAD.format("1") + "  - {key: a, decisions: denied, citation: c, because: {en: b}}", "as a list"),
        (HEAD.format("1") + "  - {key: a, decisions: [denied], citation: c}", "say in `because`"),
        (HEAD.format("1") + "  - {key: a, decisions: [denied], hours: 3}", "`hours` is not known"),
        (HEAD.format("1") + NO.replace("24", "0"), "`holds_hours` is a whole number from 1"),
        (POLICY + NO, "Two rows have the same"),
    ],
)
def test_a_document_with_a_fault_is_refused_with_place_and_cure(text, said):
    with pytest.raises(SecondReadingsInvalid, match=said):
        read_document(text)


@pytest.fixture
def line(world, at):
    """A knee replacement whose plan lets two people say no."""
    line = line_of(world, at)
    publish(world, at)
    return line


def publish(world, at, text=POLICY):
    return publish_second_readings(text=text, plan=world.plan, by=world.engine, at=at)


def second(world, name="second", **person):
    return register_person(
        email=f"{name}@test.invalid", name=f"Dr {name}", password=None,
        roles=[(Role.MEDICAL_DIRECTOR, world.plan, None)], specialties=("internal medicine",),
        licences=(("physician", "EX", f"MD-{name}", date(2015, 1, 1)),), **person,
    )  # fmt: skip


def no(world, line, at, **changes):
    """Return the verb that denies, and make what must come before it true."""
    open_all(line, world.physician, at)
    given = {"rationale": WHY, "node_answers": answers(line)} | changes
    return lambda: deny_line(line=line, by=world.physician, at=at, **given)


def ask(world, line, at, **changes):
    return ask_second_reading(line=line, attempt=no(world, line, at, **changes), by=world.physician, at=at)


@pytest.mark.parametrize(
    ("reader", "superiors", "not_subordinate", "refused"),
    [
        ("b", set(), True, False),
        ("a", set(), False, True),
        ("b", {"a"}, True, True),
        ("b", {"a"}, False, False),
        ("b", {"c"}, True, False),
    ],
)
def test_nobody_reads_for_themselves_or_for_who_is_above_them(reader, superiors, not_subordinate, refused):
    with pytest.raises(NotTheSecondReader) if refused else nullcontext():
        check_may_read(reader=reader, asker="a", superiors=superiors, not_subordinate=not_subordinate)


@pytest.mark.parametrize(
    ("gives_way", "due_in", "said"),
    [
        (0, 1, "lets nobody"),
        (4, None, "last 4 hours"),
        (4, 5, "last 4 hours"),
        (4, 4, None),
        (4, -1, None),
    ],
)
def test_a_reading_gives_way_only_in_the_last_hours(gives_way, due_in, said, at):
    due_at = None if due_in is None else at + timedelta(hours=due_in)
    with pytest.raises(TooEarlyToGoOn, match=said) if said else nullcontext():
        check_may_go_on(gives_way=timedelta(hours=gives_way), due_at=due_at, at=at)


@pytest.mark.django_db
def test_a_no_waits_until_a_second_clinician_agreed_to_this_very_content(world, line, at):
    deny = no(world, line, at)
    due = binding_clock(line.case).due_at
    with pytest.raises(SecondReadingMissing, match="Ask for the second reading"):
        deny()
    assert Determination.objects.count() == 0
    reading = ask(world, line, at)
    assert Determination.objects.count() == 0
    assert ask(world, line, at).pk == reading.pk
    with pytest.raises(SecondReadingMissing, match="not read this yet"):
        deny()
    reader = second(world)
    agree_to_reading(reading=reading, by=reader, at=at, words="Agreed: seven weeks.")
    with pytest.raises(SecondReadingMissing, match="not what the second clinician was given"):
        no(world, line, at, rationale=WHY + " And more.")()
    decision = deny()
    reading.refresh_from_db()
    assert reading.determination == decision
    assert (reading.state, reading.answered_by, reading.licence) == ("agreed", reader, "physician EX")
    assert reading.policy.body == POLICY
    assert reader in involved_in(line)
    told = [event.type for event in events_of(line.case.public_id)]
    assert told.index("SecondReadingAsked") < told.index("SecondReadingAnswered") < told.index("LineDecided")
    assert binding_clock(line.case) is None or binding_clock(line.case).due_at == due


@pytest.mark.django_db
def test_what_a_decision_lacks_is_said_before_anybody_reads(world, line, at):
    with pytest.raises(GuardOpen):
        ask_second_reading(
            line=line, by=world.physician, at=at,
            attempt=lambda: deny_line(line=line, by=world.physician, at=at, rationale=WHY, node_answers={}),
        )  # fmt: skip
    assert not SecondReading.objects.exists()


@pytest.mark.django_db
def test_an_agreement_runs_out_and_changed_evidence_ends_it(world, line, at):
    agree_to_reading(reading=ask(world, line, at), by=second(world), at=at)
    later = at + timedelta(hours=24)
    with pytest.raises(SecondReadingMissing, match="has run out"):
        no(world, line, later)()
    reading = ask(world, line, later)
    leaf = next(iter(answers(line)))
    record_finding(line=line, leaf=leaf, value=FindingValue.NOT_MET, note="Read again.", by=world.nurse, at=later)
    with pytest.raises(ReadingSettled, match="evidence changed"):
        agree_to_reading(reading=reading, by=second(world, "third"), at=later)
    with pytest.raises(SecondReadingMissing, match="evidence under it"):
        no(world, line, later)()


@pytest.mark.django_db
def test_sent_back_with_words_and_written_anew(world, line, at):
    reading, reader = ask(world, line, at), second(world)
    with pytest.raises(WordsMissing):
        send_reading_back(reading=reading, words=" ", by=reader, at=at)
    send_reading_back(reading=reading, words="Name the weeks.", by=reader, at=at)
    with pytest.raises(SecondReadingMissing, match="sent this back"):
        no(world, line, at)()
    with pytest.raises(ReadingSettled):
        agree_to_reading(reading=reading, by=reader, at=at)
    anew = ask(world, line, at, rationale=WHY + " Seven weeks are shown.")
    assert anew.pk != reading.pk
    replaced = ask(world, line, at, rationale=WHY + " Seven weeks only.")
    anew.refresh_from_db()
    assert anew.state == "taken_back"
    assert replaced.state == "asked"


@pytest.mark.django_db
def test_who_may_read(world, line, at):
    reading = ask(world, line, at)
    with pytest.raises(NotTheSecondReader, match="Another clinician"):
        agree_to_reading(reading=reading, by=world.physician, at=at)
    under = second(world, "under")
    under.manager = second(world, "between")
    under.manager.manager = world.physician
    under.manager.save()
    under.save()
    assert str(world.physician.public_id) in superiors_of(under)
    with pytest.raises(NotTheSecondReader, match="report to"):
        agree_to_reading(reading=reading, by=under, at=at)
    with pytest.raises(ReviewerNotQualified):
        agree_to_reading(reading=reading, by=world.nurse, at=at)
    with pytest.raises(ReviewerNotQualified):
        agree_to_reading(reading=reading, by=world.engine, at=at)
    with pytest.raises(NotTheSecondReader):
        take_reading_back(reading=reading, by=second(world), at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondReading.objects.filter(pk=reading.pk).update(
            state="agreed", answered_by=world.physician, answered_at=at, licence="physician EX", holds_until=at
        )
    take_reading_back(reading=reading, by=world.physician, at=at)
    reading.refresh_from_db()
    assert reading.state == "taken_back"


@pytest.mark.django_db
def test_a_colleagues_decision_is_read_before_another_is_given(world, line, at):
    ask(world, line, at)
    other = second(world)
    open_all(line, other, at)
    with pytest.raises(ReadingSettled, match="colleague's decision"):
        ask_second_reading(
            line=line, by=other, at=at,
            attempt=lambda: deny_line(line=line, by=other, at=at, rationale=WHY, node_answers=answers(line)),
        )  # fmt: skip


@pytest.mark.django_db
def test_a_reading_gives_way_only_in_the_last_hours_and_with_a_reason(world, at):
    line = line_of(world, at, of=world.member)
    publish(world, at)
    talk = {"conversation": GuardAnswer.NOT_APPLICABLE, "conversation_reason": "The clinician has left the practice."}
    reading = ask(world, line, at, **talk)
    with pytest.raises(TooEarlyToGoOn, match="last 4 hours"):
        go_on_unread(reading=reading, words="Nobody is here.", by=world.physician, at=at)
    late = binding_clock(line.case).due_at - timedelta(hours=3)
    with pytest.raises(WordsMissing):
        go_on_unread(reading=reading, words="", by=world.physician, at=late)
    with pytest.raises(NotTheSecondReader):
        go_on_unread(reading=reading, words="Nobody is here.", by=second(world), at=late)
    go_on_unread(reading=reading, words="Two colleagues were called at 20:00.", by=world.physician, at=late)
    assert no(world, line, late, **talk)().is_adverse
    reading.refresh_from_db()
    assert reading.determination_id


@pytest.mark.django_db
def test_without_a_row_that_names_it_nobody_waits(world, at):
    line = line_of(world, at)
    with pytest.raises(NoReadingAsked):
        ask(world, line, at)
    assert ServiceLine.objects.get(pk=line.pk).status != LineStatus.DENIED
    publish(world, at, POLICY.replace("decisions: [denied, partially_approved]", "decisions: [approved]"))
    assert no(world, line, at)().is_adverse


@pytest.mark.django_db
def test_software_passes_to_a_person_what_two_people_approve(world, at):
    publish(world, at, HEAD.format("1") + YES)
    request = knee_request(world, at=at)
    line = current_lines(send(world, request, at=at).case)[0]
    assert line.status != LineStatus.APPROVED
    with pytest.raises(SecondReadingMissing):
        approve_line(line=line, by=world.physician, at=at, rationale="Fit for it.")


@pytest.mark.django_db
def test_less_than_asked_is_read_too(world, line, at):
    line.requested_units = 4
    line.save()
    open_all(line, world.physician, at)
    with pytest.raises(SecondReadingMissing):
        partially_approve_line(
            line=line, units=Decimal(2), by=world.physician, at=at, rationale=WHY, node_answers=answers(line)
        )


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_clock")
def test_on_the_pages_a_decision_is_given_read_and_signed(world, line, at, client):
    open_all(line, world.physician, at)
    client.force_login(world.physician)
    page = f"/decisions/{line.public_id}/"
    assert "a no is read by two" in client.get(page).content.decode()
    typed = {"rationale": WHY, "reason_class": "not_medically_necessary"}
    typed |= {f"answer-{key}": words for key, words in answers(line).items()}
    refused = client.post(f"{page}deny/", typed)
    assert refused.status_code == 409
    assert "Ask for the second reading" in refused.content.decode()
    given = client.post(f"{page}deny/", typed | {"ask_reading": "1"})
    assert given.status_code == 302
    reading = SecondReading.objects.get()
    assert given["Location"] == f"/readings/{reading.public_id}/"
    own = client.get(given["Location"]).content.decode()
    assert "Take it back" in own
    assert "I agree" not in own
    assert client.post(given["Location"], {"do": "unread", "words": "x"}).status_code == 409
    reader = second(world)
    (duty,) = own_readings(reader, at)
    assert "1 decision waits" in duty.due
    client.force_login(reader)
    listed = client.get("/readings/").content.decode()
    assert given["Location"] in listed
    shown = client.get(given["Location"]).content.decode()
    assert WHY in shown
    assert "I agree" in shown
    assert client.post(given["Location"], {"do": "send_back", "words": ""}).status_code == 422
    assert client.post(given["Location"], {"do": "agree", "words": ""}).status_code == 302
    assert client.post(given["Location"], {"do": "agree"}).status_code == 409
    client.force_login(world.physician)
    assert client.post(f"{page}deny/", typed)["Location"].endswith("/decided/")
    client.force_login(world.provider)
    assert client.get("/readings/").status_code == 403


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_clock")
def test_a_nurse_whose_approval_two_people_make_is_led_to_ask(world, at, client):
    publish(world, at, HEAD.format("1") + YES)
    line = line_of(world, at)
    for leaf in answers(line):
        record_finding(line=line, leaf=leaf, value=FindingValue.MET, note="Seen.", by=world.nurse, at=at)
    client.force_login(world.nurse)
    refused = client.post(f"/decisions/{line.public_id}/approve/", {"rationale": "All is met."})
    assert refused.status_code == 409
    assert "Nothing is approved yet" in refused.content.decode()
    given = client.post(f"/decisions/{line.public_id}/approve/", {"rationale": "All is met.", "ask_reading": "1"})
    reading = SecondReading.objects.get()
    assert given["Location"] == f"/readings/{reading.public_id}/"
    agree_to_reading(reading=reading, by=world.physician, at=at)
    client.post(f"/decisions/{line.public_id}/approve/", {"rationale": "All is met."})
    line.refresh_from_db()
    assert line.status == LineStatus.APPROVED


@pytest.mark.django_db
def test_other_rows_are_tried_on_the_last_year_and_published_as_they_were_tried(world, line, at):
    """`line` has the policy of every no in force; nothing of it was decided twice."""
    reader, agreed = second(world), at + timedelta(minutes=1)
    agree_to_reading(reading=ask(world, line, at), words="", by=reader, at=agreed)
    deny_line(line=line, by=world.physician, at=agreed, rationale=WHY, node_answers=answers(line))
    desk = browser_of(world.physician)
    assert "every-no" in desk.get("/readings/rules/").content.decode()
    text = HEAD.format("2026.9") + YES
    told = {"text": text, "plan": world.plan.key}
    assert desk.post("/readings/rules/", {**told, "do": "publish"}).status_code == 409
    assert desk.post("/readings/rules/", {**told, "text": "rows: 1", "do": "try"}).status_code == 422
    page = desk.post("/readings/rules/", {**told, "do": "try"})
    trial = page.context["trial"]
    assert (trial.looked_at, trial.wanted, trial.wanted_now, trial.by_row) == (1, 0, 1, (("costly", 0),))
    assert [(each.case_number, each.wanted, each.rows) for each in trial.changes] == [
        (line.case.number, False, ("every-no",))
    ]
    given = {**told, "do": "publish", "token": page.context["token"]}
    assert desk.post("/readings/rules/", {**given, "text": text + "# other\n"}).status_code == 409
    assert desk.post("/readings/rules/", given).status_code == 302
    assert "costly" in desk.get("/readings/rules/").content.decode()
    with pytest.raises(PermissionRefused):
        publish_second_readings(text=text, plan=world.plan, by=world.nurse, at=at)
