"""Care after stabilization that the plan does not answer within the hour counts as approved: 42 CFR 422.113(c)(2)(iii)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from openum.cases.queries import current_lines
from openum.clocks.models import Breach, Clock
from openum.clocks.services import sweep
from openum.determination.models import CaseFlag
from openum.determination.protections import DeemedApproved
from openum.determination.services import approve_line, clear_flag, flag_case
from openum.directory.queries import latest_coverage, product_of
from openum.review.services import refer_to_physician
from openum.submission.incoming import IncomingLine
from openum.vocabulary.terms import LineStatus, Urgency
from tests.appeals import story
from tests.world import knee_request, note, send

pytestmark = pytest.mark.django_db
RULE = "ma.decide.poststabilization"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def line(world, at):
    """A line with a physician, flagged as care after stabilization five minutes after its receipt."""
    request = knee_request(
        world, of=world.member, at=at, urgency=Urgency.EXPEDITED, evidence=(note("Visit", "Stable since noon."),)
    )
    made = current_lines(send(world, request, at=at).case)[0]
    flag_case(
        case=made.case, kind=CaseFlag.AFTER_STABILIZATION, words="Stable in the emergency room.", by=world.nurse,
        at=at + 5 * MINUTE,
    )  # fmt: skip
    refer_to_physician(line=made, summary="Asked for after an emergency.", by=world.nurse, at=at + 6 * MINUTE)
    return made


def test_the_hour_runs_from_the_receipt_and_its_end_leaves_only_a_yes(world, line, at):
    hour = Clock.objects.get(request=line.request, rule=RULE)
    assert (hour.due_at, hour.recipient) == (at + 60 * MINUTE, "provider")
    sweep(by=world.engine, at=at + 61 * MINUTE)
    assert Breach.objects.get(rule=RULE).missed == "deemed_approved"
    line.refresh_from_db()
    assert line.status == LineStatus.PENDED_WITH_PHYSICIAN
    with pytest.raises(DeemedApproved, match=r"42 CFR 422\.113\(c\)\(2\)"):
        story.deny(world, line, at + 70 * MINUTE)
    approve_line(
        line=line, by=world.physician, at=at + 71 * MINUTE, rationale="Not answered within the hour.",
        cited_authority="42 CFR 422.113(c)(2)(iii)",
    )  # fmt: skip
    line.refresh_from_db()
    assert line.status == LineStatus.APPROVED


def test_a_flag_that_was_set_by_mistake_takes_its_hour_back(world, line, at):
    sweep(by=world.engine, at=at + 61 * MINUTE)
    clear_flag(
        case=line.case, kind=CaseFlag.AFTER_STABILIZATION, because="It was the visit of last year.", by=world.nurse,
        at=at + 65 * MINUTE,
    )  # fmt: skip
    assert Clock.objects.get(request=line.request, rule=RULE).state == "void"
    story.deny(world, line, at + 70 * MINUTE)
    line.refresh_from_db()
    assert line.status == LineStatus.DENIED


def test_another_flag_starts_no_hour(world, at):
    request = knee_request(world, of=world.member, at=at)
    case = send(world, request, at=at).case
    flag_case(case=case, kind=CaseFlag.EMERGENCY, words="Chest pain at arrival.", by=world.nurse, at=at + MINUTE)
    assert not Clock.objects.filter(case=case, rule=RULE).exists()


def test_a_california_drug_request_not_answered_in_72_hours_is_treated_as_approved(world, at):
    """Cal. Health & Safety Code 1367.241(b)."""
    product = product_of(latest_coverage(member=world.commercial_member, known_at=at), world.plan)
    product.state = "CA"
    product.save()
    drug = IncomingLine(
        sequence=1, code_system="http://hl7.org/fhir/sid/ndc", code="00093-0058-01", units=Decimal(30), unit="UN",
        first_day=date(2026, 12, 17), diagnosis_sequences=(1,), provider_keys=("p2",),
    )  # fmt: skip
    made = current_lines(send(world, knee_request(world, at=at, lines=(drug,)), at=at).case)[0]
    refer_to_physician(line=made, summary="Another drug was not tried.", by=world.nurse, at=at + MINUTE)
    sweep(by=world.engine, at=at + timedelta(hours=72, minutes=1))
    assert Breach.objects.get(rule="ca.decide.drug.standard").missed == "deemed_approved"
    with pytest.raises(DeemedApproved, match=r"1367\.241"):
        story.deny(world, made, at + timedelta(hours=73), cited_authority="the drug list")
    approve_line(
        line=made, by=world.physician, at=at + timedelta(hours=73), rationale="Not answered within 72 hours.",
        cited_authority="Cal. Health & Safety Code 1367.241(b)",
    )  # fmt: skip
    made.refresh_from_db()
    assert made.status == LineStatus.APPROVED
