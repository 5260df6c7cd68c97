"""What people do to clocks: take an extension, ask for or refuse speed, note an answer that went out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Request, ServiceLine
from openum.cases.services import write_note
from openum.clocks.events import ExpediteRefused
from openum.clocks.models import Clock
from openum.clocks.rules.counting import end_of
from openum.clocks.rules.facts import FactKind, first
from openum.clocks.rules.rule import Force, Information, Recipient, Rule
from openum.clocks.services.recording import record_facts
from openum.clocks.stored import NewFact, Setting, facts_of, setting_of
from openum.db.plain import select_of_request
from openum.vocabulary.errors import Conflict, NotAllowed
from openum.vocabulary.terms import ClockPurpose, NetworkStatus


class ExtensionNotAllowed(NotAllowed):
    """The law of this request admits no extension, or not for this reason."""

    code: ClassVar[str] = "extension-not-allowed"


class ExtensionTooLate(Conflict):
    """The time is over, so an extension would be void."""

    code: ClassVar[str] = "extension-too-late"


class ExtensionUsed(Conflict):
    """Only one extension may be taken."""

    code: ClassVar[str] = "extension-used"


class SpeedAttested(NotAllowed):
    """A clinician attested the urgency; the plan may not refuse to expedite."""

    code: ClassVar[str] = "speed-attested"


@permitted(Permission.REVIEW_LINES, Permission.MANAGE_APPEALS, Permission.MANAGE_GRIEVANCES, on="request.case")
@transaction.atomic
def take_extension(*, request: Request, reason: str, by: User, at: datetime, days: int | None = None) -> list[Clock]:
    """Extend the time to decide, once, as the law admits. The written notice to the enrollee is part of it.

    Args:
        request: whose time is extended.
        reason: a word the row admits, for example `enrollee_asked`, `noncontract_evidence`, `beyond_control`.
        by: who takes it.
        at: aware instant at which the notice is sent.
        days: fewer calendar days than the law allows; None takes all.

    Raises:
        ExtensionNotAllowed: no extension in this law, not for this reason, or not for a contracted provider.
        ExtensionTooLate: the original time is over (the notice would be void).
        ExtensionUsed: one was taken before.
    """
    clock, rule = _deciding(setting_of(request.pk, lock=True))
    terms = rule.extension
    if terms is None:
        raise ExtensionNotAllowed(f"{rule.law} allows no extension. Decide in the time that runs.")
    if terms.reasons and reason not in terms.reasons:
        raise ExtensionNotAllowed(f"{terms.law} does not admit this reason. It admits: {', '.join(terms.reasons)}.")
    if not terms.contracted_provider and reason == "noncontract_evidence" and not _has_outside_provider(request):
        raise ExtensionNotAllowed(
            f"{terms.law} admits waiting for evidence of a non-contract provider only; this provider is contracted."
        )
    if first(facts_of(request.pk), FactKind.EXTENSION_TAKEN) is not None:
        raise ExtensionUsed(f"An extension was taken before; {terms.law} allows one.")
    if clock.due_at is None or at > clock.due_at:
        raise ExtensionTooLate("The time to decide is over. A notice of extension would be void; decide now.")
    fact = NewFact(kind=FactKind.EXTENSION_TAKEN, at=at, days=days, reason=reason)
    return record_facts(request_id=request.pk, facts=[fact], by=by, at=at)


@permitted(Permission.REVIEW_LINES, on="request.case")
@transaction.atomic
def upgrade(
    *, request: Request, asked_at: datetime, by: User, at: datetime, asked_by: str = "", reason: str = ""
) -> list[Clock]:
    """Count the expedited time from the request to expedite; the standard time that runs stays the limit.

    Args:
        request: whose time it is.
        asked_at: aware instant at which somebody asked.
        by: who records it.
        at: aware instant of recording.
        asked_by: who asked, for the record.
        reason: why the standard time could do harm, for the record.

    Raises:
        FactInTheFuture: asked after `at`.
    """
    if reason.strip():
        who = f"{asked_by.strip()}: " if asked_by.strip() else ""
        write_note(
            case=request.case, text=f"Asked to expedite. {who}{reason.strip()}", purpose="expedite", by=by, at=at
        )
    return record_facts(request_id=request.pk, facts=[NewFact(kind=FactKind.UPGRADED, at=asked_at)], by=by, at=at)


@permitted(Permission.REVIEW_LINES, on="request.case")
@transaction.atomic
def refuse_expedite(*, request: Request, by: User, at: datetime, reason: str = "") -> list[Clock]:
    """Return the request to the standard time, counted from its first receipt; the letter about it follows.

    Args:
        request: whose time it is.
        by: who refuses.
        at: aware instant.
        reason: why the standard time does no harm, for the record.

    Raises:
        SpeedAttested: a clinician attested the urgency, so the plan must expedite (42 CFR 422.570(c)(2)(ii)).
    """
    if request.urgency_attested_by:
        raise SpeedAttested(
            f"{request.urgency_attested_by} attested that waiting could do harm. The plan must then decide fast "
            "(42 CFR 422.570(c)(2)(ii), 29 CFR 2560.503-1(m)(1)(iii))."
        )
    if reason.strip():
        write_note(case=request.case, text=f"Refused to expedite. {reason.strip()}", purpose="expedite", by=by, at=at)
    clocks = record_facts(request_id=request.pk, facts=[NewFact(kind=FactKind.DOWNGRADED, at=at)], by=by, at=at)
    audit.record(ExpediteRefused(case_id=request.case.public_id, request_id=request.public_id), by=by, at=at)
    return clocks


@transaction.atomic
def note_notice(
    *,
    request: Request,
    recipient: Recipient,
    channel: str,
    sent_at: datetime,
    by: User,
    at: datetime,
    line_ids: Sequence[UUID] = (),
    event_id: UUID | None = None,
) -> list[Clock]:
    """Stop clocks by a notice whose sending is proved: published (electronic) or handed over (mail)."""
    fact = NewFact(
        kind=FactKind.NOTICE_SENT,
        at=sent_at,
        recipient=recipient,
        channel=channel,
        line_ids=tuple(str(line) for line in line_ids),
    )
    return record_facts(request_id=request.pk, facts=[fact], by=by, at=at, event_id=event_id)


@transaction.atomic
def stop(
    *,
    request: Request,
    kind: FactKind,
    happened_at: datetime,
    by: User,
    at: datetime,
    recipient: str = "",
    line_ids: Sequence[UUID] = (),
) -> list[Clock]:
    """Record any other event that meets an obligation: forwarded, effectuated, the letter about a refused expedite."""
    fact = NewFact(kind=kind, at=happened_at, recipient=recipient, line_ids=tuple(str(line) for line in line_ids))
    return record_facts(request_id=request.pk, facts=[fact], by=by, at=at)


def automatic_extension(request_id: int, *, at: datetime) -> NewFact | None:
    """Return the extension that asking for missing information takes with it, where the law tolls, else None.

    The request for information is the notice of extension; the claimant has at least the days the row names.
    """
    setting = setting_of(request_id, lock=True)
    deciding = _find_deciding(setting)
    if deciding is None:
        return None
    clock, rule = deciding
    terms = rule.extension
    if terms is None or not terms.automatic or rule.information.effect is not Information.TOLLS_AFTER_EXTENSION:
        return None
    if clock.due_at is None or at > clock.due_at:
        return None
    if first(facts_of(request_id), FactKind.EXTENSION_TAKEN) is not None:
        return None
    zone = setting.zone
    until = end_of(at.astimezone(zone).date() + timedelta(days=rule.information.claimant_days), zone)
    return NewFact(kind=FactKind.EXTENSION_TAKEN, at=at, days=terms.days, reason="info", respond_by=until)


def _find_deciding(setting: Setting) -> tuple[Clock, Rule] | None:
    """Return the open clock of law to decide that has an extension if any has one, and the row that governs it."""
    found: list[tuple[Clock, Rule]] = [
        (clock, setting.book.rule(clock.governing_rule, clock.governing_version))
        for clock in select_of_request(Clock, setting.request_id, order="id", lock=True)
        if clock.purpose == ClockPurpose.DECIDE and clock.force == Force.LAW and clock.stopped_at is None
    ]
    found.sort(key=lambda pair: pair[1].extension is None)
    return found[0] if found else None


def _deciding(setting: Setting) -> tuple[Clock, Rule]:
    deciding = _find_deciding(setting)
    if deciding is None:
        raise ExtensionNotAllowed("No time to decide runs on this request, so there is nothing to extend.")
    return deciding


def _has_outside_provider(request: Request) -> bool:
    return ServiceLine.objects.filter(request=request, network_status=NetworkStatus.OUT_OF_NETWORK).exists()
