"""The renewal of an authorization: a draft linked to its number that begins with what was approved."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.determination.models import AuthorizationSegment
from openum.determination.prefill import facts_of
from openum.determination.queries import authorization_of, current_segments, remaining_units
from openum.submission import drafts
from openum.submission.composing import EARLIER, RENEWS
from openum.submission.models import Draft
from openum.submission.renewing import NotRenewable, check_renewable

_ASKED_ANEW: Final = ("line1-first_day", "line1-last_day")


@permitted(Permission.SUBMIT_REQUEST, on="line.case")
@transaction.atomic
def start_renewal(*, line: ServiceLine, by: User, at: datetime) -> Draft:
    """Begin a draft that renews the authorization of a line. Days, papers and clinical answers are asked for anew.

    Raises:
        NotRenewable: the line is not approved, was taken back, or is being renewed.
    """
    check_renewable(line)
    authorization = authorization_of(line)
    segments = current_segments(authorization) if authorization else []
    if authorization is None or not segments:
        raise NotRenewable("This service has no authorization in force. Send a new request.")
    case, segment = line.case, segments[-1]
    facts = facts_of(case, [line])
    earlier = {**facts, **_of_segment(segment)}
    draft = drafts.start(plan=case.plan, organization=case.organization, by=by, at=at)
    fields = {
        **facts,
        **{f"{EARLIER}{name}": value for name, value in earlier.items()},
        RENEWS: authorization.number,
    }
    audit.record_reads(by=by, at=at, case_ids=[case.public_id], why="renewal begun")
    return drafts.save_fields(draft=draft, fields=fields, by=by, at=at)


def _of_segment(segment: AuthorizationSegment) -> dict[str, str]:
    """Return what was approved, as fields of a draft, with how much of it is used."""
    last = segment.valid_to - timedelta(days=1) if segment.valid_to else None
    left = remaining_units(segment)
    units = f"{segment.units.normalize():f}" if segment.units is not None else ""
    used = segment.units - left if segment.units is not None and left is not None else None
    return {
        "line1-units": units,
        "line1-first_day": segment.valid_from.isoformat(),
        "line1-last_day": last.isoformat() if last else "",
        "used": f"{used.normalize():f}" if used is not None else "",
    }
