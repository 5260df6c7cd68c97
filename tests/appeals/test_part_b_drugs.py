"""A drug under Medicare Part B has times of its own on appeal: 7 days, 72 hours fast, no extension (42 CFR 422.590(c))."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from openum.appeals.models import Appeal
from openum.appeals.rules.law import Body
from openum.appeals.rules.states import Outcome
from openum.appeals.services import decide_appeal, enter_review_organization, extend_appeal, record_outside_decision
from openum.clocks.models import Clock
from openum.clocks.services import ExtensionNotAllowed
from openum.submission.incoming import IncomingLine
from tests.appeals import story
from tests.appeals.story import DAY, clock, work

pytestmark = pytest.mark.django_db
RULE = "Benefit policy manual, chapter 15, section 50"
DRUG = IncomingLine(
    sequence=1, code_system="http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", code="J1745",
    units=Decimal(1), unit="UN", first_day=date(2026, 12, 17), diagnosis_sequences=(1,), provider_keys=("p2", "p3"),
)  # fmt: skip


@pytest.fixture
def drug(world, at):
    return story.denied(world, at, of=world.member, lines=(DRUG,), authority=RULE)


def test_a_standard_appeal_of_a_drug_is_due_on_day_seven_and_is_not_extended(world, at, drug, desk):
    appeal = story.file(world, drug, at + DAY)
    decide = clock(appeal, "ma.appeal.part_b_drug.standard")
    assert decide.due_at == datetime(2026, 11, 25, 4, 59, 59, tzinfo=UTC)
    assert decide.citation.startswith("42 CFR 422.590(c)")
    assert not Clock.objects.filter(request=appeal.request, rule="ma.appeal.standard").exists()
    assert clock(appeal, "plan.acknowledge.appeal").state == "met"
    with pytest.raises(ExtensionNotAllowed):
        extend_appeal(appeal=appeal, reason="enrollee_asked", because="x", by=desk, at=at + 2 * DAY)


def test_a_fast_appeal_of_a_drug_is_due_in_72_hours(world, at, drug):
    appeal = story.file(world, drug, at + DAY, wants_speed=True, clinician_supports=True)
    assert clock(appeal, "ma.appeal.part_b_drug.expedited").due_at == at + 4 * DAY


def test_a_reversal_for_a_drug_is_carried_out_within_the_seven_days(world, at, drug, desk, reviewer):
    appeal = story.assigned(world, drug, at + DAY, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.yes(), by=reviewer, at=at + 2 * DAY)
    owed = clock(appeal, "ma.effectuate.part_b_drug")
    assert owed.due_at == clock(appeal, "ma.appeal.part_b_drug.standard").due_at
    assert owed.citation.startswith("42 CFR 422.618(a)(3)")


@pytest.mark.parametrize("is_fast", [False, True])
def test_what_is_upheld_goes_on_and_the_entitys_order_has_its_hours(
    world, at, drug, desk, reviewer, settings, tmp_path, is_fast
):
    settings.OPENUM_DATA = tmp_path
    enter_review_organization(plan=world.plan, body=Body.REVIEW_ENTITY, name="Maple Entity", by=desk, at=at)
    appeal = story.assigned(world, drug, at + DAY, reviewer, desk, wants_speed=is_fast, clinician_supports=is_fast)
    decide_appeal(appeal=appeal, verdict=story.no(drug, cited_authority=RULE), by=reviewer, at=at + 2 * DAY)
    work(at + 2 * DAY)
    forward = clock(appeal, "ma.forward.expedited_affirmed" if is_fast else "ma.forward.part_b_drug_affirmed")
    assert forward.state == "met"
    outside = Appeal.objects.get(follows=appeal)
    entity = clock(outside, "ire.decision.expedited" if is_fast else "ire.decision.part_b_drug")
    assert (entity.due_at - (at + 2 * DAY)).days == (3 if is_fast else 7)
    record_outside_decision(
        appeal=outside, outcome=Outcome.OVERTURNED, rationale="It is covered.", reference="M-1", cause_kind="step",
        cause_words="The record was not asked for.", by=desk, at=at + 6 * DAY, received_at=at + 5 * DAY,
    )  # fmt: skip
    rule = "ma.effectuate.ire.part_b_drug.expedited" if is_fast else "ma.effectuate.ire.part_b_drug"
    owed = clock(outside, rule)
    assert (owed.started_at, owed.due_at) == (at + 5 * DAY, at + (6 if is_fast else 8) * DAY)
    assert not Clock.objects.filter(request=outside.request, rule="ma.effectuate.ire").exists()


def test_another_service_keeps_the_thirty_days(world, at):
    line = story.denied(world, at, of=world.member)
    appeal = story.file(world, line, at + DAY)
    assert clock(appeal, "ma.appeal.standard").due_at == datetime(2026, 12, 18, 4, 59, 59, tzinfo=UTC)
