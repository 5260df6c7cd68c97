"""Show every letter of a decision before it is signed: both languages, grade, what is missing. Writes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import reviewer_facts
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.criteria.queries import current_map
from openum.criteria.snapshots import snapshot_of
from openum.determination.ending import EndingGround
from openum.determination.models import AuthorizationSegment
from openum.determination.queries import current_determination
from openum.determination.services import EARLY_END, check_early_end, cut
from openum.determination.services.record import VALID_DAYS, validity
from openum.notices.assembly.common import Setting
from openum.notices.assembly.decision import Approval, Decision, kinds_for, letter_about
from openum.notices.content import Letter, LetterKind
from openum.notices.elements import Audience, LetterIncomplete
from openum.notices.reading_grade import long_words
from openum.notices.render import render_html
from openum.notices.services.issuing import Build, Made, Occasion, make, settings_for, why_held
from openum.vocabulary.reading import Grade, grade
from openum.vocabulary.terms import LineStatus, ReasonClass

_ADVERSE = frozenset({LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED})
_APPROVES = frozenset({LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED})
_NO_EVENT = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class PreviewLetter:
    """One letter as it would go out; without `html` it is incomplete and signing would be refused."""

    kind: LetterKind
    audience: Audience
    language: str
    recipient: str
    title: str
    html: str
    grade: Grade | None
    gate: str
    missing: tuple[str, ...]
    untranslated: tuple[str, ...]
    not_for_production: str
    held_because: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """All letters of a decision, beside the clinical text as the physician wrote it and its own reading grade."""

    letters: tuple[PreviewLetter, ...]
    clinical_text: str
    rationale_grade: Grade | None
    long_words: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What stands in the way of signing, each once."""
        return tuple(dict.fromkeys(each for letter in self.letters for each in letter.missing))


@permitted(Permission.APPROVE_LINES, on="line.case")
def preview(
    *,
    line: ServiceLine,
    outcome: LineStatus,
    reason_class: ReasonClass,
    reason: str,
    rationale: str,
    by: User,
    at: datetime,
    node_answers: Mapping[str, str] | None = None,
    cited_authority: str = "",
    units: Decimal | None = None,
    because: str = "",
) -> Preview:
    """Build the letters of a draft decision.

    Args:
        units: the units of a partial approval; None approves what was asked.
        because: why an earlier decision is superseded: peer_to_peer, appeal, reopening, correction.

    Raises:
        TextsNotPublished: there are no texts of letters for this law.
    """
    decision = _draft(
        line=line, outcome=outcome, reason_class=reason_class, reason=reason, rationale=rationale, by=by, at=at,
        node_answers=node_answers or {}, cited_authority=cited_authority, units=units, because=because,
    )  # fmt: skip
    occasion = Occasion(
        case=line.case, request=line.request, lines=(line,), event_id=_NO_EVENT, by=by, at=at,
        is_adverse=outcome in _ADVERSE,
    )  # fmt: skip

    return _about(decision, occasion)


@permitted(Permission.DECIDE_ADVERSELY, on="line.case")
def preview_early_end(
    *,
    line: ServiceLine,
    last_day: date,
    ground: EndingGround,
    rationale: str,
    by: User,
    at: datetime,
    units_after: Decimal | None = None,
    node_answers: Mapping[str, str] | None = None,
    cited_authority: str = "",
) -> Preview:
    """Build the letters of an approval that would end early.

    Raises:
        NotApproved, NoGroundToEnd, NoticeTooShort, NotAnEarlierEnd, LessIsAdverse: see `check_early_end`.
        TextsNotPublished: there are no texts of letters for this law.
    """
    segment, law = check_early_end(line, last_day=last_day, ground=ground, units_after=units_after, at=at)
    decision = _draft(
        line=line, outcome=LineStatus.TERMINATED_WITH_NOTICE, reason_class=ReasonClass.NOT_MEDICALLY_NECESSARY,
        reason="not-medically-necessary", rationale=rationale, by=by, at=at, node_answers=node_answers or {},
        cited_authority="; ".join(part for part in (cited_authority.strip(), law) if part), units=None,
        because=f"{EARLY_END}:{ground}",
    )  # fmt: skip
    approvals = tuple(
        Approval(line=line, number=segment.authorization.number, segment=part)
        for part in cut(segment, last_day=last_day, units_after=units_after)
    )
    occasion = Occasion(
        case=line.case, request=line.request, lines=(line,), event_id=_NO_EVENT, by=by, at=at, is_adverse=True
    )
    return _about(replace(decision, approvals=approvals), occasion)


def _about(decision: Decision, occasion: Occasion) -> Preview:
    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letter_about(decision, setting, kind)

    return preview_of(occasion, build, lambda setting: kinds_for(decision, setting), text=decision.rationale)


def preview_of(
    occasion: Occasion, build: Build, kinds: Callable[[Setting], tuple[LetterKind, ...]], *, text: str
) -> Preview:
    """Build every letter of an occasion.

    Args:
        text: the clinical text as a person wrote it; empty where the letter has none.

    Raises:
        TextsNotPublished: there are no texts of letters for this law.
    """
    letters = tuple(
        _letter(occasion, build, kind, setting)
        for kind, _reader, setting in settings_for(occasion, kinds, is_preview=True)
    )
    return Preview(
        letters=letters, clinical_text=text, rationale_grade=grade([text], "en"), long_words=long_words(text)
    )


def _letter(occasion: Occasion, build: Build, kind: LetterKind, setting: Setting) -> PreviewLetter:
    made: Made | None = None
    missing: tuple[str, ...] = ()
    try:
        made = make(occasion, build, kind, setting)
    except LetterIncomplete as refusal:
        missing = tuple(f"{slot.element.name} ({slot.law})" for slot in refusal.missing)
    return PreviewLetter(
        kind=kind,
        audience=setting.audience,
        language=setting.language,
        recipient=setting.addressee().name,
        title=made.document.title if made else "",
        html=render_html(made.mapping) if made else "",
        grade=made.grade if made else None,
        gate=made.gate if made else "",
        missing=missing,
        untranslated=tuple(dict.fromkeys(setting.untranslated)),
        not_for_production=made.document.banner if made else "",
        held_because=why_held(made, setting) if made else "",
    )


def _draft(
    *,
    line: ServiceLine,
    outcome: LineStatus,
    reason_class: ReasonClass,
    reason: str,
    rationale: str,
    by: User,
    at: datetime,
    node_answers: Mapping[str, str],
    cited_authority: str,
    units: Decimal | None,
    because: str,
) -> Decision:
    licence = by.licences.filter(status="active").order_by("kind", "pk").first()
    specialty = ", ".join(sorted(reviewer_facts(by).specialties))
    approvals: tuple[Approval, ...] = ()
    if outcome in _APPROVES:
        start, end = validity(line, at=at, days=VALID_DAYS)
        segment = AuthorizationSegment(
            valid_from=start, valid_to=end, units=line.requested_units if units is None else units, unit=line.unit,
            frequency=line.frequency, code=line.code, modifiers=line.modifiers, place=line.place,
        )  # fmt: skip
        approvals = (Approval(line=line, number="A-…", segment=segment),)
    return Decision(
        line=line, outcome=outcome, reason_class=reason_class, reason=reason, rationale=rationale.strip(),
        decided_at=at, decided_by=by,
        credentials=", ".join(part for part in (specialty, f"{licence.kind} {licence.state}" if licence else "") if part),
        evidence_map=snapshot_of(current_map(line)), node_answers=node_answers, cited_authority=cited_authority,
        approvals=approvals, supersedes=current_determination(line), supersedes_because=because,
        specialty=specialty,
    )  # fmt: skip
