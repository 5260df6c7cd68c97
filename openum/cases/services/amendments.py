"""The requester's own changes of an open line: days, place, units. Each is logged with who, when and why."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Amendment, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services.lines import lock_line, record_amendment
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel

AMENDABLE = ("service_from", "service_to", "place", "requested_units")


class LineNotAmendable(Conflict):
    """The line is decided; a change takes a new request."""

    code: ClassVar[str] = "line-not-amendable"


class NothingAmended(Invalid):
    """No field differs from what is on file."""

    code: ClassVar[str] = "nothing-amended"


@permitted(Permission.WITHDRAW_OR_AMEND, on="line.case")
@transaction.atomic
def amend_line(
    *,
    line: ServiceLine,
    changes: Mapping[str, date | Decimal | str | None],
    reason: str,
    requested_by: str,
    channel: Channel,
    by: User,
    at: datetime,
) -> list[Amendment]:
    """Change an open line at the requester's word; one amendment a field.

    Args:
        changes: new values by field, of AMENDABLE; `service_to` is the last day, as people write it.

    Raises:
        LineNotAmendable: the line is decided.
        NothingAmended: nothing differs.
        ReasonMissing: no reason, or nobody named.
        Invalid: the last day lies before the first, or no units are left.
    """
    line = lock_line(line)
    if line.status not in OPEN_STATUSES:
        raise LineNotAmendable("This line is decided. Send a new request for the change.")
    wanted: dict[str, Any] = {
        field: value for field, value in changes.items() if field in AMENDABLE and value not in {None, ""}
    }
    if isinstance(wanted.get("service_to"), date):
        wanted["service_to"] += timedelta(days=1)
    first, after = wanted.get("service_from", line.service_from), wanted.get("service_to", line.service_to)
    if first is not None and after is not None and after <= first:
        raise Invalid("The last day lies before the first. Check both days.")
    if "requested_units" in wanted and wanted["requested_units"] <= 0:
        raise Invalid("To take the whole line back, withdraw it.")
    differing = {field: value for field, value in wanted.items() if getattr(line, field) != value}
    if not differing:
        raise NothingAmended("Nothing differs from what is on file. Change a day, the place or the number.")
    before = {field: str(getattr(line, field) or "") for field in differing}
    for field, value in differing.items():
        setattr(line, field, value)
    line.version += 1
    line.save(update_fields=[*differing, "version"])
    return [
        record_amendment(
            line=line, field=field, before=before[field], after=str(value), reason=reason,
            requested_by=requested_by, channel=channel, is_requesters_own=True, by=by, at=at,
        )
        for field, value in differing.items()
    ]  # fmt: skip
