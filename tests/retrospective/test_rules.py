"""The rules of reviews after the service, as tables."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from openum.retrospective.faces import RULES
from openum.retrospective.rules.claims import CPT, HCPCS, MS_DRG, system_of
from openum.retrospective.rules.findings import (
    BILLING,
    Answer,
    FindingIncomplete,
    FindingMissing,
    Issue,
    Question,
    ReasonNotOfFinding,
    RebuttalUnanswered,
    ReplyTooLate,
    check_finding,
    check_reason,
    check_received,
    check_reply,
    pay_by,
    reply_until,
)
from openum.retrospective.rules.leads import MOST_BYTES, LeadsUnreadable, read_leads
from openum.retrospective.rules.outcomes import Outcome, Reviewed, outcome_of, sums
from openum.retrospective.terms import terms
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineOfBusiness, LineStatus, ReasonClass
from tests.retrospective.story import FINE, file, row

PAGE = [{"document": "x", "page": 1}]
NOON = datetime(2026, 11, 5, 17, tzinfo=UTC)
ZONE = "America/New_York"
WHOLE = {
    "issue": Issue.CODING, "answers": FINE, "words": "The note supports a lower level.", "pages": PAGE,
    "has_documents": True, "documented": True,
}  # fmt: skip

INCOMPLETE = {
    "a question is open": {"answers": {Question.TIMELY: Answer.YES}},
    "no words": {"words": "Too short."},
    "no page of the record": {"pages": []},
    "no record at all": {"pages": [], "has_documents": False},
    "nothing that the record supports": {"documented": False},
    "units without a number": {"issue": Issue.UNITS, "documented": False},
    "need without a page": {"issue": Issue.NECESSITY, "pages": []},
}


def test_a_whole_finding_passes():
    check_finding(**WHOLE)
    check_finding(**WHOLE | {"issue": Issue.DUPLICATE, "pages": [], "documented": False, "has_documents": False})


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_finding_that_nobody_could_answer_is_refused(name):
    with pytest.raises(FindingIncomplete):
        check_finding(**WHOLE | INCOMPLETE[name])


def reason(**changes):
    facts = {
        "issue": Issue.CODING, "is_claim": True, "was_sent": True, "has_open_rebuttal": False, "reason": ReasonClass.CODING,
    }  # fmt: skip
    check_reason(**facts | changes)


REFUSED = {
    "coding outside claim review": ({"is_claim": False}, ReasonNotOfFinding),
    "no finding": ({"issue": None}, FindingMissing),
    "not sent": ({"was_sent": False}, FindingMissing),
    "rebuttal waits": ({"has_open_rebuttal": True}, RebuttalUnanswered),
    "nothing found": ({"issue": Issue.NONE}, ReasonNotOfFinding),
    "duplicate without that finding": ({"reason": ReasonClass.DUPLICATE}, ReasonNotOfFinding),
    "coding for a judged finding": ({"issue": Issue.NECESSITY}, ReasonNotOfFinding),
    "duplicate for a judged finding": ({"issue": Issue.NECESSITY, "reason": ReasonClass.DUPLICATE}, ReasonNotOfFinding),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_no_that_the_finding_does_not_carry(name):
    changes, error = REFUSED[name]
    with pytest.raises(error):
        reason(**changes)


@pytest.mark.parametrize("issue", sorted(BILLING))
@pytest.mark.parametrize(
    "necessity",
    [
        ReasonClass.NOT_MEDICALLY_NECESSARY,
        ReasonClass.LEVEL_OR_SITE_OF_CARE,
        ReasonClass.EXPERIMENTAL,
        ReasonClass.OTHER,
    ],
)
def test_a_billing_finding_never_uses_the_letter_about_the_need(issue, necessity):
    with pytest.raises(ReasonNotOfFinding):
        reason(issue=issue, reason=necessity)


def test_reasons_that_fit():
    reason()
    reason(issue=Issue.DUPLICATE, reason=ReasonClass.DUPLICATE)
    reason(issue=Issue.UNBUNDLING, reason=ReasonClass.CODING)
    reason(issue=Issue.NECESSITY, reason=ReasonClass.NOT_MEDICALLY_NECESSARY)
    reason(is_claim=False, issue=None, was_sent=False, reason=ReasonClass.NOT_MEDICALLY_NECESSARY)


def test_times_end_with_the_last_day_in_the_plans_zone():
    assert reply_until(NOON, days=30, zone=ZONE) == datetime(2026, 12, 6, 4, 59, 59, tzinfo=UTC)
    assert pay_by(datetime(2026, 11, 6, 3, tzinfo=UTC), days=30, zone=ZONE) == datetime(
        2026, 12, 6, 4, 59, 59, tzinfo=UTC
    )


def test_an_answer_after_the_last_day_needs_a_reason():
    check_reply(received_at=NOON, reply_by=NOON, late_because="")
    check_reply(received_at=NOON + timedelta(days=1), reply_by=NOON, late_because="The letter came back first.")
    with pytest.raises(ReplyTooLate):
        check_reply(received_at=NOON + timedelta(seconds=1), reply_by=NOON, late_because=" ")


def test_a_receipt_lies_between_service_and_now():
    check_received(NOON, first_day=NOON.date(), zone=ZONE, at=NOON)
    for received in (NOON + timedelta(seconds=1), NOON - timedelta(days=1)):
        with pytest.raises(Invalid):
            check_received(received, first_day=NOON.date(), zone=ZONE, at=NOON)


def test_every_line_of_business_has_its_time_to_pay_but_drugs():
    without = set(LineOfBusiness) - set(terms().prompt_pay)
    # an integrated plan pays as Medicare Advantage does
    assert without == {LineOfBusiness.MEDICARE_PART_D, LineOfBusiness.INTEGRATED_DUAL}
    assert all(term.citation and not term.source_verified for term in terms().prompt_pay.values())


OUTCOMES = [
    (LineStatus.PENDED_WITH_PAYER, False, None, Outcome.OPEN),
    (LineStatus.PENDED_WITH_PAYER, True, None, Outcome.HELD),
    (LineStatus.APPROVED, True, None, Outcome.APPROVED),
    (LineStatus.APPROVED, False, ("99213", Decimal(1)), Outcome.ADJUSTED),
    (LineStatus.PARTIALLY_APPROVED, False, None, Outcome.ADJUSTED),
    (LineStatus.DENIED, False, None, Outcome.DENIED),
    (LineStatus.DISMISSED, False, None, Outcome.DENIED),
    (LineStatus.WITHDRAWN, False, None, Outcome.ENDED),
]


@pytest.mark.parametrize(("status", "held", "certified", "expected"), OUTCOMES)
def test_what_became_of_a_line(status, held, certified, expected):
    billed = ("99215", Decimal(1))
    is_open = status is LineStatus.PENDED_WITH_PAYER
    assert (
        outcome_of(status=status, is_open=is_open, is_held=held, billed=billed, certified=certified or billed)
        is expected
    )


def test_sums_count_what_was_not_paid_as_billed_and_how_many_rebuttals_held():
    rows = [
        Reviewed(outcome=outcome, issue=issue, amount_cents=cents, was_sent=True, rebuttal_held=held)
        for outcome, issue, cents, held in (
            (Outcome.ADJUSTED, "coding", 100, False), (Outcome.DENIED, "duplicate", 200, False),
            (Outcome.APPROVED, "coding", 400, True), (Outcome.OPEN, "coding", 800, False),
        )
    ]  # fmt: skip
    found = sums(rows)
    assert (found.by_issue, found.sent, found.overturned) == ({"coding": 100, "duplicate": 200}, 4, 1)


def test_code_systems_by_shape():
    assert [system_of(code) for code in ("99213", "0042T", "E0601")] == [CPT, CPT, HCPCS]
    assert system_of("871", is_drg=True) == MS_DRG


UNREADABLE = {
    "not text": b"\xff\xfe\x00",
    "too large": b"x" * (MOST_BYTES + 1),
    "a missing column": file(row("A"), heads=("rule", "version")),
    "no claim": file(row("")),
    "a version in words": file(row("A", version="one")),
    "an amount in words": file(row("A", amount="much")),
    "an endless amount": file(row("A", amount="NaN")),
    "a day that is none": file(row("A", day="2026-02-30")),
    "a line below none": file(row("A", claim_line_number="-1")),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read(name):
    with pytest.raises(LeadsUnreadable):
        read_leads(UNREADABLE[name])


def test_a_fault_names_its_row_and_nothing_is_loaded():
    with pytest.raises(LeadsUnreadable, match="Row 3: day is no date.*Nothing was loaded"):
        read_leads(file(row("A"), row("B", day="soon")))


def test_a_row_is_read_as_written():
    (read,) = read_leads(b"\xef\xbb\xbf" + file(row("0007", modifiers="|25|59|", quantity="2.5", person_id="0042")))
    assert (read.claim_id, read.person_id, read.modifiers, read.units) == ("0007", "0042", ("25", "59"), Decimal("2.5"))
    assert (read.amount_cents, read.charge_cents) == (18000, 24000)
    assert read_leads(file()) == []


def test_every_rule_that_finds_leads_has_a_name():
    rules = yaml.safe_load(
        (Path(__file__).resolve().parents[2] / "policies" / "analytics" / "leads.yaml").read_text("utf-8")
    )
    assert {rule["id"] for rule in rules} == set(RULES)
