"""What complaints and disputes do when something happens: letters after their events, facts after letters.

`openum/lifecycle` names these functions; each takes the event.
"""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from openum.accounts.models import User
from openum.audit import Recorded
from openum.cases.models import Request
from openum.clocks import services as clocks
from openum.clocks.queries import due_of
from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.rule import Recipient
from openum.clocks.services import NewFact
from openum.grievances.events import (
    DisputeAnswered,
    DisputeFiled,
    GrievanceAnswered,
    GrievanceExtended,
    GrievanceFiled,
)
from openum.grievances.models import Grievance, ProviderDispute
from openum.grievances.services.steps import lock_grievance, note_fact
from openum.notices.assembly import grievances as letters
from openum.notices.assembly.common import Setting
from openum.notices.content import Letter, LetterKind
from openum.notices.events import NoticeSent
from openum.notices.models import Notice
from openum.notices.services.issuing import Build, Occasion, issue_all
from openum.vocabulary.terms import (
    ClockPurpose,
)


def _story(grievance: Grievance) -> letters.Story:
    return letters.Story(
        number=grievance.number, filed_at=grievance.filed_at, filed_by=grievance.filer_name, about=grievance.about
    )


def _issue(grievance: Grievance, build: Build, kind: LetterKind, recorded: Recorded, *, words: str = "") -> None:
    occasion = Occasion(
        case=grievance.request.case, request=grievance.request, lines=(), event_id=recorded.event_id,
        by=User.objects.get(public_id=recorded.by.public_id), at=recorded.at, to_member_only=True, words=words,
        kept_because=grievance.words_kept,
    )  # fmt: skip
    issue_all(occasion, build, lambda _: (kind,))


def _due_day(request: Request, recorded: Recorded) -> date:
    due = due_of(request, ClockPurpose.DECIDE) or recorded.at
    return due.astimezone(ZoneInfo(request.case.product.time_zone)).date()


def acknowledge(event: GrievanceFiled, recorded: Recorded) -> None:
    """A complaint came in: its receipt says by when it is answered."""
    grievance = lock_grievance(Grievance.objects.get(public_id=event.grievance_id))
    answer_by = _due_day(grievance.request, recorded)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.acknowledgement_letter(setting, _story(grievance), answer_by=answer_by)

    _issue(grievance, build, LetterKind.GRIEVANCE_ACKNOWLEDGEMENT, recorded)


def tell_extension(event: GrievanceExtended, recorded: Recorded) -> None:
    """More time was taken for a complaint: the letter names the reason, the new day and the right to a fast complaint."""
    grievance = lock_grievance(Grievance.objects.get(public_id=event.grievance_id))
    answer_by = _due_day(grievance.request, recorded)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.extension_letter(setting, _story(grievance), why=grievance.extended_because, answer_by=answer_by)

    _issue(grievance, build, LetterKind.GRIEVANCE_EXTENSION, recorded)


def tell_answer(event: GrievanceAnswered, recorded: Recorded) -> None:
    """A complaint was answered: the letter says what was found and what is done."""
    grievance = lock_grievance(Grievance.objects.get(public_id=event.grievance_id))

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.resolution_letter(setting, _story(grievance), found=grievance.found, done=grievance.done)

    _issue(grievance, build, LetterKind.GRIEVANCE_RESOLUTION, recorded, words=f"{grievance.found} {grievance.done}")


_OF_COMPLAINTS = frozenset({LetterKind.GRIEVANCE_ACKNOWLEDGEMENT, LetterKind.GRIEVANCE_RESOLUTION})
_OF_DISPUTES = frozenset({LetterKind.DISPUTE_ACKNOWLEDGEMENT, LetterKind.DISPUTE_ANSWER})


def follow_letter(event: NoticeSent, recorded: Recorded) -> None:
    """A letter about a complaint or a dispute left: the duty to acknowledge or to answer is met."""
    if event.cause not in _OF_COMPLAINTS | _OF_DISPUTES:
        return
    notice = Notice.objects.select_related("request").get(public_id=event.notice_id)
    if notice.request is None:
        return
    by = User.objects.get(public_id=recorded.by.public_id)
    if event.cause in {LetterKind.GRIEVANCE_ACKNOWLEDGEMENT, LetterKind.DISPUTE_ACKNOWLEDGEMENT}:
        table = Grievance if event.cause in _OF_COMPLAINTS else ProviderDispute
        rows = table.objects.filter(request=notice.request, acknowledged_at__isnull=True)
        if rows.update(acknowledged_at=recorded.at):
            note_fact(notice.request, FactKind.ACKNOWLEDGED, by=by, at=recorded.at)
        return
    fact = NewFact(
        kind=FactKind.NOTICE_SENT, at=recorded.at, reason="answered", channel=event.channel,
        recipient=Recipient.ENROLLEE if event.cause in _OF_COMPLAINTS else Recipient.PROVIDER,
    )  # fmt: skip
    clocks.record_facts(request_id=notice.request.pk, facts=[fact], by=by, at=recorded.at)


def _dispute(public_id: UUID) -> ProviderDispute:
    return ProviderDispute.objects.select_related(
        "request__case__plan", "request__case__product", "request__case__member", "request__case__organization",
        "organization", "line__request", "answered_by",
    ).get(public_id=public_id)  # fmt: skip


def _issue_dispute(dispute: ProviderDispute, build: Build, kind: LetterKind, recorded: Recorded) -> None:
    occasion = Occasion(
        case=dispute.request.case, request=dispute.request, lines=(dispute.line,), event_id=recorded.event_id,
        by=User.objects.get(public_id=recorded.by.public_id), at=recorded.at, to_provider_only=True,
    )  # fmt: skip
    issue_all(occasion, build, lambda _: (kind,))


def _dispute_story(dispute: ProviderDispute) -> letters.DisputeStory:
    return letters.DisputeStory(number=dispute.number, filed_at=dispute.filed_at, filed_by=dispute.organization.name)


def acknowledge_dispute(event: DisputeFiled, recorded: Recorded) -> None:
    """A provider disputed: the receipt says by when we answer, and that the member's right is another."""
    dispute = _dispute(event.dispute_id)
    answer_by = _due_day(dispute.request, recorded)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.dispute_acknowledgement_letter(setting, _dispute_story(dispute), answer_by=answer_by)

    _issue_dispute(dispute, build, LetterKind.DISPUTE_ACKNOWLEDGEMENT, recorded)


def tell_dispute_answer(event: DisputeAnswered, recorded: Recorded) -> None:
    """A dispute was answered: the letter gives the reasons and the next step of the contract."""
    dispute = _dispute(event.dispute_id)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.dispute_answer_letter(
            setting, _dispute_story(dispute), answer=dispute.answer, is_for_provider=event.is_for_provider,
            answered_by=dispute.answered_by.name if dispute.answered_by else "",
        )  # fmt: skip

    _issue_dispute(dispute, build, LetterKind.DISPUTE_ANSWER, recorded)
