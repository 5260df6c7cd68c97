"""A further message on a file that exists, or that a person just opened: an appeal, a complaint, a dispute."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max

from openum import audit
from openum.accounts.models import Organization, User
from openum.cases.models import Case, Diagnosis, Party, Request, ServiceLine
from openum.cases.services import next_case_number
from openum.db.text import clean
from openum.db.transactions import atomic
from openum.directory.models import Coverage, Member, Product
from openum.directory.queries import codes_by_value
from openum.submission.events import SubmissionReceived
from openum.submission.models import Submission
from openum.vocabulary.terms import (
    CertificationType,
    Channel,
    LineStatus,
    PartyRole,
    RequestKind,
    Standing,
    Timing,
    Urgency,
)


@atomic
def take_further_request(
    *,
    case: Case,
    kind: RequestKind,
    certification: CertificationType,
    urgency: Urgency,
    timing: Timing,
    channel: Channel,
    standing: Standing,
    received_at: datetime,
    received_proof: str,
    words: str,
    door: str,
    by: User,
    at: datetime,
    relates_to: Request | None = None,
    organization: Organization | None = None,
    attested_by: str = "",
) -> Request:
    """Keep the message as it was given, and the request it makes on a case. Clocks and letters are the caller's.

    Args:
        received_at: aware instant at which anybody of the plan got it; never later than `at`.
        words: what was said or written, kept as the message.
        attested_by: the clinician who says that waiting could harm; empty for nobody.
    """
    raw = clean(words).encode()
    submission = Submission.objects.create(
        plan=case.plan, submitted_by=by, organization=organization, channel=channel, door=door,
        received_at=received_at, entered_at=at, raw=raw, raw_digest=hashlib.sha256(raw).hexdigest(),
        raw_size=len(raw), state=Submission.ADMITTED, case=case,
    )  # fmt: skip
    request = Request.objects.create(
        case=case, submission=submission, kind=kind, certification=certification, timing=timing, urgency=urgency,
        urgency_attested_by=attested_by, urgency_attested_at=received_at if attested_by else None, channel=channel,
        standing=standing, relates_to=relates_to, received_at=received_at, received_proof=received_proof,
        entered_at=at, free_text=clean(words), administrative_number=f"{case.number}-{case.requests.count() + 1}",
    )  # fmt: skip
    audit.record(
        SubmissionReceived(case_id=case.public_id, submission_id=submission.public_id, state=submission.state),
        by=by,
        at=at,
    )
    return request


def add_line_beside(
    *,
    request: Request,
    beside: ServiceLine,
    code_system: str,
    code: str,
    modifiers: Sequence[str],
    units: Decimal,
    unit: str,
    day: date,
    at: datetime,
) -> ServiceLine:
    """Put a further service of one day on a case, with the diagnoses, the place and the providers of a line that is there.

    Args:
        request: with the parties copied from the request of `beside`.
    """
    known = codes_by_value([(code_system, code)]).get((code_system, code), [])
    last = ServiceLine.objects.filter(case=request.case).aggregate(last=Max("sequence"))["last"] or 0
    line = ServiceLine.objects.create(
        case=request.case, request=request, sequence=last + 1, status=LineStatus.RECEIVED, status_since=at,
        code_system=code_system, code=code, modifiers=list(modifiers), wording=known[-1].wording if known else "",
        specialty=(known[-1].specialty if known else "") or beside.specialty, requested_units=units, unit=unit,
        service_from=day, service_to=day + timedelta(days=1), place=beside.place,
        administrative_number=f"{request.administrative_number}-{last + 1}",
    )  # fmt: skip
    line.diagnoses.set(
        Diagnosis.objects.bulk_create(
            [
                Diagnosis(
                    request=request, sequence=number, system=row.system, code=row.code, kind=row.kind,
                    recorded_on=row.recorded_on,
                )
                for number, row in enumerate(beside.diagnoses.order_by("sequence"), start=1)
            ]
        )
    )  # fmt: skip
    playing = set(beside.providers.values_list("role", "npi"))
    line.providers.set([row for row in request.parties.order_by("pk") if (row.role, row.npi) in playing])
    return line


def copy_parties(*, source: Request, to: Request) -> list[Party]:
    """Let everybody who took part in a request take part in the one that follows it."""
    rows = [
        Party(
            request=to, role=party.role, name=party.name, npi=party.npi, practitioner=party.practitioner,
            facility=party.facility, organization=party.organization, phone=party.phone, fax=party.fax,
            specialty=party.specialty, contact_restriction=party.contact_restriction,
        )
        for party in source.parties.exclude(role=PartyRole.REPRESENTATIVE).order_by("pk")
    ]  # fmt: skip
    return Party.objects.bulk_create(rows)


def add_representative(*, request: Request, role: PartyRole, name: str, relationship: str, address: str = "") -> Party:
    """Name who acts for the member on a request."""
    return Party.objects.create(
        request=request, role=role, name=clean(name), relationship=clean(relationship), address=clean(address)
    )


def confirm_standing(*, party: Party, document: str, expires_on: date | None) -> None:
    """Note the paper that shows a representative's standing, and until when it holds."""
    Party.objects.filter(pk=party.pk).update(standing_document=document, standing_expires_on=expires_on)


def rename_representative(*, party: Party, name: str, relationship: str, address: str, phone: str) -> None:
    """Correct how a representative is called and reached."""
    Party.objects.filter(pk=party.pk).update(
        name=clean(name.strip()), relationship=clean(relationship.strip()), address=clean(address.strip()),
        phone=clean(phone.strip()),
    )  # fmt: skip


@atomic
def open_empty_case(
    *, member: Member, product: Product, coverage: Coverage | None, summary: str, opened_at: datetime, at: datetime
) -> Case:
    """Open a file that holds no request for a service, for a complaint about no case at all."""
    return Case.objects.create(
        number=next_case_number(at=at), plan=product.plan, product=product, member=member, coverage=coverage,
        opened_at=opened_at, summary=clean(summary)[:200], is_sandbox=product.plan.is_sandbox,
    )  # fmt: skip
