"""Which guideline holds for a service, and whose finding counts. No database, no clock, no web."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from openum.criteria.codes import short_system
from openum.criteria.guideline import Authority, Guideline, Scope
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.terms import FindingValue, LineOfBusiness

EPSDT_AGE = 21
_MEDICARE = frozenset({LineOfBusiness.MEDICARE_ADVANTAGE})
_MEDICAID = frozenset({LineOfBusiness.MEDICAID_MANAGED_CARE, LineOfBusiness.MEDICAID_FFS, LineOfBusiness.CHIP_FFS})


class MachineMayNotFind(NotAllowed):
    """A finding of a person was recorded by a machine."""

    code: ClassVar[str] = "machine-may-not-find"


class CriterionUnknown(Invalid):
    """The guideline has no such criterion."""

    code: ClassVar[str] = "criterion-unknown"


class CriterionNotOverridable(NotAllowed):
    """The guideline leaves this criterion to the record alone."""

    code: ClassVar[str] = "criterion-not-overridable"


class FindingNeedsNote(Invalid):
    """A finding that differs from the machine's, or is not met, says why."""

    code: ClassVar[str] = "finding-needs-note"


class AuthorityNeeded(Invalid):
    """No guideline of ours holds; the finding cites a statute, NCD, LCD, plan page or licensed set."""

    code: ClassVar[str] = "authority-needed"


class EvidencePointsNowhere(Invalid):
    """A link names neither a document nor a resource of this case."""

    code: ClassVar[str] = "evidence-points-nowhere"


@dataclass(frozen=True, slots=True)
class Asked:
    """The facts of a service that decide which guideline holds."""

    code_system: str
    code: str
    code_family: str
    line_of_business: LineOfBusiness
    product: str
    state: str
    age: int | None
    place: str | None = None
    """Place-of-service code; empty where the request names none, None while a form has not said."""
    is_age_open: bool = False
    """Nobody has said how old the person is, and only a form is wanted: no age limit stands against it."""


class Barrier(StrEnum):
    """Why a guideline that knows the service does not hold for it."""

    MEDICARE_RULE = "medicare-rule"
    EPSDT = "epsdt"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A guideline that would fit, and the authority that takes its place."""

    guideline_id: str
    guideline_version: str
    barrier: Barrier
    authority: str
    is_verified: bool


def fits(scope: Scope, asked: Asked) -> bool:
    """Say whether a guideline knows the service, product, state, place and age.

    An unknown age fits no age limit, and a request without a place fits no limit of places; only a form that is still
    being written fits every place, and every age where nobody has said it.
    """
    knows_service = (short_system(asked.code_system), asked.code) in scope.services or (
        asked.code_family != "" and asked.code_family in scope.code_families
    )
    return (
        knows_service
        and (not scope.lines_of_business or asked.line_of_business in scope.lines_of_business)
        and (not scope.products or asked.product in scope.products)
        and (not scope.jurisdictions or asked.state in scope.jurisdictions)
        and (not scope.places or asked.place is None or asked.place in scope.places)
        and _fits_age(scope, asked)
    )


def _fits_age(scope: Scope, asked: Asked) -> bool:
    if asked.age is None:
        return asked.is_age_open or (scope.age_from is None and scope.age_to is None)
    return (scope.age_from is None or asked.age >= scope.age_from) and (
        scope.age_to is None or asked.age < scope.age_to
    )


def exclusion_of(guideline: Guideline, asked: Asked) -> Exclusion | None:
    """Return what bars a fitting guideline, or None.

    Medicare Advantage: plan criteria hold only where NCD, LCD of the jurisdiction or statute do not fully establish
    the matter (42 CFR 422.101(b)(6)); this is exclusion, not ranking. Medicaid under 21: the test is individual,
    “correct or ameliorate”, and no adult guideline ends a request (SSA 1905(r)(5)).
    """
    if asked.line_of_business in _MEDICARE:
        for authority in guideline.scope.fully_established_by:
            if authority.holds_in(asked.state):
                return _barred(guideline, Barrier.MEDICARE_RULE, authority)
    if asked.line_of_business in _MEDICAID and (asked.age is None or asked.age < EPSDT_AGE):
        statute = Authority(
            "SSA 1905(r)(5), early and periodic screening, diagnosis and treatment", "statute", (), True
        )
        return _barred(guideline, Barrier.EPSDT, statute)
    return None


def _barred(guideline: Guideline, barrier: Barrier, authority: Authority) -> Exclusion:
    return Exclusion(guideline.id, guideline.version, barrier, authority.name, authority.verified)


def narrowness(scope: Scope) -> tuple[bool, bool, bool, bool]:
    """Order fitting guidelines: for a product outranks for a state, that for a place, that for a line of business."""
    return (bool(scope.products), bool(scope.jurisdictions), bool(scope.places), bool(scope.lines_of_business))


def age_on(birth_date: date | None, day: date) -> int | None:
    """Return completed years of life on a day."""
    if birth_date is None:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for one criterion when the machine and a person have both answered."""

    value: FindingValue
    is_persons: bool
    is_to_be_reconsidered: bool
    """New evidence came after the person's answer and the machine now answers otherwise: both are shown."""


def standing_of(
    *,
    machine: FindingValue | None,
    machine_input: str,
    person: FindingValue | None,
    person_input: str,
) -> Standing:
    """Say whose answer counts. A person's outranks the machine's; nothing is replaced silently.

    The input digests name the record each answer was made on; when they differ and the machine says met or not met
    against the person, the person is asked to look again.
    """
    if person is None:
        return Standing(machine or FindingValue.UNKNOWN, is_persons=False, is_to_be_reconsidered=False)
    has_new_evidence = machine is not None and machine_input != person_input
    differs = machine not in (None, FindingValue.UNKNOWN, person)
    return Standing(person, is_persons=True, is_to_be_reconsidered=has_new_evidence and differs)


def counted(standings: Mapping[str, Standing]) -> dict[str, FindingValue]:
    """Return the value that counts for each criterion."""
    return {key: standing.value for key, standing in standings.items()}


def check_may_find(*, is_machine: bool) -> None:
    """Refuse a machine that would record a person's finding.

    Raises:
        MachineMayNotFind: the actor is a machine or an API client.
    """
    if is_machine:
        raise MachineMayNotFind("Only a person may record this finding. The rule engine answers by evaluation only.")


def check_note(
    *, value: FindingValue, machine: FindingValue | None, note: str, against: FindingValue = FindingValue.NOT_MET
) -> None:
    """Refuse a finding against the machine's answer, or one that speaks against the request, without a word why.

    Args:
        value: what the person found.
        machine: what the engine answered.
        note: why.
        against: the answer that speaks against the request: not met, or met where the criterion must not hold.

    Raises:
        FindingNeedsNote: the note is empty.
    """
    contradicts = machine not in (None, FindingValue.UNKNOWN, value)
    if (contradicts or value is against) and not note.strip():
        raise FindingNeedsNote("Say in one sentence what in the record shows this, then save the finding again.")


def check_leaf(known: Iterable[str], leaf: str) -> None:
    """Refuse a criterion the guideline does not have.

    Raises:
        CriterionUnknown: no such key.
    """
    if leaf not in (keys := list(known)):
        raise CriterionUnknown(f"The guideline has no criterion {leaf[:20]}. It has: {', '.join(keys)}.")


# ---- The life of a guideline


class DraftStatus(StrEnum):
    """Where a version of a guideline stands on its way."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class Vote(StrEnum):
    """What a member of the committee says."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


DRAFT_TRANSITIONS: dict[DraftStatus, frozenset[DraftStatus]] = {
    DraftStatus.DRAFT: frozenset({DraftStatus.REVIEWED}),
    DraftStatus.REVIEWED: frozenset({DraftStatus.DRAFT, DraftStatus.APPROVED}),
    DraftStatus.APPROVED: frozenset({DraftStatus.DRAFT, DraftStatus.PUBLISHED}),
    DraftStatus.PUBLISHED: frozenset({DraftStatus.RETIRED}),
    DraftStatus.RETIRED: frozenset(),
}


class DraftNotThere(Conflict):
    """The draft does not stand where this step begins."""

    code: ClassVar[str] = "guideline-draft-not-there"


class GuidelineIsPublished(Conflict):
    """A published version never changes."""

    code: ClassVar[str] = "guideline-is-published"


class DraftChangedMeanwhile(Conflict):
    """Somebody saved another text meanwhile."""

    code: ClassVar[str] = "guideline-draft-changed"


class DraftNamesAnother(Invalid):
    """The text names another guideline or version than the draft."""

    code: ClassVar[str] = "guideline-draft-names-another"


class ReviewerIsAuthor(NotAllowed):
    """Nobody reviews what they wrote."""

    code: ClassVar[str] = "guideline-reviewer-is-author"


class VoteAlreadyCast(Conflict):
    """A member votes once on a text."""

    code: ClassVar[str] = "guideline-vote-cast"


class ConflictMustAbstain(NotAllowed):
    """Who declares a conflict of interest does not vote."""

    code: ClassVar[str] = "guideline-conflict-must-abstain"


class ReasonNeeded(Invalid):
    """This step says why, or where it is written down."""

    code: ClassVar[str] = "guideline-reason-needed"


class QuorumMissing(Conflict):
    """Too few members voted."""

    code: ClassVar[str] = "guideline-quorum-missing"


class EffectiveInThePast(Invalid):
    """A guideline holds, or ends, from a day to come: nobody is judged by what could not be read."""

    code: ClassVar[str] = "guideline-effective-in-the-past"


class GuidelineNotVoted(Conflict):
    """No minutes say that the committee approved this version."""

    code: ClassVar[str] = "guideline-not-voted"


def check_draft_step(*, current: DraftStatus, target: DraftStatus) -> None:
    """Refuse a step that does not begin where the draft stands.

    Raises:
        GuidelineIsPublished: the version is published or retired.
        DraftNotThere: another step comes first.
    """
    if target in DRAFT_TRANSITIONS[current]:
        return
    if current in {DraftStatus.PUBLISHED, DraftStatus.RETIRED}:
        raise GuidelineIsPublished(f"This version is {current}. It never changes; start a new version from it.")
    raise DraftNotThere(f"This version is {current}; it cannot become {target} now. Reload the page.")


@dataclass(frozen=True, slots=True)
class Ballot:
    """One vote, and whether the member declared a conflict of interest."""

    vote: Vote
    has_conflict: bool


def is_carried(ballots: Iterable[Ballot], *, quorum: int) -> bool:
    """Say whether the votes carry a motion: more for than against among those without a conflict of interest.

    Raises:
        QuorumMissing: fewer members without a conflict voted or abstained than the quorum.
    """
    counted_ballots = [ballot.vote for ballot in ballots if not ballot.has_conflict]
    if len(counted_ballots) < quorum:
        raise QuorumMissing(
            f"{len(counted_ballots)} members without a conflict of interest have voted; {quorum} are needed. "
            "Ask the others to vote."
        )
    return counted_ballots.count(Vote.FOR) > counted_ballots.count(Vote.AGAINST)
