"""Record what people can carry, and when they are away."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may, scope_of
from openum.accounts.rules import Permission
from openum.db.transactions import atomic
from openum.vocabulary.errors import Invalid, NotAllowed
from openum.work.events import AbsenceRecorded, CapacitySet
from openum.work.models import Absence, Worker
from openum.work.rules.hours import MOST_POINTS_A_DAY


class AbsenceInvalid(Invalid):
    """An absence cannot be kept as given."""

    code: ClassVar[str] = "absence-invalid"


def _check_may_for(user: User, by: User) -> None:
    """Everybody keeps their own days; those who keep the work keep the days of their plans' people."""
    if user.pk != by.pk:
        check_user_may(by, Permission.KEEP_WORK)
        _check_plans(user, by)


def _check_plans(user: User, by: User) -> None:
    if not scope_of(user).plan_ids & scope_of(by).plans_with(Permission.KEEP_WORK):
        raise NotAllowed("This person works for none of your plans.")


@atomic
def record_absence(
    *, user: User, kind: str, first_day: date, back_on: date, percent_left: int, by: User, at: datetime
) -> Absence:
    """Record days on which a person works less or not at all. Their work is handed on when the days come.

    Raises:
        NotAllowed: somebody else's days, without the permission to keep them.
        AbsenceInvalid: the days do not run forward, overlap others, or leave a whole day.
    """
    _check_may_for(user, by)
    if back_on <= first_day:
        raise AbsenceInvalid("The first day back is after the first day away.")
    if not 0 <= percent_left <= 90:
        raise AbsenceInvalid("Leave between 0 and 90 percent of the usual day.")
    if kind not in {word for word, _ in Absence._meta.get_field("kind").choices or ()}:
        raise AbsenceInvalid("Choose away, training, meetings or part time.")
    standing = Absence.objects.filter(
        user=user, cancelled_at__isnull=True, first_day__lt=back_on, back_on__gt=first_day
    )
    if standing.exists():
        raise AbsenceInvalid("These days overlap an absence that stands already. Take that one back first.")
    absence = Absence.objects.create(
        user=user,
        kind=kind,
        first_day=first_day,
        back_on=back_on,
        percent_left=percent_left,
        recorded_by=by,
        recorded_at=at,
    )
    audit.record(AbsenceRecorded(absence_id=absence.public_id, user_id=user.public_id), by=by, at=at)
    return absence


@atomic
def cancel_absence(*, absence: Absence, by: User, at: datetime) -> None:
    """Take an absence back. A second time changes nothing."""
    _check_may_for(absence.user, by)
    if Absence.objects.filter(pk=absence.pk, cancelled_at__isnull=True).update(cancelled_at=at):
        event = AbsenceRecorded(absence_id=absence.public_id, user_id=absence.user.public_id, is_cancelled=True)
        audit.record(event, by=by, at=at)


@atomic
@permitted(Permission.KEEP_WORK, serves_software=True)
def set_capacity(*, user: User, points_a_day: int, languages: Sequence[str], by: User, at: datetime) -> Worker:
    """Set what a person can carry on a usual day, and the languages they work in.

    Raises:
        PermissionRefused: the person may not keep the plan's work. Software that sets a plan up may.
        AbsenceInvalid: no such number of points.
    """
    if not by.is_machine:
        _check_plans(user, by)
    if not 0 <= points_a_day <= MOST_POINTS_A_DAY:
        raise AbsenceInvalid(f"A day holds between 0 and {MOST_POINTS_A_DAY} points.")
    spoken = sorted({"en", *(language.strip().lower() for language in languages if language.strip())})
    worker, _ = Worker.objects.update_or_create(
        user=user, defaults={"points_a_day": points_a_day, "languages": spoken}
    )  # fmt: skip
    audit.record(CapacitySet(user_id=user.public_id, points_a_day=points_a_day), by=by, at=at)
    return worker
