"""Taking an appeal in, from any door: the receipt is kept first, nothing is turned away, the law says what comes next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.events import AppealFiled
from openum.appeals.models import Appeal
from openum.appeals.queries import day_of, followers_of, last_day_to_file, law_of
from openum.appeals.rules.filing import (
    Filing,
    NothingToAppeal,
    SpeedAnswer,
    Taken,
    check_specialty_review,
    form_is_valid,
    take,
)
from openum.appeals.rules.law import AppealLaw, Body, Filer, Form, FormRow
from openum.appeals.rules.states import AppealState, Outcome
from openum.appeals.services.steps import lock
from openum.cases.models import Attachment, Request, ServiceLine
from openum.cases.services import NewDocument, attach
from openum.clocks import services as clocks
from openum.clocks.rules.facts import FactKind
from openum.clocks.services import NewFact
from openum.determination.queries import current_determination
from openum.directory.models import Policy
from openum.submission.services import add_representative, confirm_standing, copy_parties, take_further_request
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import (
    CertificationType,
    Channel,
    PartyRole,
    RequestKind,
    Standing,
    Timing,
    Urgency,
)

_STANDING = {
    Filer.MEMBER: Standing.MEMBER,
    Filer.CLINICIAN: Standing.PROVIDER,
    Filer.OUTSIDE_PROVIDER: Standing.PROVIDER,
    Filer.REPRESENTATIVE: Standing.REPRESENTATIVE,
    Filer.GUARDIAN: Standing.REPRESENTATIVE,
}
_ACTS_FOR_MEMBER = {Filer.REPRESENTATIVE: PartyRole.REPRESENTATIVE, Filer.GUARDIAN: PartyRole.GUARDIAN}


@dataclass(frozen=True, kw_only=True)
class StandingPaper:
    """The paper that shows somebody may act for the member."""

    signed_on: date
    document: NewDocument | None = None


@dataclass(frozen=True, kw_only=True)
class AppealAsked:
    """What somebody asks for when they appeal.

    Attributes:
        name: who files, when it is not the member.
        clinician_supports: a clinician says that waiting could harm the member.
        received_at: aware instant of the first receipt by anybody of the plan; a misdirected appeal keeps it.
        proof: call reference, postmark, fax header, or who forwarded it.
    """

    filer: Filer
    issue: str
    channel: Channel
    received_at: datetime
    name: str = ""
    relationship: str = ""
    address: str = ""
    wants_speed: bool = False
    clinician_supports: bool = False
    paper: StandingPaper | None = None
    documents: Sequence[NewDocument] = field(default_factory=tuple)
    proof: str = ""


@permitted(Permission.FILE_APPEAL, on="appeal.line.case")
@transaction.atomic
def ask_second_level(*, appeal: Appeal, asked: AppealAsked, by: User, at: datetime) -> Appeal:
    """Take a second appeal to the plan in, where the plan has one; other people decide it.

    Raises:
        NothingToAppeal: the plan looks once, or its first answer was not a no, or the second runs already.
        NoSpecialtyReview: the law gives a specialty review, and not the provider asks, or without good cause.
        Invalid: received in the future.
    """
    if asked.received_at > at:
        raise Invalid("An appeal cannot have been received in the future. Check date, time and zone.")
    appeal = lock(appeal)
    law = law_of(appeal)
    level = law.further_plan_level(appeal.level)
    if appeal.body != Body.PLAN or level is None:
        raise NothingToAppeal("Under this coverage the plan looks at an appeal once. Ask for the review that follows.")
    if appeal.outcome not in {Outcome.UPHELD, Outcome.PARTLY}:
        raise NothingToAppeal("The first appeal has no answer yet that says no. Wait for it.")
    if followers_of(appeal).exists():
        raise NothingToAppeal("The next review of this appeal runs already. Open it and add what you want to say.")
    if level.is_specialty_review:
        check_specialty_review(filer=asked.filer, good_cause=asked.issue)
    if asked.paper is None and appeal.form_signed_on is not None and asked.filer == appeal.filer:
        asked = replace(asked, paper=StandingPaper(signed_on=appeal.form_signed_on))
    return take_in(appeal.line, asked, law, appeal.law_policy, after=appeal, by=by, at=at)


def take_in(
    line: ServiceLine,
    asked: AppealAsked,
    law: AppealLaw,
    policy: Policy,
    *,
    after: Appeal | None,
    by: User,
    at: datetime,
) -> Appeal:
    """Make the appeal to the plan, its request and its papers; start its time unless something is awaited first."""
    last_day = last_day_to_file(line, body=Body.PLAN, after=after)
    filed_on = day_of(line.case.product, asked.received_at)
    is_late = last_day is not None and filed_on > last_day
    taken, valid = taken_of(law, asked, line, is_late=is_late, on=filed_on)
    level = law.level(after.level + 1 if after else 1)
    if level is not None and level.is_specialty_review:  # the provider's own right: no paper of the member is needed
        form = FormRow(filer=asked.filer, form=Form.NONE, law=level.law)
        taken = replace(taken, form=form, state=AppealState.LATE_FILING if is_late else AppealState.OPEN)
    request = request_of(
        line, asked, taken.speed, kind=RequestKind.APPEAL,
        relates_to=after.request if after else line.request, by=by, at=at,
    )  # fmt: skip
    appeal = Appeal(
        number=f"{line.case.number}-AP{Appeal.objects.filter(line__case=line.case).count() + 1}",
        request=request, line=line, determination=current_determination(line), law=law.key, law_policy=policy,
        level=after.level + 1 if after else 1, body=Body.PLAN, follows=after, filer=asked.filer, filer_name=asked.name.strip(),
        filer_relationship=asked.relationship.strip(), issue=asked.issue.strip(), filed_at=asked.received_at,
        recorded_by=by, state=taken.state, state_since=at, form=taken.form.form,
        form_law=taken.form.law if taken.form.form else "", last_day_to_file=last_day, is_late=is_late,
        speed=taken.speed, clinician_supports=asked.clinician_supports or asked.filer is Filer.CLINICIAN,
    )  # fmt: skip
    if taken.form.form and not valid:
        appeal.form_due_on = filed_on + timedelta(days=law.form_days)
    keep_papers(appeal, asked, at=at, by=by)
    save_new(appeal)
    if valid and taken.form.form:
        note_standing(appeal)
    if taken.state is AppealState.OPEN:
        start_time(appeal, counts_from=_counting_from(appeal), by=by, at=at)
    record_filed(appeal, cause="asked", by=by, at=at)
    return appeal


def taken_of(law: AppealLaw, asked: AppealAsked, line: ServiceLine, *, is_late: bool, on: date) -> tuple[Taken, bool]:
    """Return what becomes of an appeal as it was asked, and whether its paper holds."""
    is_after = line.request.timing == Timing.RETROSPECTIVE or line.request.service_rendered_at is not None
    filing = Filing(
        filer=asked.filer, name=asked.name, wants_speed=asked.wants_speed,
        clinician_supports=asked.clinician_supports, is_after=is_after, has_valid_form=False, is_late=is_late,
    )  # fmt: skip
    taken = take(law, filing)
    signed_on = asked.paper.signed_on if asked.paper else None
    valid = form_is_valid(taken.form, signed_on=signed_on, on=on)
    if valid and taken.state is AppealState.WAITING_FOR_FORM:
        taken = Taken(
            state=AppealState.LATE_FILING if is_late else AppealState.OPEN, form=taken.form, speed=taken.speed
        )
    return taken, valid


def request_of(
    line: ServiceLine,
    asked: AppealAsked,
    speed: SpeedAnswer,
    *,
    kind: RequestKind,
    relates_to: Request,
    by: User,
    at: datetime,
) -> Request:
    """Keep the message and the request of an appeal, with everybody who took part in the first request."""
    is_fast = speed in {SpeedAnswer.GRANTED, SpeedAnswer.TO_DECIDE}
    is_after = line.request.timing == Timing.RETROSPECTIVE or line.request.service_rendered_at is not None
    supports = asked.clinician_supports or asked.filer is Filer.CLINICIAN
    request = take_further_request(
        case=line.case, kind=kind,
        certification=CertificationType.APPEAL_IMMEDIATE if is_fast else CertificationType.APPEAL_STANDARD,
        urgency=Urgency.EXPEDITED if is_fast else Urgency.STANDARD,
        timing=Timing.RETROSPECTIVE if is_after else Timing(line.request.timing), channel=asked.channel,
        standing=_STANDING[asked.filer], received_at=asked.received_at, received_proof=asked.proof,
        words=asked.issue or "An appeal without written reasons.", door="appeal", by=by, at=at, relates_to=relates_to,
        organization=line.case.organization if asked.filer is Filer.CLINICIAN else None,
        attested_by=(asked.name or "A clinician") if is_fast and supports else "",
    )  # fmt: skip
    copy_parties(source=line.request, to=request)
    if asked.filer in _ACTS_FOR_MEMBER:
        add_representative(
            request=request, role=_ACTS_FOR_MEMBER[asked.filer], name=asked.name, relationship=asked.relationship,
            address=asked.address,
        )  # fmt: skip
    return request


def keep_papers(appeal: Appeal, asked: AppealAsked, *, by: User, at: datetime) -> None:
    """Attach what came with the appeal; the paper of standing is named on the appeal."""
    documents = list(asked.documents)
    paper = asked.paper.document if asked.paper else None
    if paper is not None:
        documents.append(paper)
    rows: list[Attachment] = []
    if documents:
        rows = attach(
            case=appeal.line.case, request=appeal.request, documents=documents, channel=asked.channel, by=by, at=at
        )
    if asked.paper is not None:
        appeal.form_signed_on, appeal.form_received_at = asked.paper.signed_on, asked.received_at
        appeal.form_paper = rows[-1] if paper is not None else None


def save_new(appeal: Appeal) -> None:
    """Write a new appeal.

    Raises:
        NothingToAppeal: one runs on this line at this level already.
    """
    try:
        with transaction.atomic():
            appeal.save()
    except IntegrityError as conflict:
        raise NothingToAppeal(
            "An appeal of this decision runs already. Open it and add what you want to say."
        ) from conflict


def note_standing(appeal: Appeal) -> None:
    """Confirm who acts for the member, whose paper came with the appeal."""
    party = appeal.request.parties.filter(role__in=sorted(_ACTS_FOR_MEMBER.values())).first()
    if party is not None:
        confirm_standing(party=party, document=appeal.form, expires_on=None)


def _counting_from(appeal: Appeal) -> datetime:
    """Return when the time to decide begins: the receipt, or a valid form that came later."""
    return max(appeal.filed_at, appeal.form_received_at or appeal.filed_at)


def start_time(appeal: Appeal, *, counts_from: datetime, by: User, at: datetime) -> None:
    """Let the clocks of an appeal begin at an instant; once."""
    if appeal.counts_from is not None:
        return
    appeal.counts_from = counts_from
    appeal.save(update_fields=["counts_from"])
    values = tuple(_values(appeal, counts_from))
    clocks.start_request(request_id=appeal.request_id, by=by, at=at, counts_from=counts_from, values=values)
    if appeal.acknowledged_at is not None:  # the receipt went out while the form or the reason was awaited
        note_fact(appeal, FactKind.ACKNOWLEDGED, by=by, at=at)


def _values(appeal: Appeal, since: datetime) -> Iterator[NewFact]:
    """Yield the values that choose between rows: two required levels of the plan, a specialty review, a Part B drug,
    what only Medicaid covers, the state's hearing.
    """
    law = law_of(appeal)
    if appeal.body == Body.PLAN and law.required_plan_levels > 1:
        yield NewFact(kind=FactKind.LEVELS, at=since, value=law.required_plan_levels)
    level = law.level(appeal.level)
    if level is not None and level.is_specialty_review:
        yield NewFact(kind=FactKind.SPECIALTY_REVIEW, at=since, value=1)
    if law.is_part_b_drug(appeal.line.code):
        yield NewFact(kind=FactKind.PART_B_DRUG, at=since, value=1)
    if law.is_medicaid_only(appeal.line.code):
        yield NewFact(kind=FactKind.MEDICAID_ONLY, at=since, value=1)
    if appeal.body == Body.FAIR_HEARING:
        yield NewFact(kind=FactKind.FAIR_HEARING, at=since, value=1)


def record_filed(appeal: Appeal, *, cause: str, by: User, at: datetime) -> None:
    """Tell everybody that an appeal was taken in; the letter of receipt follows the event."""
    audit.record(
        AppealFiled(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), cause=cause,
            appeal_id=appeal.public_id, request_id=appeal.request.public_id, level=appeal.level, body=appeal.body,
            state=appeal.state, speed=appeal.speed,
        ),
        by=by,
        at=at,
    )  # fmt: skip


def note_fact(
    appeal: Appeal,
    kind: FactKind,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    value: int | None = None,
    recipient: str = "",
    known_at: datetime | None = None,
) -> None:
    """Record a fact on the clocks of an appeal; `known_at` is when it was recorded, if later than it happened."""
    fact = NewFact(kind=kind, at=at, reason=reason, value=value, recipient=recipient)
    clocks.record_facts(request_id=appeal.request_id, facts=[fact], by=by, at=known_at or at)
