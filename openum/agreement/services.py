"""The only writer of rounds, readings and answers. No case and no decision is touched."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.agreement.events import (
    AgreementReadingHandedIn,
    AgreementRoundClosed,
    AgreementRoundOpened,
    CriterionReadAgain,
)
from openum.agreement.models import Rating, Reader, Round
from openum.agreement.queries import guideline_of, outcome_of, possible_readers
from openum.agreement.terms import terms
from openum.directory.models import Policy
from openum.vocabulary.errors import Conflict, Invalid, Missing
from openum.vocabulary.terms import FindingValue

RECOMMENDATIONS = ("approve", "refer")
_VALUES = frozenset({FindingValue.MET.value, FindingValue.NOT_MET.value, FindingValue.UNKNOWN.value})


class RoundNotPossible(Invalid):
    """A round needs at least two readers, a patient, and a day that is not over."""

    code: ClassVar[str] = "agreement-round-not-possible"


class NotAReader(Missing):
    """The person is not asked to read this round."""

    code: ClassVar[str] = "agreement-not-a-reader"


class ReadingIsOver(Conflict):
    """The reader has handed in, or the round is closed."""

    code: ClassVar[str] = "agreement-reading-is-over"


class AnswersMissing(Invalid):
    """Something was not answered."""

    code: ClassVar[str] = "agreement-answers-missing"


class RoundIsClosed(Conflict):
    """The round is closed already."""

    code: ClassVar[str] = "agreement-round-is-closed"


@permitted(Permission.KEEP_WORK, on="plan")
@transaction.atomic
def open_round(
    *,
    plan: Plan,
    guideline: Policy,
    vignettes: Sequence[str],
    readers: Collection[User],
    due_on: date,
    by: User,
    at: datetime,
) -> Round:
    """Ask people to read some test patients of a guideline, each alone.

    Raises:
        PermissionRefused, OutOfReach: the actor does not keep the work of this plan.
        RoundNotPossible: too few readers, somebody who does not review for the plan, no patient or too many, a past day.
    """
    held = terms()
    known = {patient.name for patient in guideline_of(guideline).patients}
    people = {user.pk: user for user in possible_readers(plan)}
    if len({user.pk for user in readers}) < held.least_readers:
        raise RoundNotPossible(f"Choose at least {held.least_readers} readers: agreement is between people.")
    if any(user.pk not in people for user in readers):
        raise RoundNotPossible("Choose readers who review for this plan.")
    if not vignettes or len(vignettes) > held.most_vignettes or not set(vignettes) <= known:
        raise RoundNotPossible(f"Choose between 1 and {held.most_vignettes} test patients of the guideline.")
    if guideline.plan_id not in {None, plan.pk}:
        raise RoundNotPossible("Choose a guideline that this plan uses.")
    if due_on < at.astimezone(ZoneInfo(plan.time_zone)).date():
        raise RoundNotPossible("Choose a last day that is not over.")
    one = Round.objects.create(
        plan=plan,
        guideline=guideline,
        vignettes=list(dict.fromkeys(vignettes)),
        due_on=due_on,
        opened_by=by,
        opened_at=at,
    )
    Reader.objects.bulk_create(Reader(round=one, user_id=pk) for pk in sorted({user.pk for user in readers}))
    audit.record(
        AgreementRoundOpened(round_id=one.public_id, readers=one.readers.count(), vignettes=len(one.vignettes)),
        by=by,
        at=at,
    )
    return one


def _reading(one: Round, by: User) -> Reader:
    reader = Reader.objects.select_for_update().filter(round=one, user=by).first()
    if reader is None:
        raise NotAReader("You are not asked to read this round.")
    return reader


@permitted(Permission.REVIEW_LINES, on="one.plan")
@transaction.atomic
def save_rating(
    *, one: Round, vignette: str, answers: Mapping[str, str], recommendation: str, by: User, at: datetime
) -> Rating:
    """Keep what a reader answers about one patient, whole or in part.

    Raises:
        PermissionRefused, OutOfReach: the actor does not review for the plan.
        NotAReader: the actor is not asked.
        ReadingIsOver: it was handed in, or the round is closed.
        AnswersMissing: an answer is no answer, or to no criterion of the guideline.
    """
    reader = _reading(one, by)
    if reader.handed_in_at or Round.objects.filter(pk=one.pk, closed_at__isnull=False).exists():
        raise ReadingIsOver("Your answers are handed in and stay as they are.")
    keys = {leaf.key for leaf in guideline_of(one.guideline).leaves}
    if vignette not in one.vignettes or not set(answers) <= keys or not set(answers.values()) <= _VALUES:
        raise AnswersMissing("Answer each criterion with met, not met or unknown.")
    if recommendation not in {"", *RECOMMENDATIONS}:
        raise AnswersMissing("Say whether you would approve, or refer to a physician.")
    rating, _made = Rating.objects.update_or_create(
        reader=reader, vignette=vignette,
        defaults={"answers": dict(answers), "recommendation": recommendation, "saved_at": at},
    )  # fmt: skip
    return rating


def unanswered(reader: Reader) -> list[int]:
    """Return which patients of a round, counted from one, a reader has not answered in full."""
    one = reader.round
    keys = {leaf.key for leaf in guideline_of(one.guideline).leaves}
    given = {rating.vignette: rating for rating in reader.ratings.all()}
    return [
        number
        for number, name in enumerate(one.vignettes, start=1)
        if name not in given or set(given[name].answers) != keys or not given[name].recommendation
    ]


@permitted(Permission.REVIEW_LINES, on="one.plan")
@transaction.atomic
def hand_in(*, one: Round, by: User, at: datetime) -> Reader:
    """Hand in a reader's answers; they stay as they are.

    Raises:
        PermissionRefused, OutOfReach: the actor does not review for the plan.
        NotAReader: the actor is not asked.
        ReadingIsOver: it was handed in, or the round is closed.
        AnswersMissing: naming the patients that are not answered in full.
    """
    reader = _reading(one, by)
    if reader.handed_in_at or Round.objects.filter(pk=one.pk, closed_at__isnull=False).exists():
        raise ReadingIsOver("Your answers are handed in and stay as they are.")
    if left := unanswered(reader):
        raise AnswersMissing(f"Not answered in full: patient {', '.join(str(number) for number in left)}.")
    reader.handed_in_at = at
    reader.save(update_fields=["handed_in_at"])
    audit.record(AgreementReadingHandedIn(round_id=one.public_id), by=by, at=at)
    return reader


@permitted(Permission.KEEP_WORK, on="one.plan")
@transaction.atomic
def close_round(*, one: Round, by: User, at: datetime) -> Round:
    """End a round with what came out; who has not handed in is not counted.

    Raises:
        PermissionRefused, OutOfReach: the actor does not keep the work of this plan.
        RoundIsClosed: it was closed before.
    """
    kept = Round.objects.select_for_update().get(pk=one.pk)
    if kept.closed_at is not None:
        raise RoundIsClosed("This round is closed. Its results stay as they are.")
    outcome = outcome_of(kept)
    kept.closed_by, kept.closed_at, kept.results = by, at, outcome.kept()
    kept.save(update_fields=["closed_by", "closed_at", "results"])
    audit.record(AgreementRoundClosed(round_id=kept.public_id, result=outcome.verdict), by=by, at=at)
    return kept


@permitted(Permission.REVIEW_LINES, on="one.plan")
@transaction.atomic
def confirm_read_again(*, one: Round, criterion: str, by: User, at: datetime) -> Reader:
    """Keep that a reader read a criterion again on which the closed round did not agree.

    Raises:
        PermissionRefused, OutOfReach: the actor does not review for the plan.
        NotAReader: the actor was not asked, or the criterion is none of those to be read again.
    """
    reader = _reading(one, by)
    if not any(item["key"] == criterion and item["read_again"] for item in one.results.get("items", [])):
        raise NotAReader("This criterion need not be read again.")
    if criterion not in reader.read_again:
        reader.read_again = {**reader.read_again, criterion: at.isoformat()}
        reader.save(update_fields=["read_again"])
        audit.record(CriterionReadAgain(round_id=one.public_id, criterion=criterion), by=by, at=at)
    return reader
