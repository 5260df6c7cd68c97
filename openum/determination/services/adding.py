"""A code found necessary during an approved operation: told by the office, added by rule or passed to a person."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import NewDocument, attach, lock_line
from openum.criteria.codes import short_system
from openum.design.moments import local_day
from openum.determination.added_codes import (
    ADDED_CODES,
    Added,
    AddedCodesInvalid,
    CodeNotAddable,
    Finding,
    Row,
    found,
    rows_of,
)
from openum.determination.events import CodeAdded
from openum.determination.models import AddedCode, Authorization
from openum.determination.queries import authorization_of, current_segments
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.directory.services import publish_policy
from openum.submission.events import RequestAdded
from openum.submission.services import add_line_beside, copy_parties, take_further_request
from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import (
    CertificationType,
    Channel,
    LineStatus,
    RequestKind,
    Standing,
    Timing,
    Urgency,
)

OPERATIVE_NOTE = "operative-note"
"""Kind of the paper that every addition carries."""
_APPROVED = frozenset({LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED})
_STANDING = OPEN_STATUSES | _APPROVED


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the office says was done besides what was authorized."""

    code_system: str
    code: str
    done_on: date
    units: Decimal
    unit: str
    words: str
    modifiers: tuple[str, ...] = ()


def publish_added_codes(*, path: Path, plan: Plan, by: User, at: datetime) -> Policy:
    """Publish one file of `policies/added_codes/` for a plan, as an immutable row.

    Raises:
        AddedCodesInvalid: it has a fault; nothing is published.
    """
    body = path.read_text(encoding="utf-8")
    rows_of(body)
    front = read_yaml(body)
    missing = [name for name in ("key", "version", "effective_from", "source") if not front.get(name)]
    if missing:
        raise AddedCodesInvalid(f"Say the `{missing[0]}` of the document.")
    return publish_policy(
        kind=ADDED_CODES, key=front["key"], version=str(front["version"]), body=body,
        effective_from=front["effective_from"], effective_to=front.get("effective_to"), source=front["source"],
        source_verified=bool(front.get("source_verified")), plan=plan, by=by, at=at,
    )  # fmt: skip


def check_addable(line: ServiceLine) -> Authorization:
    """Return the authorization that a code can be added to.

    Raises:
        CodeNotAddable: the line is not approved, was taken back, or was itself added.
    """
    authorization = authorization_of(line)
    if LineStatus(line.status) not in _APPROVED or authorization is None or not current_segments(authorization):
        raise CodeNotAddable("A code is added to an approved service only. Send a new request for this one.")
    return authorization


@permitted(Permission.SUBMIT_REQUEST, on="line.case")
@transaction.atomic
def add_code(*, line: ServiceLine, told: Told, note: NewDocument, by: User, at: datetime) -> AddedCode:
    """Take in a code that was found necessary during an approved operation, with the operative note.

    It becomes a line of its own, reviewed after the service. Where a row of the plan's policy permits it and coverage and
    providers are in order, the rules engine approves it in this transaction and the authorization carries it; else a
    person reviews it under its own clock. No machine refuses it.

    Raises:
        CodeNotAddable: the service is not approved, or the code is on file for that day already.
        Invalid: no code, no words, a number below one, or a day that is still to come.
    """
    line = lock_line(line)
    authorization = check_addable(line)
    today = local_day(at, line.case.product.time_zone)
    _check_told(line, told, today=today)
    policy, finding = judged(line, told, authorization=authorization, today=today)
    case = line.case
    request = take_further_request(
        case=case, kind=RequestKind.RETROSPECTIVE, certification=CertificationType.REVISED, urgency=Urgency.STANDARD,
        timing=Timing.RETROSPECTIVE, channel=Channel.PORTAL, standing=Standing.PROVIDER, received_at=at,
        received_proof="", words=_as_told(authorization, told), door="portal added-code", by=by, at=at,
        relates_to=line.request, organization=case.organization,
    )  # fmt: skip
    copy_parties(source=line.request, to=request)
    added_line = add_line_beside(
        request=request, beside=line, code_system=told.code_system, code=told.code, modifiers=told.modifiers,
        units=told.units, unit=told.unit, day=told.done_on, at=at,
    )  # fmt: skip
    paper = attach(case=case, request=request, documents=[note], channel=Channel.PORTAL, by=by, at=at)[0]
    added = AddedCode.objects.create(
        line=added_line, authorization=authorization, beside=line, policy=policy,
        row=finding.row.key if finding.row else "", why=finding.why, note=paper, words=told.words.strip(), added_by=by,
        added_at=at,
    )  # fmt: skip
    audit.record(
        CodeAdded(
            case_id=case.public_id, line_ids=(added_line.public_id,), request_id=request.public_id,
            authorization_id=authorization.public_id, is_permitted=finding.is_permitted,
        ),
        by=by, at=at,
    )  # fmt: skip
    audit.record(
        RequestAdded(
            case_id=case.public_id, line_ids=(added_line.public_id,), request_id=request.public_id,
            certification=request.certification,
        ),
        by=by, at=at,
    )  # fmt: skip
    return added


def judged(
    line: ServiceLine, told: Told, *, authorization: Authorization, today: date
) -> tuple[Policy | None, Finding]:
    """Return what the policies in force on the day of telling say of an addition, with the one that decides."""
    segments = current_segments(authorization)
    ends = [segment.valid_to for segment in segments]
    last = None if None in ends else max(end for end in ends if end is not None)
    added = Added(
        authorized=_word(line.code_system, line.code), code=_word(told.code_system, told.code),
        units=float(told.units), line_of_business=line.case.product.line_of_business, done_on=told.done_on,
        told_on=today, authorized_from=min(segment.valid_from for segment in segments), authorized_to=last,
    )  # fmt: skip
    policies = policies_on(plan=line.case.plan, kind=ADDED_CODES, on=today)
    rows: list[tuple[Row, Policy]] = [(row, policy) for policy in policies for row in rows_of(policy.body)]
    finding = found(added, [row for row, _policy in rows])
    named = next((policy for row, policy in rows if row is finding.row), None)
    return named, finding


def _check_told(line: ServiceLine, told: Told, *, today: date) -> None:
    if not told.code.strip():
        raise Invalid("Give the code that was found necessary.")
    if not told.words.strip():
        raise Invalid("Say what was found, and why the service was necessary.")
    if told.units < 1:
        raise Invalid("The number is one or more.")
    if told.done_on > today:
        raise Invalid("A code is added after the operation. For a service still to come, send a new request.")
    same = ServiceLine.objects.filter(
        case=line.case, code_system=told.code_system, code=told.code, status__in=_STANDING
    )
    if same.filter(service_from=told.done_on).exists() or same.filter(pk=line.pk).exists():
        raise CodeNotAddable("This code is on file for that day already. Open it on the request's page.")


def _as_told(authorization: Authorization, told: Told) -> str:
    """Return the message as it is kept: number, code, how many, day, and the office's words."""
    code = "-".join([told.code, *told.modifiers])
    units = f"{told.units.normalize():f}"
    return f"{authorization.number} + {code} × {units}, {told.done_on.isoformat()}\n{told.words.strip()}"


def _word(system: str, code: str) -> str:
    return f"{short_system(system)}|{code}"
