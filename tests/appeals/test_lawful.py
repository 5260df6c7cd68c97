"""What no first no may rest on, no upheld one does either; and what is closed by a rule of the benefit can be appealed."""

from decimal import Decimal

import pytest

from openum.accounts.services import register_person
from openum.appeals.rules.states import AppealState
from openum.appeals.services import decide_appeal
from openum.cases.queries import current_lines
from openum.determination.models import CaseFlag
from openum.determination.protections import CourtOrderStands, Protected
from openum.determination.reasons import NotAdministrative
from openum.determination.rules import AlreadyDecided, ConflictOfInterest, GuardOpen
from openum.determination.services import clear_flag, close_administratively, flag_case, partially_approve_line
from openum.vocabulary.terms import LineStatus, ReasonClass, Role
from tests.appeals import story
from tests.appeals.story import DAY, letters, work
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def compliance(world):
    return register_person(
        email="compliance@test.invalid", name="Cora", password=None, roles=[(Role.DIRECTOR, world.plan, None)]
    )


def test_what_became_known_after_the_no_stands_against_upholding_it(world, line, at, desk, reviewer, compliance):
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    later = at + 2 * DAY
    facts = {"case": line.case, "by": world.nurse, "at": later}
    flag_case(kind=CaseFlag.COURT_ORDER, words="Order of the family court.", **facts)
    with pytest.raises(CourtOrderStands, match="Compliance reads it"):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=later)
    clear_flag(case=line.case, kind=CaseFlag.COURT_ORDER, because="Another care.", by=compliance, at=later)
    flag_case(kind=CaseFlag.BIRTH, words="A girl.", starts_at=at, **facts)
    with pytest.raises(Protected, match="approve at least 2 days"):
        decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=later)
    clear_flag(case=line.case, kind=CaseFlag.BIRTH, because="Another person.", by=world.nurse, at=later)
    flag_case(kind=CaseFlag.EMERGENCY, words="Chest pain for an hour.", **facts)
    silent = story.no(line, node_answers=story.answers(line))
    with pytest.raises(GuardOpen, match="prudent layperson"):
        decide_appeal(appeal=appeal, verdict=silent, by=reviewer, at=later)
    assert decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=later).outcome == "upheld"


@pytest.mark.parametrize("verdict", ["upheld", "overturned"])
def test_a_closing_by_an_exclusion_is_lawful_or_refused_and_can_be_appealed(world, at, desk, reviewer, verdict):
    """42 CFR 422.566(b)(3): a refusal by a rule of the benefit is a decision with its appeal."""
    line = current_lines(send(world, knee_request(world, at=at), at=at).case)[0]
    closing = {"line": line, "explanation": "The plan papers exclude it.", "by": world.intake, "at": at}
    flag_case(case=line.case, kind=CaseFlag.EMERGENCY, words="Chest pain.", by=world.nurse, at=at)
    with pytest.raises(Protected, match="no authorization and no network"):
        close_administratively(reason_class=ReasonClass.EXCLUSION, **closing)
    clear_flag(case=line.case, kind=CaseFlag.EMERGENCY, because="Planned care.", by=world.nurse, at=at)
    with pytest.raises(NotAdministrative, match="active coverage"):
        close_administratively(reason_class=ReasonClass.NOT_A_MEMBER, **closing)
    practice = [(Role.INTAKE, world.plan, None), (Role.PROVIDER_STAFF, None, world.practice)]
    clerk = register_person(email="clerk@test.invalid", name="Clerk", password=None, roles=practice)
    with pytest.raises(ConflictOfInterest, match="Works for the practice"):
        close_administratively(reason_class=ReasonClass.EXCLUSION, **closing | {"by": clerk})
    close_administratively(reason_class=ReasonClass.EXCLUSION, **closing)
    line.refresh_from_db()
    assert line.status == LineStatus.DISMISSED
    with pytest.raises(AlreadyDecided, match="Reopen it"):
        partially_approve_line(
            line=line, units=Decimal("0.5"), by=world.orthopaedist, at=at, rationale="Half of it is enough now."
        )
    work(at)
    appeal = story.assigned(world, line, at + DAY, reviewer, desk)
    assert appeal.last_day_to_file is not None
    assert not appeal.is_late
    decided = decide_appeal(
        appeal=appeal, verdict=story.no(line) if verdict == "upheld" else story.yes(), by=reviewer, at=at + 2 * DAY
    )
    work(at + 2 * DAY)
    line.refresh_from_db()
    appeal.refresh_from_db()
    if decided.outcome == "upheld":
        assert (line.status, appeal.state) == (LineStatus.DISMISSED, AppealState.CLOSED)
        assert [each.state for each in letters(line, "appeal-upheld")] == ["sent"]
    else:
        assert line.status == LineStatus.APPROVED
        assert [each.state for each in letters(line, "appeal-overturned")] == ["sent"]
