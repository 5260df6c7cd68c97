"""Decisions that two people make: the policy, asking, agreeing, sending back. A decision waits; its clock does not."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import superiors_of
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, ServiceLine
from openum.cases.services import lock_line
from openum.clocks.queries import binding_clock
from openum.criteria.queries import current_map
from openum.criteria.snapshots import snapshot_of
from openum.db.text import clean
from openum.db.transactions import atomic
from openum.determination.events import SecondReadingAnswered, SecondReadingAsked
from openum.determination.models import Determination, SecondReading
from openum.determination.queries import licence_to_deny
from openum.determination.rules import no_clinician
from openum.determination.second_reading import (
    SECOND_READINGS,
    Asked,
    Facts,
    NoReadingAsked,
    NotTheSecondReader,
    ReadingSettled,
    Row,
    SecondReadingMissing,
    Wanted,
    WordsMissing,
    asked_of,
    check_may_go_on,
    check_may_read,
    read_document,
)
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.directory.services import publish_policy
from openum.vocabulary.canonical import digest_of
from openum.vocabulary.terms import LineStatus

if TYPE_CHECKING:
    from openum.determination.services.record import Decision

_MOST_WORDS = 4000


@atomic
@permitted(Permission.PUBLISH_GUIDELINES, on="plan", serves_software=True)
def publish_second_readings(*, text: str, plan: Plan, by: User, at: datetime) -> Policy:
    """Publish which decisions two people make in a plan, as an immutable row.

    Raises:
        PermissionRefused: the person may not publish the plan's clinical policies. Software that loads policies may.
        SecondReadingsInvalid: the document has a fault; nothing is published.
        PolicyVersionChanged: the version is published with other content.
    """
    document = read_document(text)
    return publish_policy(
        kind=SECOND_READINGS, key=document.key, version=document.version, body=text, source=document.source,
        effective_from=document.effective_from, plan=plan, by=by, at=at,
    )  # fmt: skip


def reading_rows(line: ServiceLine, *, at: datetime) -> list[tuple[Row, Policy]]:
    """Return the rows of the line's plan in force on the plan's day, each with the policy it stands in."""
    policies = policies_on(plan=line.case.plan, kind=SECOND_READINGS, on=_day(line, at))
    return [(row, policy) for policy in policies for row in read_document(policy.body).rows]


def asked_for(line: ServiceLine, *, outcome: str, reason_class: str, at: datetime) -> Asked | None:
    """Return what the plan's policy asks of a decision before it is signed; nothing of a sandbox."""
    if line.case.is_sandbox:
        return None
    rows = [row for row, _policy in reading_rows(line, at=at)]
    return asked_of(rows, facts_of(line, outcome=outcome, reason_class=reason_class)) if rows else None


def check_read_twice(line: ServiceLine, decision: "Decision", *, by: User, at: datetime) -> SecondReading | None:
    """Refuse a decision that two people make until the second agreed to this very content; return the reading.

    Raises:
        SecondReadingMissing: not asked, not read yet, sent back, run out, or agreed to with other content.
    """
    asked = asked_for(line, outcome=decision.outcome, reason_class=decision.reason_class, at=at)
    if asked is None:
        return None
    content = _content(line, decision)
    wanted = Wanted(asked=asked, content=content, digest=digest_of(content))
    mine = SecondReading.objects.filter(line=line, asked_by=by, determination__isnull=True).order_by("-asked_at", "-pk")
    same = [row for row in mine if row.digest == wanted.digest]
    for row in same:
        if row.state == SecondReading.UNREAD:
            return row
        if row.state == SecondReading.AGREED and row.holds_until is not None and at < row.holds_until:
            return row
    raise SecondReadingMissing(_why_missing(same, is_other=bool(mine)), wanted)


def _why_missing(same: list[SecondReading], *, is_other: bool) -> str:
    if not same:
        if is_other:
            return (
                "What you are about to sign, or the evidence under it, is not what the second clinician was given. "
                "Ask for a reading of it as it is now."
            )
        return "The plan wants a second clinician to agree before this is signed. Ask for the second reading."
    return {
        SecondReading.ASKED: "The second clinician has not read this yet. The time to decide goes on.",
        SecondReading.SENT_BACK: "The second clinician sent this back. Change it, then ask for a reading of it as it is.",
        SecondReading.AGREED: "The second clinician's agreement has run out. Ask for the reading again.",
        SecondReading.TAKEN_BACK: "You took the reading back. Ask for it again.",
    }[same[0].state]


@permitted(Permission.APPROVE_LINES, on="line.case")
@transaction.atomic
def ask_second_reading(
    *, line: ServiceLine, attempt: Callable[[], Determination], by: User, at: datetime
) -> SecondReading:
    """Give a decision to a second clinician. Every check of the decision itself is made first; it stops no clock.

    Args:
        attempt: makes the decision by its own service; nothing of it is kept.

    Raises:
        NoReadingAsked: the policy asks for none, or the agreement is there: sign it.
        ReadingSettled: a colleague's decision on the line is being read.
        As the service of the decision.
    """
    line = lock_line(line)
    try:
        with transaction.atomic():
            attempt()
            raise NoReadingAsked("Nothing more has to be read before this is signed. Sign it.")
    except SecondReadingMissing as missing:
        wanted = missing.wanted
    standing = SecondReading.objects.select_for_update().filter(line=line, state=SecondReading.ASKED).first()
    if standing is not None:
        if standing.asked_by_id != by.pk:
            raise ReadingSettled("A colleague's decision on this line is being read. Read it, or wait for the answer.")
        if standing.digest == wanted.digest:
            return standing
        _answer(standing, SecondReading.TAKEN_BACK, by=by, at=at)
    keys = {row.key for row in wanted.asked.rows}
    policy = next(policy for row, policy in reading_rows(line, at=at) if row.key in keys)
    reading = SecondReading.objects.create(
        line=line, policy=policy, rows=sorted(keys), not_subordinate=wanted.asked.not_subordinate,
        content=wanted.content, digest=wanted.digest, asked_by=by, asked_at=at,
    )  # fmt: skip
    audit.record(
        SecondReadingAsked(
            case_id=line.case.public_id, line_ids=(line.public_id,), reading_id=reading.public_id, digest=reading.digest
        ),
        by=by, at=at,
    )  # fmt: skip
    return reading


@permitted(Permission.DECIDE_ADVERSELY, on="reading.line.case", refusal=no_clinician)
@transaction.atomic
def agree_to_reading(*, reading: SecondReading, by: User, at: datetime, words: str = "") -> SecondReading:
    """Agree, as the second clinician, to a decision as it stands in the reading.

    Raises:
        ReadingSettled: answered meanwhile, or the evidence is not any more what was given to read.
        NotTheSecondReader: who decides, or somebody who reports to them where the policy minds.
        ReviewerNotQualified, ConflictOfInterest: not fit to decide this line.
    """
    reading = _open(reading)
    licence = check_second_reader(reading, by=by, at=at)
    if evidence_of(reading.line) != reading.content["evidence"]:
        raise ReadingSettled("The evidence changed since this was asked. Send it back, so that it is written anew.")
    asked = asked_for(
        reading.line, outcome=reading.content["outcome"], reason_class=reading.content["reason_class"], at=at
    )
    if asked is None:
        raise ReadingSettled("The plan's policy asks for this reading no more. Who decides can sign.")
    reading.holds_until, reading.licence = at + asked.holds, licence
    return _answer(reading, SecondReading.AGREED, by=by, at=at, words=words)


@permitted(Permission.DECIDE_ADVERSELY, on="reading.line.case", refusal=no_clinician)
@transaction.atomic
def send_reading_back(*, reading: SecondReading, words: str, by: User, at: datetime) -> SecondReading:
    """Send a decision back to who means to make it, with words.

    Raises:
        WordsMissing: nothing is said.
        As agree_to_reading, but changed evidence is no hindrance.
    """
    reading = _open(reading)
    reading.licence = check_second_reader(reading, by=by, at=at)
    if not words.strip():
        raise WordsMissing("Say what should be looked at again.")
    return _answer(reading, SecondReading.SENT_BACK, by=by, at=at, words=words)


@permitted(Permission.APPROVE_LINES, on="reading.line.case")
@transaction.atomic
def take_reading_back(*, reading: SecondReading, by: User, at: datetime) -> SecondReading:
    """Take one's own decision back before it is read.

    Raises:
        NotTheSecondReader: somebody else asked.
        ReadingSettled: it is answered.
    """
    reading = _own(_open(reading), by)
    return _answer(reading, SecondReading.TAKEN_BACK, by=by, at=at)


@permitted(Permission.APPROVE_LINES, on="reading.line.case")
@transaction.atomic
def go_on_unread(*, reading: SecondReading, words: str, by: User, at: datetime) -> SecondReading:
    """Go on without the reading in the last hours before the deadline, where the plan lets it give way.

    Raises:
        TooEarlyToGoOn: there is time, or the plan lets nobody.
        WordsMissing: no reason.
        NotTheSecondReader: somebody else asked.
        ReadingSettled: it is answered.
    """
    reading = _own(_open(reading), by)
    asked = asked_for(
        reading.line, outcome=reading.content["outcome"], reason_class=reading.content["reason_class"], at=at
    )
    clock = binding_clock(reading.line.case)
    if asked is not None:
        check_may_go_on(gives_way=asked.gives_way, due_at=clock.due_at if clock else None, at=at)
    if not words.strip():
        raise WordsMissing("Say whom you asked and why nobody could read it in time.")
    return _answer(reading, SecondReading.UNREAD, by=by, at=at, words=words)


def check_second_reader(reading: SecondReading, *, by: User, at: datetime) -> str:
    """Refuse who may not read a decision; return the licence that makes them fit (raises as agree_to_reading)."""
    superiors = superiors_of(by)
    check_may_read(
        reader=str(by.public_id), asker=str(reading.asked_by.public_id), superiors=superiors,
        not_subordinate=reading.not_subordinate,
    )  # fmt: skip
    licence = licence_to_deny(reading.line, by=by, on=_day(reading.line, at))
    return f"{licence.kind} {licence.state}"


def evidence_of(line: ServiceLine) -> dict[str, Any]:
    """Return digests of what a decision on a line rests on: the criteria with their evidence, and the documents."""
    documents = Attachment.objects.filter(case=line.case, moved_to__isnull=True).values_list("digest", flat=True)
    return {"map": digest_of(snapshot_of(current_map(line))), "documents": sorted(documents)}


def _open(reading: SecondReading) -> SecondReading:
    found = (
        SecondReading.objects.select_for_update(of=("self",))
        .select_related("asked_by", "line__case__plan", "line__case__product", "line__case__member", "line__request")
        .get(pk=reading.pk)
    )
    if found.state != SecondReading.ASKED:
        raise ReadingSettled("This reading is answered or was taken back. Reload the page.")
    return found


def _own(reading: SecondReading, by: User) -> SecondReading:
    if reading.asked_by_id != by.pk:
        raise NotTheSecondReader("Only who asked for this reading may do that.")
    return reading


def _answer(reading: SecondReading, state: str, *, by: User, at: datetime, words: str = "") -> SecondReading:
    reading.state, reading.answered_by, reading.answered_at = state, by, at
    reading.words = clean(words.strip())[:_MOST_WORDS]
    reading.save(update_fields=["state", "answered_by", "answered_at", "words", "licence", "holds_until"])
    line = reading.line
    audit.record(
        SecondReadingAnswered(
            case_id=line.case.public_id, line_ids=(line.public_id,), reading_id=reading.public_id, answer=state
        ),
        by=by, at=at,
    )  # fmt: skip
    return reading


def facts_of(line: ServiceLine, *, outcome: str, reason_class: str) -> Facts:
    """Return what of a decision about a line the rows of a policy can name."""
    units, price = line.requested_units, line.unit_price_cents
    return Facts(
        decision=outcome, reason_class=reason_class, line_of_business=line.case.product.line_of_business,
        specialty=line.specialty, service_class=line.service_class, code=line.code,
        units=float(units) if units is not None else None,
        amount_cents=int(price * (units or 1)) if price is not None else None,
    )  # fmt: skip


def _content(line: ServiceLine, decision: "Decision") -> Mapping[str, Any]:
    """Return what is signed, without what the guards found by themselves, in plain JSON."""
    end, other = decision.early_end, decision.certified
    return {
        "outcome": LineStatus(decision.outcome).value,
        "units": str(decision.units.normalize()) if decision.units is not None else "",
        "certified": [other.code_system, other.code, other.code_end, *other.modifiers] if other else [],
        "last_day": end.last_day.isoformat() if end else "",
        "because": decision.supersedes_because,
        "reason_class": decision.reason_class.value,
        "reason": decision.reason,
        "rationale": decision.rationale.strip(),
        "cited_authority": decision.cited_authority.strip(),
        "node_answers": {key: words.strip() for key, words in decision.node_answers.items() if words.strip()},
        "statements": dict(decision.statements),
        "different": decision.different_from_overturned,
        "evidence": evidence_of(line),
    }


def _day(line: ServiceLine, at: datetime) -> date:
    return at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
