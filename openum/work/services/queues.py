"""Keep queues: owner, people, skills, hours, backup."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.db.transactions import atomic
from openum.vocabulary.errors import Conflict, Invalid
from openum.work.events import QueueKept
from openum.work.models import Placement, Queue, QueueMember
from openum.work.queries.routing import routing_for
from openum.work.rules.facts import Stage
from openum.work.rules.hours import check_hours


class QueueInvalid(Invalid):
    """A queue cannot be kept as given."""

    code: ClassVar[str] = "queue-invalid"


class QueueInUse(Conflict):
    """Rules or lines still need the queue."""

    code: ClassVar[str] = "queue-in-use"


@atomic
@permitted(Permission.KEEP_WORK, on="plan", serves_software=True)
def keep_queue(
    *, plan: Plan, key: str, name: str, stage: Stage, owner: User | None, people: Collection[User], by: User, at: datetime,
    skills: Sequence[str] = (), licence_kind: str = "", hours: Mapping[str, Sequence[str]] | None = None,
    backup: Queue | None = None, gives_out: bool = True,
) -> Queue:  # fmt: skip
    """Make a queue of a plan, or change it; its key and stage stay.

    Raises:
        PermissionRefused: the person may not keep the plan's work. Software that sets a plan up may.
        QueueInvalid: owner, people, backup or stage do not fit.
        HoursInvalid: the hours are no times.
    """
    check_hours(hours or {})
    _check_people(plan, [owner, *people] if owner else people)
    if backup is not None and (backup.plan_id != plan.pk or backup.stage != stage or backup.key == key):
        raise QueueInvalid("The backup is another queue of the same plan and stage.")
    known = Queue.objects.select_for_update().filter(plan=plan, key=key).first()
    if known is not None and known.stage != stage:
        raise QueueInvalid("The stage of a queue stays. Make another queue for the other stage.")
    queue = known or Queue(plan=plan, key=key, stage=stage)
    queue.name, queue.owner, queue.backup, queue.gives_out, queue.is_open = name.strip(), owner, backup, gives_out, True
    queue.skills = sorted({skill.strip().lower() for skill in skills if skill.strip()})
    queue.licence_kind, queue.hours = licence_kind.strip(), {day: list(span) for day, span in (hours or {}).items()}
    if not queue.name:
        raise QueueInvalid("Give the queue a name.")
    queue.save()
    QueueMember.objects.filter(queue=queue).exclude(user__in=people).delete()
    QueueMember.objects.bulk_create(
        [QueueMember(queue=queue, user=user) for user in people], ignore_conflicts=True
    )  # fmt: skip
    audit.record(QueueKept(queue_id=queue.public_id), by=by, at=at)
    return queue


def _check_people(plan: Plan, people: Collection[User]) -> None:
    for user in people:
        if user.is_machine or not user.is_active or plan.pk not in scope_of(user).plan_ids:
            raise QueueInvalid(f"{user.name} does not work for {plan.name}.")


@atomic
@permitted(Permission.KEEP_WORK, on="queue.plan")
def close_queue(*, queue: Queue, by: User, at: datetime) -> None:
    """Close a queue that neither rules nor lines need any more.

    Raises:
        QueueInUse: naming what still needs it.
    """
    in_force = routing_for(queue.plan, at=at)
    if in_force is not None and queue.key in in_force.routing.queues():
        raise QueueInUse("The rules in force still send requests here. Publish rules without this queue first.")
    if Placement.objects.filter(queue=queue, left_at__isnull=True).exists():
        raise QueueInUse("Requests still wait here. Route them to another queue first.")
    queue.is_open = False
    queue.save(update_fields=["is_open"])
    audit.record(QueueKept(queue_id=queue.public_id), by=by, at=at)
