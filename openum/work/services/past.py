"""Take in weekly counts of the system before, so that forecasts need not wait for weeks of our own."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db.models import Min

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.db.transactions import atomic
from openum.vocabulary.errors import Invalid
from openum.work.events import PastWeeksTakenIn
from openum.work.models import PastWeek, Placement, Queue
from openum.work.rules.forecasting import Count, monday_of

MOST_LINES = 1_000_000


class PastWeeksInvalid(Invalid):
    """Weekly counts cannot be taken in as given."""

    code: ClassVar[str] = "past-weeks-invalid"


@atomic
@permitted(Permission.KEEP_WORK, on="plan", serves_software=True)
def take_in_past_weeks(*, plan: Plan, counts: Sequence[Count], source: str, by: User, at: datetime) -> int:
    """Keep weekly counts for forecasts; a week that is given again replaces what was taken in before.

    Returns:
        How many weeks of queues were kept.

    Raises:
        PermissionRefused: the person may not keep the plan's work. Software that sets a plan up may.
        PastWeeksInvalid: no source, an unknown queue, a week that is counted here already, or numbers that cannot be.
    """
    if not source.strip():
        raise PastWeeksInvalid("Say where the numbers come from.")
    queues = {queue.key: queue for queue in Queue.objects.filter(plan=plan)}
    until = _counted_from(plan, at)
    for place, count in enumerate(counts, start=1):
        if count.queue not in queues:
            raise PastWeeksInvalid(f"Row {place}: there is no queue {count.queue}. Use the keys of the queues.")
        if count.day >= until:
            raise PastWeeksInvalid(f"Row {place}: weeks from {until} on are counted here. Leave them out.")
        if not 0 <= count.lines <= MOST_LINES or not 0 <= count.points <= MOST_LINES * 100 or (count.points and not count.lines):  # fmt: skip
            raise PastWeeksInvalid(f"Row {place}: {count.lines} requests of {count.points} points cannot be.")
    rows = {
        (queues[count.queue].pk, monday_of(count.day), count.field.strip().lower()): count for count in counts
    }  # fmt: skip
    if len(rows) < len(counts):
        raise PastWeeksInvalid("A week, queue and field stands there twice. Give each once.")
    given = {(queue_id, monday) for queue_id, monday, _ in rows}
    standing = PastWeek.objects.filter(queue__plan=plan).values_list("pk", "queue_id", "monday")
    replaced = [pk for pk, queue_id, monday in standing if (queue_id, monday) in given]
    for begin in range(0, len(replaced), 500):
        PastWeek.objects.filter(pk__in=replaced[begin : begin + 500]).delete()
    PastWeek.objects.bulk_create(
        [
            PastWeek(
                queue_id=queue_id, monday=monday, field=field, lines=count.lines, points=count.points,
                source=source.strip(), taken_in_by=by, taken_in_at=at,
            )
            for (queue_id, monday, field), count in rows.items()
        ],
        batch_size=500,
    )  # fmt: skip
    lines = sum(count.lines for count in counts)
    audit.record(PastWeeksTakenIn(plan_id=plan.public_id, weeks=len(given), lines=lines), by=by, at=at)
    return len(given)


def _counted_from(plan: Plan, at: datetime) -> date:
    """Return the Monday from which on the plan's own placements are counted: the one after the first, or this week's."""
    zone = ZoneInfo(plan.time_zone)
    this = monday_of(at.astimezone(zone).date())
    first = Placement.objects.filter(queue__plan=plan).aggregate(first=Min("placed_at"))["first"]
    return this if first is None else min(this, monday_of(first.astimezone(zone).date()) + timedelta(weeks=1))
