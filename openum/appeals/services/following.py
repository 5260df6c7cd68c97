"""What appeals do when something happens: letters after their events, facts after letters, the next level by law.

`openum/lifecycle` names these functions; each takes the event.
"""

from datetime import datetime
from uuid import UUID

from openum.accounts.models import User
from openum.appeals.events import (
    AppealDecided,
    AppealDismissed,
    AppealExtended,
    AppealFiled,
    AppealMoved,
    AppealSpeedAnswered,
    BenefitContinued,
    DismissalVacated,
    ExternalReviewChecked,
    FileSentOn,
    OrganizationAssigned,
    ReviewOrganizationEntered,
    ReviewTakenBack,
)
from openum.appeals.models import Appeal, AppealDecision, ReviewOrganization
from openum.appeals.queries import followers_of, lack_a_body, law_of
from openum.appeals.rules.filing import Ground, SpeedAnswer
from openum.appeals.rules.law import Body, Program
from openum.appeals.rules.states import WITH_PLAN, AppealState, Outcome
from openum.appeals.services import letters
from openum.appeals.services.deciding import authorization_number, is_payment
from openum.appeals.services.effectuating import carry_out, close_if_done
from openum.appeals.services.filing import note_fact
from openum.appeals.services.outside import UNDECIDED, next_level, open_for_missed_time, open_next_level
from openum.appeals.services.sending import send_file
from openum.appeals.services.steps import lock
from openum.audit import Recorded
from openum.clocks import services as clocks
from openum.clocks.events import ClockLapsed
from openum.clocks.models import Clock
from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.rule import Missed, Recipient
from openum.clocks.services import NewFact
from openum.clocks.stored import setting_of
from openum.determination.models import Determination
from openum.notices.content import LetterKind
from openum.notices.events import NoticeSent
from openum.notices.models import Notice
from openum.vocabulary.terms import ClockPurpose, RequestKind, Urgency

_GIVES = frozenset({LetterKind.APPEAL_OVERTURNED, LetterKind.APPROVAL, LetterKind.PARTIAL_APPROVAL})
"""Letters that tell what a reversal gave; the plan's first answer, where it had given none, has an ordinary approval."""
_ANSWERS = _GIVES | {LetterKind.APPEAL_UPHELD}


def _person(recorded: Recorded) -> User:
    return User.objects.get(public_id=recorded.by.public_id)


def _appeal(public_id: UUID) -> Appeal:
    return lock(Appeal.objects.get(public_id=public_id))


def acknowledge_appeal(event: AppealFiled, recorded: Recorded) -> None:
    """An appeal came in: its receipt goes out in the same transaction. What the law itself opened needs none."""
    if event.cause == "asked":
        letters.acknowledge(_appeal(event.appeal_id), event_id=recorded.event_id, by=_person(recorded), at=recorded.at)


def tell_speed(event: AppealSpeedAnswered, recorded: Recorded) -> None:
    """Speed was refused: the letter says until when we answer, and how to complain fast."""
    if event.cause == SpeedAnswer.REFUSED:
        letters.refuse_speed(_appeal(event.appeal_id), event_id=recorded.event_id, by=_person(recorded), at=recorded.at)


def tell_dismissal(event: AppealDismissed, recorded: Recorded) -> None:
    """An appeal was dismissed: its letter names the right to a review."""
    if event.cause != Ground.NOT_ELIGIBLE:
        letters.dismiss(_appeal(event.appeal_id), event_id=recorded.event_id, by=_person(recorded), at=recorded.at)


def tell_withdrawal(event: AppealMoved, recorded: Recorded) -> None:
    """An appeal to the plan was taken back: the letter confirms it, so that nobody withdraws in another's name unseen."""
    if event.after == AppealState.WITHDRAWN:
        appeal = _appeal(event.appeal_id)
        if appeal.body == Body.PLAN:
            letters.dismiss(appeal, event_id=recorded.event_id, by=_person(recorded), at=recorded.at, is_withdrawn=True)


def tell_vacated(event: DismissalVacated, recorded: Recorded) -> None:
    """A dismissal was taken back: a receipt says again by when we answer, or what is still needed."""
    letters.acknowledge(_appeal(event.appeal_id), event_id=recorded.event_id, by=_person(recorded), at=recorded.at)


def tell_extension(event: AppealExtended, recorded: Recorded) -> None:
    """More time was taken for an appeal: the letter names the reason, the new day and the right to complain."""
    letters.extend(_appeal(event.appeal_id), event_id=recorded.event_id, by=_person(recorded), at=recorded.at)


def tell_check(event: ExternalReviewChecked, recorded: Recorded) -> None:
    """The preliminary review ended: the claimant hears what it found; of a complete one, when it has its organization."""
    appeal = _appeal(event.appeal_id)
    if event.cause != "complete" or appeal.outside.organization_id is not None:
        letters.tell_checked(appeal, event_id=recorded.event_id, by=_person(recorded), at=recorded.at)


def tell_assigned(event: OrganizationAssigned, recorded: Recorded) -> None:
    """The rotation gave the review to its organization: the claimant hears that it is complete, and who looks at it."""
    letters.tell_checked(_appeal(event.appeal_id), event_id=recorded.event_id, by=_person(recorded), at=recorded.at)


def tell_sent(event: FileSentOn, recorded: Recorded) -> None:
    """The file left for an outside body: the member hears where it is."""
    letters.tell_sent_on(_appeal(event.appeal_id), event_id=recorded.event_id, by=_person(recorded), at=recorded.at)


def tell_taken_back(event: ReviewTakenBack, recorded: Recorded) -> None:
    """A review outside was taken back: who was told of it hears that it ends, and when the plan answers."""
    letters.tell_taken_back(
        _appeal(event.appeal_id), was_sent=event.was_sent, event_id=recorded.event_id, by=_person(recorded),
        at=recorded.at,
    )  # fmt: skip


def tell_continuation(event: BenefitContinued, recorded: Recorded) -> None:
    """The wish to keep a benefit was answered, or the benefit ended: the member hears it in writing."""
    appeal, by = _appeal(event.appeal_id), _person(recorded)
    if event.cause == "ended":
        letters.end_continuation(appeal, event_id=recorded.event_id, by=by, at=recorded.at)
        return
    letters.tell_continuation(appeal, answer=event.cause, event_id=recorded.event_id, by=by, at=recorded.at)


def follow_decision(event: AppealDecided, recorded: Recorded) -> None:
    """An appeal was decided: the letter, the authorization as proof, and the next level where the law sends the file."""
    decision = AppealDecision.objects.select_related("determination", "evidence_map", "decided_by").get(
        public_id=event.decision_id
    )
    appeal, by = _appeal(event.appeal_id), _person(recorded)
    decision.appeal = appeal
    if event.outcome != Outcome.OVERTURNED and appeal.body == Body.PLAN:
        letters.uphold(decision, event_id=recorded.event_id, by=by, at=recorded.at)
    if appeal.body != Body.PLAN:
        letters.tell_outside_decision(decision, event_id=recorded.event_id, by=by, at=recorded.at)
    if decision.determination is not None and not is_payment(appeal):
        number = authorization_number(decision.determination)
        if number:
            carry_out(appeal=appeal, proof_kind="authorization", proof=number, by=by, at=recorded.at)
    level = next_level(law_of(appeal), appeal)
    if event.outcome != Outcome.OVERTURNED and level is not None and level.is_automatic:
        opened = open_next_level(appeal=appeal, because="upheld", asked=None, by=by, at=recorded.at)
        _send_on(opened, by=by, at=recorded.at)
    close_if_done(_appeal(event.appeal_id), by=by, at=recorded.at)


def follow_lapse(event: ClockLapsed, recorded: Recorded) -> None:
    """The time to decide passed: no decision is made of it; where the law says so, the file goes on."""
    if event.missed != Missed.FORWARD_TO_INDEPENDENT_REVIEW:
        return
    appeal = Appeal.objects.filter(request__public_id=event.request_id).first()
    if appeal is None:
        _send_undecided(event, recorded)
        return
    appeal = lock(appeal)
    level = next_level(law_of(appeal), appeal)
    if not law_of(appeal).sends_on_when_late or level is None or appeal.state not in WITH_PLAN:
        return
    if level.program is Program.MEDICAID or followers_of(appeal, beside=level).exists():
        return
    by = _person(recorded)
    opened = open_next_level(appeal=appeal, because="late", asked=None, by=by, at=recorded.at)
    _send_on(opened, by=by, at=recorded.at)


def _send_undecided(event: ClockLapsed, recorded: Recorded) -> None:
    """The time to decide a first request passed, and its law sends it to the independent reviewer without an appeal."""
    by = _person(recorded)
    clock = Clock.objects.get(public_id=event.clock_ids[0])
    row = setting_of(clock.request_id).book.rule(clock.governing_rule, clock.governing_version)
    is_fast = row.urgency is Urgency.EXPEDITED
    for line in clocks.lines_sent_on_when_late(event.request_id):
        opened = open_for_missed_time(line=line, is_fast=is_fast, by=by, at=recorded.at)
        if opened is not None:
            _send_on(opened, by=by, at=recorded.at)


def _send_on(opened: Appeal, *, by: User, at: datetime) -> None:
    """Send the file that the law sends on. While nobody is entered for the plan it stays owed, on the docket.

    What the plan decided, or missed, must not hang on an entry that somebody forgot.
    """
    if not lack_a_body([opened]):
        send_file(appeal=opened, by=by, at=at)


def send_what_waited(event: ReviewOrganizationEntered, recorded: Recorded) -> None:
    """A body was entered: the files that the law sends to it, and that waited for its name, go."""
    row = ReviewOrganization.objects.get(public_id=event.organization_id)
    waiting = Appeal.objects.filter(
        line__case__plan=row.plan_id, body=row.body, state=AppealState.TO_BE_SENT,
        outside__because__in=("upheld", "late", UNDECIDED), packets__isnull=True,
    ).order_by("filed_at", "pk")  # fmt: skip
    if row.body != Body.EXTERNAL:
        for appeal in waiting:
            send_file(appeal=appeal, by=_person(recorded), at=recorded.at)


def follow_letter(event: NoticeSent, recorded: Recorded) -> None:
    """A letter of an appeal left: what was owed by notice is met, and a decided appeal closes."""
    if event.cause in _GIVES:
        appeals = _decided_by(event)
    else:
        notice = Notice.objects.select_related("request").get(public_id=event.notice_id)
        if notice.request is None or notice.request.kind not in {RequestKind.APPEAL, RequestKind.EXTERNAL_REVIEW}:
            return
        appeals = list(Appeal.objects.filter(request=notice.request))
    for row in appeals:
        _note_letter(lock(row), event, recorded)
        if event.cause == LetterKind.OUTSIDE_DECISION:
            _note_outside_no(row, event, recorded)


def _note_outside_no(appeal: Appeal, event: NoticeSent, recorded: Recorded) -> None:
    """The letter told what the outside body decided on a request that the plan had not: its own notice is owed no more."""
    decision = AppealDecision.objects.filter(appeal=appeal, outcome=Outcome.UPHELD, determination__isnull=False).first()
    if decision is None:
        return
    fact = NewFact(
        kind=FactKind.NOTICE_SENT, at=recorded.at, reason="adverse", channel=event.channel,
        recipient=Recipient.ENROLLEE if event.audience == "member" else Recipient.PROVIDER,
        line_ids=(str(appeal.line.public_id),),
    )  # fmt: skip
    clocks.record_facts(request_id=appeal.line.request_id, facts=[fact], by=_person(recorded), at=recorded.at)


def _decided_by(event: NoticeSent) -> list[Appeal]:
    if event.determination_id is None:
        return []
    determination = Determination.objects.filter(public_id=event.determination_id).first()
    return list(Appeal.objects.filter(decision__determination=determination)) if determination else []


def _note_letter(appeal: Appeal, event: NoticeSent, recorded: Recorded) -> None:
    is_member = event.audience == "member"
    by = _person(recorded)
    if event.cause == LetterKind.APPEAL_ACKNOWLEDGEMENT and is_member and appeal.acknowledged_at is None:
        appeal.acknowledged_at = recorded.at
        appeal.save(update_fields=["acknowledged_at"])
        if appeal.counts_from is not None:
            note_fact(appeal, FactKind.ACKNOWLEDGED, by=by, at=recorded.at)
    if event.cause == LetterKind.APPEAL_SPEED_REFUSED and is_member and appeal.counts_from is not None:
        note_fact(appeal, FactKind.EXPEDITE_REFUSAL_SENT, by=by, at=recorded.at)
    if event.cause == LetterKind.APPEAL_EXTENSION and is_member and appeal.counts_from is not None:
        note_fact(appeal, FactKind.EXTENSION_LETTER_SENT, by=by, at=recorded.at)
    if event.cause in _ANSWERS | {LetterKind.EXTERNAL_REVIEW_CHECKED} and appeal.counts_from is not None:
        fact = NewFact(
            kind=FactKind.NOTICE_SENT, at=recorded.at,
            reason="adverse" if event.cause == LetterKind.APPEAL_UPHELD else "favourable",
            recipient=Recipient.ENROLLEE if is_member else Recipient.PROVIDER, channel=event.channel,
        )  # fmt: skip
        clocks.record_facts(request_id=appeal.request_id, facts=[fact], by=by, at=recorded.at)
    if event.cause in _ANSWERS and is_member and appeal.state == AppealState.DECIDED:
        close_if_done(appeal, by=by, at=recorded.at)


def late_appeals() -> list[Appeal]:
    """Return the appeals whose time to decide has passed and that still wait for the plan."""
    late = Clock.objects.filter(
        purpose=ClockPurpose.DECIDE, lapsed_at__isnull=False, stopped_at__isnull=True, request__kind=RequestKind.APPEAL
    ).values("request")
    return list(Appeal.objects.filter(request__in=late, state__in=sorted(WITH_PLAN)).order_by("filed_at"))
