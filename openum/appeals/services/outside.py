"""Levels outside the plan: automatic forwarding, fair hearing, external review with rotation, and their outcome."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.events import ExternalReviewChecked, HearingSet, OrganizationAssigned
from openum.appeals.models import Appeal, AppealDecision, OutsideReview, ReviewOrganization
from openum.appeals.queries import day_of, followers_of, last_day_to_file, law_of, published_law
from openum.appeals.rules.deciding import check_cause, check_part
from openum.appeals.rules.filing import Ground as DismissalGround
from openum.appeals.rules.filing import NothingToAppeal, SpeedAnswer
from openum.appeals.rules.law import OUTSIDE, AppealLaw, Body, Filer, FormRow, Level
from openum.appeals.rules.rotation import NoOrganizationFree, Organization, rotate
from openum.appeals.rules.states import AppealState, Counted, IllegalAppealStep, Outcome
from openum.appeals.services.deciding import finish
from openum.appeals.services.filing import (
    AppealAsked,
    keep_papers,
    note_fact,
    note_standing,
    record_filed,
    request_of,
    save_new,
    start_time,
    taken_of,
)
from openum.appeals.services.steps import lock, move, ready_state
from openum.cases.models import Party, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import lock_line
from openum.clocks.models import Clock
from openum.clocks.rules.facts import FactKind
from openum.determination.models import Determination
from openum.determination.queries import current_determination
from openum.determination.services import Ground, keep_outside_no, reverse_on_appeal
from openum.directory.models import Policy
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel, ClockPurpose, LineStatus, RequestKind

UNDECIDED = "undecided"
"""Why a review outside opened: the plan did not decide the first request in time."""
RESULTS = ("complete", "incomplete", "not_eligible")
_WITH_HEARING = frozenset({Body.FAIR_HEARING, Body.STATE_EXTERNAL})


class NotExhausted(Conflict):
    """The level before has not ended."""

    code: ClassVar[str] = "not-exhausted"


def next_level(law: AppealLaw, appeal: Appeal, *, is_asked: bool = False) -> Level | None:
    """Return the level that follows: the plan's own second one where it is required, else the one outside.

    `is_asked` as in `AppealLaw.level_outside`: in an integrated plan the state's hearing beside the Medicare reviewer.

    None for judges, councils and courts: they write to the plan by their own road. A voluntary level is passed over.
    """
    own = law.further_plan_level(appeal.level)
    if own is not None and not own.is_voluntary:
        return own
    level = law.level_outside(appeal.level, code=appeal.line.code, is_asked=is_asked)
    return level if level is not None and level.body in OUTSIDE else None


@transaction.atomic
def open_next_level(*, appeal: Appeal, because: str, asked: AppealAsked | None, by: User, at: datetime) -> Appeal:
    """Open the level after an appeal: asked for, or by law because the plan upheld or was late.

    Opening is no decision: software may do it when the time to decide has passed.

    Raises:
        NothingToAppeal: there is no further level kept here, or it runs already.
    """
    appeal = lock(appeal)
    law = law_of(appeal)
    level = next_level(law, appeal, is_asked=asked is not None)
    if level is None:
        raise NothingToAppeal("No further review that is kept here follows this appeal.")
    if level.body is Body.PLAN:
        raise NotExhausted(
            "This plan looks at an appeal twice before anybody outside does. Ask for its second appeal first."
        )
    if followers_of(appeal, beside=level).exists():
        raise NothingToAppeal("The next review of this appeal runs already. Open it and add what you want to say.")
    words = asked or AppealAsked(
        filer=Filer(appeal.filer), name=appeal.filer_name, relationship=appeal.filer_relationship,
        issue=appeal.issue, channel=Channel(appeal.request.channel), received_at=at,
        wants_speed=appeal.speed == SpeedAnswer.GRANTED, clinician_supports=appeal.clinician_supports,
        proof=f"by law, because the plan {'upheld' if because == 'upheld' else 'was late'}",
    )  # fmt: skip
    is_fast = words.wants_speed and (appeal.speed == SpeedAnswer.GRANTED or words.clinician_supports)
    opening = _Opening(
        line=appeal.line, determination=appeal.determination, law=appeal.law, policy=appeal.law_policy, level=level,
        follows=appeal, because=because, is_fast=is_fast,
        last_day=last_day_to_file(appeal.line, body=level.body, after=appeal) if asked else None,
    )  # fmt: skip
    return _open(opening, words, by=by, at=at)


@transaction.atomic
def open_for_missed_time(*, line: ServiceLine, is_fast: bool, by: User, at: datetime) -> Appeal | None:
    """Open the review outside for a line that the plan did not decide in time, where the law sends it there at once.

    No appeal to the plan came before and no decision is made of the lapse (42 CFR 423.568(h), 423.572(d)).

    Args:
        is_fast: the time that passed was the expedited one; the review is expedited too.

    Returns:
        the review, or None where the law sends nothing on or a review outside runs, or ran, already.
    """
    line = lock_line(line)
    law, policy = published_law(line.case.product, on=day_of(line.case.product, at))
    level = law.level_outside(0)
    if level is None or level.body not in OUTSIDE or not law.sends_on_when_late:
        return None
    if Appeal.objects.filter(line=line, level__gte=level.level).exclude(state=AppealState.TAKEN_BACK).exists():
        return None
    words = AppealAsked(
        filer=Filer.MEMBER, issue="", channel=Channel(line.request.channel), received_at=at, wants_speed=is_fast,
        proof="by law, because the plan did not decide in time",
    )  # fmt: skip
    opening = _Opening(
        line=line, determination=current_determination(line), law=law.key, policy=policy, level=level, follows=None,
        because=UNDECIDED, is_fast=is_fast, last_day=None,
    )  # fmt: skip
    return _open(opening, words, by=by, at=at)


@transaction.atomic
def open_first(
    line: ServiceLine, asked: AppealAsked, law: AppealLaw, policy: Policy, *, level: Level, by: User, at: datetime
) -> Appeal:
    """Open the review outside that comes first, because nobody at the plan stands before it (42 CFR 431.205, 431.220).

    A missing paper and a late filing are kept as states, as in an appeal to the plan.

    Raises:
        FilerNotNamed: somebody acts for the member and is not named.
        NothingToAppeal: one runs already.
    """
    last_day = last_day_to_file(line, body=level.body, after=None)
    filed_on = day_of(line.case.product, asked.received_at)
    taken, holds = taken_of(law, asked, line, is_late=last_day is not None and filed_on > last_day, on=filed_on)
    is_fast = asked.wants_speed and (asked.clinician_supports or asked.filer is Filer.CLINICIAN)
    opening = _Opening(
        line=line, determination=current_determination(line), law=law.key, policy=policy, level=level, follows=None,
        because="asked", is_fast=is_fast, last_day=last_day, form=taken.form if taken.form.form else None,
        form_due_on=None if holds or not taken.form.form else filed_on + timedelta(days=law.form_days),
    )  # fmt: skip
    return _open(opening, asked, by=by, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """A level that opens: of which line, after what, why, how fast, and the last day to ask for it where one holds.

    Attributes:
        form: the paper that the filer needs, where nobody looked at it at a level before.
        form_due_on: until when it is awaited; None where it came or none is needed.
    """

    line: ServiceLine
    determination: Determination | None
    law: str
    policy: Policy
    level: Level
    follows: Appeal | None
    because: str
    is_fast: bool
    last_day: date | None
    form: FormRow | None = None
    form_due_on: date | None = None


def _open(opening: _Opening, words: AppealAsked, *, by: User, at: datetime) -> Appeal:
    """Keep a review outside the plan with its request, and start its time unless it came late or a paper is missing."""
    line, before, level = opening.line, opening.follows, opening.level
    speed = SpeedAnswer.GRANTED if opening.is_fast else SpeedAnswer.NOT_ASKED
    request = request_of(
        line, words, speed, kind=RequestKind.EXTERNAL_REVIEW, relates_to=before.request if before else line.request,
        by=by, at=at,
    )  # fmt: skip
    is_late = opening.last_day is not None and day_of(line.case.product, words.received_at) > opening.last_day
    state = AppealState.LATE_FILING if is_late else ready_state(level.body)
    if opening.form_due_on is not None:
        state = AppealState.WAITING_FOR_FORM
    made = Appeal(
        number=f"{line.case.number}-AP{Appeal.objects.filter(line__case=line.case).count() + 1}",
        request=request, line=line, determination=opening.determination, law=opening.law, law_policy=opening.policy,
        level=level.level, body=level.body, follows=before, filer=words.filer, filer_name=words.name.strip(),
        filer_relationship=words.relationship.strip(), issue=words.issue.strip(), filed_at=words.received_at,
        recorded_by=by, state=state, state_since=at, form=opening.form.form if opening.form else "",
        form_law=opening.form.law if opening.form else "", form_due_on=opening.form_due_on,
        last_day_to_file=opening.last_day, is_late=is_late, speed=speed, clinician_supports=words.clinician_supports,
    )  # fmt: skip
    keep_papers(made, words, by=by, at=at)
    save_new(made)
    if opening.form is not None and opening.form_due_on is None:
        note_standing(made)
    OutsideReview.objects.create(appeal=made, because=opening.because)
    if state not in {AppealState.LATE_FILING, AppealState.WAITING_FOR_FORM}:
        start_time(made, counts_from=words.received_at, by=by, at=at)
    record_filed(made, cause=opening.because, by=by, at=at)
    return made


@permitted(Permission.FILE_APPEAL, on="appeal.line.case")
@transaction.atomic
def ask_outside_review(*, appeal: Appeal, asked: AppealAsked, by: User, at: datetime) -> Appeal:
    """Take a request for the review that follows the plan's own answer.

    Raises:
        NotExhausted: the plan has not answered, is not late, and the matter is not urgent; or a second appeal to the
            plan comes first. A voluntary second appeal that still runs keeps nobody waiting.
        NothingToAppeal: the plan said yes, or there is no further review.
        Invalid: received in the future.
    """
    if asked.received_at > at:
        raise Invalid("A request cannot have been received in the future. Check date, time and zone.")
    appeal = lock(appeal)
    if appeal.outcome == Outcome.OVERTURNED:
        raise NothingToAppeal("The appeal was decided for the member. Nothing is left to review.")
    late = Clock.objects.filter(
        request=appeal.request, purpose=ClockPurpose.DECIDE, binds=True, lapsed_at__isnull=False
    ).exists()
    urgent_beside = asked.wants_speed and asked.clinician_supports
    own = law_of(appeal).level(appeal.level)
    is_choice = own is not None and own.is_voluntary
    if appeal.outcome == "" and not (late or urgent_beside or is_choice):
        raise NotExhausted(
            "The plan has not answered the appeal yet and still has time. An urgent matter may go to external review "
            "at the same time: a clinician must say so."
        )
    return open_next_level(appeal=appeal, because="asked", asked=asked, by=by, at=at)


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def check_external_review(
    *, appeal: Appeal, result: str, note: str, by: User, at: datetime, is_assigned_later: bool = False
) -> Appeal:
    """End the preliminary review of an external review; a complete one gets its organization by rotation at once.

    Args:
        is_assigned_later: the rotation is made in a step of its own; the claimant's letter goes out with it, at most
            one business day after this review (45 CFR 147.136(d)(2)(ii)).

    Raises:
        Invalid: an unknown result, or no word on what is missing or why it is not eligible.
        NoOrganizationFree: no organization may take it.
        IllegalAppealStep: it is not in preliminary review.
    """
    if result not in RESULTS:
        raise Invalid("Choose what the preliminary review found: complete, incomplete, or not eligible.")
    if result != "complete" and not note.strip():
        raise Invalid("Write what is missing, or why an external review is not open. The letter quotes it.")
    appeal = lock(appeal)
    if appeal.state != AppealState.PRELIMINARY:
        raise IllegalAppealStep("This request is not in its preliminary review.")
    outside = OutsideReview.objects.select_for_update().get(appeal=appeal)
    outside.preliminary_at, outside.preliminary_by = at, by
    outside.preliminary_result, outside.preliminary_note = result, note.strip()
    outside.save()
    if result == "complete":
        note_fact(appeal, FactKind.PRELIMINARY_REVIEW_DONE, by=by, at=at, reason=result)
        move(appeal, AppealState.TO_BE_SENT, by=by, at=at, cause="preliminary review complete")
        if not is_assigned_later:
            _assign(appeal, outside, by=by, at=at)
    elif result == "not_eligible":
        note_fact(appeal, FactKind.PRELIMINARY_REVIEW_DONE, by=by, at=at, reason=result)
        appeal.dismissed_at, appeal.dismissed_by, appeal.closed_at = at, by, at
        appeal.dismissed_for, appeal.dismissed_because = DismissalGround.NOT_ELIGIBLE, note.strip()
        move(
            appeal, AppealState.DISMISSED, by=by, at=at, cause=result,
            fields=["dismissed_at", "dismissed_by", "dismissed_for", "dismissed_because", "closed_at"],
        )  # fmt: skip
        note_fact(appeal, FactKind.WITHDRAWN, by=by, at=at, reason=result)
    audit.record(
        ExternalReviewChecked(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), cause=result,
            appeal_id=appeal.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return appeal


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def assign_organization(*, appeal: Appeal, by: User, at: datetime) -> Appeal:
    """Give a checked external review to the organization whose turn it is; the claimant's letter names it.

    Raises:
        NoOrganizationFree: no organization may take it.
        IllegalAppealStep: it is not checked, or has its organization.
    """
    appeal = lock(appeal)
    outside = OutsideReview.objects.select_for_update(of=("self",)).filter(appeal=appeal).first()
    is_ready = appeal.body == Body.EXTERNAL and appeal.state == AppealState.TO_BE_SENT
    if outside is None or not is_ready or outside.organization_id is not None:
        raise IllegalAppealStep("This request does not wait for its review organization.")
    _assign(appeal, outside, by=by, at=at)
    audit.record(
        OrganizationAssigned(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id
        ),
        by=by,
        at=at,
    )
    return appeal


def _assign(appeal: Appeal, outside: OutsideReview, *, by: User, at: datetime) -> None:
    """Give the review to the organization whose turn it is, under a lock, so that two reviews take two turns."""
    plan = appeal.line.case.plan
    rows = list(
        ReviewOrganization.objects.select_for_update()
        .filter(plan=plan, body=appeal.body, is_active=True)
        .order_by("name", "pk")
    )
    npis = set(Party.objects.filter(request=appeal.line.request).exclude(npi="").values_list("npi", flat=True))
    today: date = day_of(appeal.line.case.product, at)
    turns = rotate(
        [
            Organization(
                key=row.name, name=row.name, accredited_to=row.accredited_to, last_assigned_at=row.last_assigned_at,
                interests=tuple(why for npi, why in sorted(row.interests.items()) if npi in npis),
            )
            for row in rows
        ],
        on=today,
    )  # fmt: skip
    chosen = next(turn for turn in turns if turn.taken)
    row = next(row for row in rows if row.name == chosen.key)
    row.last_assigned_at = at
    row.save(update_fields=["last_assigned_at"])
    outside.organization, outside.assigned_at = row, at
    outside.rotation = [asdict(turn) for turn in turns]
    outside.save(update_fields=["organization", "assigned_at", "rotation"])
    note_fact(appeal, FactKind.ASSIGNED, by=by, at=at)


def name_body(appeal: Appeal, outside: OutsideReview, *, at: datetime) -> ReviewOrganization:
    """Return the body that gets the file; the Medicare entity and the state's office are one each.

    Raises:
        NoOrganizationFree: none is entered for this plan.
    """
    if outside.organization is not None:
        return outside.organization
    if appeal.body == Body.EXTERNAL:
        raise NoOrganizationFree("This external review has no organization yet. Assign it by rotation first.")
    row = (
        ReviewOrganization.objects.filter(plan=appeal.line.case.plan, body=appeal.body, is_active=True)
        .order_by("pk")
        .first()
    )
    if row is None:
        raise NoOrganizationFree("No outside body of this kind is entered for this plan. Enter it, then send the file.")
    outside.organization, outside.assigned_at = row, at
    outside.save(update_fields=["organization", "assigned_at"])
    return row


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def record_outside_decision(
    *,
    appeal: Appeal,
    outcome: Outcome,
    rationale: str,
    reference: str,
    by: User,
    at: datetime,
    units: Decimal | None = None,
    cause_kind: str = "",
    cause_key: str = "",
    cause_words: str = "",
    listed: str = "",
    received_at: datetime | None = None,
) -> AppealDecision:
    """Keep what an outside body decided and carry it out: its order binds the plan.

    Args:
        listed: on a reversal for a provider on an exclusion list: who gives the care instead, or why it may be paid.
        received_at: aware instant at which the decision reached anybody of the plan; the time to carry it out counts
            from it. None: now.

    Raises:
        Invalid: no reason or no reference of the outside body.
        CauseMissing: a reversal without what failed.
        ProviderBarred: a reversal for a provider on an exclusion list without the sentence about it.
        IllegalAppealStep: the file is not with an outside body.
    """
    if not rationale.strip() or not reference.strip():
        raise Invalid("Write what the outside body decided and why, and its own reference.")
    received_at = received_at or at
    if received_at > at:
        raise Invalid("A decision cannot have been received in the future. Check date, time and zone.")
    check_cause(outcome=outcome, kind=cause_kind, words=cause_words)
    appeal = lock(appeal)
    if appeal.state != AppealState.OUTSIDE:
        raise IllegalAppealStep("The file of this appeal is not with an outside body.")
    check_part(outcome=outcome, units=units, asked=appeal.line.requested_units, approved=None)
    outside = OutsideReview.objects.select_for_update(of=("self",)).select_related("organization").get(appeal=appeal)
    outside.reference, outside.decision_received_at = reference.strip(), received_at
    outside.save(update_fields=["reference", "decision_received_at"])
    name = outside.organization.name if outside.organization else appeal.body.replace("_", " ")
    authority = f"{name}, {reference.strip()}"
    ground = Ground(
        because="external_review", rationale=rationale, licence=name, cited_authority=authority, listed=listed
    )
    determination = None
    if outcome is not Outcome.UPHELD:
        determination = reverse_on_appeal(
            line=appeal.line, units=units if outcome is Outcome.PARTLY else None, by=by, at=at, ground=ground
        )
    elif outside.because == UNDECIDED and LineStatus(appeal.line.status) in OPEN_STATUSES:
        determination = keep_outside_no(line=appeal.line, ground=ground, by=by, at=at)
    decision = AppealDecision(
        appeal=appeal, outcome=outcome, counted_as=Counted.OUTSIDE, rationale=rationale.strip(),
        cited_authority=authority, decided_by=by, decided_by_machine=by.is_machine, decided_at=at,
        licence=name, determination=determination,
    )  # fmt: skip
    return finish(appeal, decision, verdict_cause=(cause_kind, cause_key, cause_words), by=by, at=at, since=received_at)


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def set_hearing(*, appeal: Appeal, hearing_at: datetime, how: str, by: User, at: datetime) -> Appeal:
    """Keep the day of a hearing that the outside body set, or moved; the member's page shows it.

    Raises:
        Invalid: no place, number or address.
        IllegalAppealStep: nobody outside hears this appeal now.
    """
    if not how.strip():
        raise Invalid("Write where the hearing is, or how one takes part: place, telephone number, video.")
    appeal = lock(appeal)
    if appeal.body not in _WITH_HEARING or appeal.state not in {AppealState.TO_BE_SENT, AppealState.OUTSIDE}:
        raise IllegalAppealStep("Nobody outside the plan holds a hearing in this appeal now.")
    OutsideReview.objects.select_for_update().filter(appeal=appeal).update(
        hearing_at=hearing_at, hearing_how=how.strip()
    )
    audit.record(
        HearingSet(case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id),
        by=by,
        at=at,
    )
    return lock(appeal)
