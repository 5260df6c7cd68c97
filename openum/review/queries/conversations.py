"""Reads of conversations between clinicians: what may still take place, who belongs to one, what happened so far."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from openum.accounts.models import User
from openum.accounts.queries import reviewer_facts
from openum.cases.holdings import holds
from openum.cases.models import ContactAttempt, Party, ServiceLine
from openum.cases.queries import lines_visible_to
from openum.clocks.queries import due_of
from openum.db.reading import once_a_page
from openum.review.models import PeerToPeer, PeerToPeerDelegate, PeerToPeerSlot
from openum.review.rules.offers import MayNotHold, TalkFacts, check_may_hold
from openum.review.terms import local_day_of, terms_of
from openum.vocabulary.terms import ClockPurpose, PartyRole

_DOCTOR_ROLES = (PartyRole.ORDERING, PartyRole.TREATING)


def still_open(at: datetime) -> Q:
    """Conversations that a practice can still book or move: booked, or offered and the window not over."""
    in_window = Q(open_until__isnull=True) | Q(open_until__gte=at)
    return Q(state=PeerToPeer.BOOKED) | (Q(state=PeerToPeer.OFFERED) & in_window)


def still_open_for_plan(at: datetime) -> Q:
    """Conversations the plan still has to do with: those, and what was answered in writing and not read."""
    return still_open(at) | Q(state=PeerToPeer.WRITTEN)


@once_a_page(lambda line: line.pk)
def conversations_of(line: ServiceLine) -> list[PeerToPeer]:
    """Return the conversations on a line, newest first."""
    if not holds(line.case, PeerToPeer):
        return []
    return list(
        PeerToPeer.objects.select_related("slot", "slot__physician", "held_by")
        .filter(line=line)
        .order_by("-offered_at", "-pk")
    )


def conversations_visible_to(user: User) -> QuerySet[PeerToPeer]:
    """Conversations on lines an actor may see."""
    return PeerToPeer.objects.select_related("case", "line", "slot").filter(
        Exists(lines_visible_to(user).filter(pk=OuterRef("line_id")))
    )


def ordering_doctors(line: ServiceLine) -> list[Party]:
    """Return the clinicians who ordered the service or treat the member, each once, the one who ordered first."""
    found: dict[str, Party] = {}
    for role in _DOCTOR_ROLES:
        for party in Party.objects.filter(request=line.request, role=role, organization__isnull=True).order_by("pk"):
            found.setdefault(party.npi or party.name, party)
    return list(found.values())


def is_ordering_doctor(line: ServiceLine, user: User) -> bool:
    """Say whether a login is that of a clinician who ordered the service or treats the member."""
    return bool(user.npi) and user.npi in {party.npi for party in ordering_doctors(line)}


def delegates_of(conversation: PeerToPeer) -> list[PeerToPeerDelegate]:
    """Return who may book or speak in the doctor's place now, first named first."""
    return list(
        conversation.delegates.filter(ended_at__isnull=True)
        .select_related("user", "named_by")
        .order_by("named_at", "pk")
    )


def logins_of_practice(conversation: PeerToPeer) -> list[User]:
    """Return the logins of the practice that asked; empty where it has none."""
    organization = conversation.case.organization_id
    if organization is None:
        return []
    return list(
        User.objects.filter(memberships__organization_id=organization, is_active=True, kind=User.PERSON)
        .distinct()
        .order_by("name", "pk")
    )


def people_of(conversation: PeerToPeer, speaker: PeerToPeerDelegate | None) -> list[User]:
    """Return whom a calendar file goes to: the physician of the time, who booked it, and a speaker with a login."""
    people = [conversation.slot.physician if conversation.slot else None, conversation.booked_by]
    people.append(speaker.user if speaker is not None else None)
    return list(dict.fromkeys(person for person in people if person is not None))


def may_be_booked(slot: PeerToPeerSlot, conversation: PeerToPeer) -> bool:
    """Say whether a time is free for a conversation: published, not taken, by an active physician of this plan."""
    holder = PeerToPeer.objects.filter(slot=slot).first()
    return (
        slot.withdrawn_at is None
        and (holder is None or holder.pk == conversation.pk)
        and slot.physician.is_active
        and slot.physician.memberships.filter(plan_id=conversation.case.plan_id).exists()
        and is_peer(slot.physician, conversation, at=slot.starts_at)
    )


def is_peer(physician: User, conversation: PeerToPeer, *, at: datetime) -> bool:
    """Say whether a physician of the plan may hold a conversation at an instant, by the terms of its line."""
    line = conversation.line
    terms, on = terms_of(line, at=at)[0], local_day_of(line.case, at)
    state = line.case.product.state
    try:
        check_may_hold(terms, holder=reviewer_facts(physician), specialty=line.specialty, state=state, on=on)
    except MayNotHold:
        return False
    return True


@once_a_page(lambda line: line.pk)
def talk_facts(line: ServiceLine) -> TalkFacts:
    """Return what happened on a line, as far as the opportunity to talk before a no depends on it."""
    talks = conversations_of(line)[::-1]
    failed = max((item.plan_failed_at for item in talks if item.plan_failed_at is not None), default=None)
    attempts = ContactAttempt.objects.filter(case_id=line.case_id, purpose="peer-to-peer")
    if failed is not None:
        attempts = attempts.filter(at__gt=failed)
    booked = next((item for item in talks if item.state == PeerToPeer.BOOKED), None)
    return TalkFacts(
        was_offered=bool(talks),
        was_held=any(item.state == PeerToPeer.HELD for item in talks),
        was_declined=any(item.state == PeerToPeer.DECLINED for item in talks),
        has_unread_writing=any(item.state == PeerToPeer.WRITTEN for item in talks),
        attempts=attempts.count(),
        window_ends_at=talks[-1].open_until if talks else None,
        booked_for=booked.slot.starts_at if booked and booked.slot else None,
        decide_by=due_of(line.request, ClockPurpose.DECIDE),
    )
