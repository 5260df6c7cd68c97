"""Show every letter of a decision before it is signed: both languages, grade, what is missing. Writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from openum.accounts.models import User
from openum.accounts.queries import reviewer_facts
from openum.cases.models import ServiceLine
from openum.criteria.queries import current_map
from openum.criteria.snapshots import snapshot_of
from openum.determination.models import AuthorizationSegment
from openum.determination.queries import current_determination
from openum.determination.services.record import VALID_DAYS, validity
from openum.notices.assembly.common import Setting
from openum.notices.assembly.decision import Approval, Decision, kinds_for, letter_about
from openum.notices.content import Letter, LetterKind
from openum.notices.elements import Audience, LetterIncomplete
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

    @property
    def missing(self) -> tuple[str, ...]:
        """What stands in the way of signing, each once."""
        return tuple(dict.fromkeys(each for letter in self.letters for each in letter.missing))


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

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letter_about(decision, setting, kind)

    letters = tuple(
        _letter(occasion, build, kind, setting)
        for kind, _reader, setting in settings_for(
            occasion, lambda setting: kinds_for(decision, setting), is_preview=True
        )
    )
    return Preview(letters=letters, clinical_text=rationale, rationale_grade=grade([rationale], "en"))


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
    )  # fmt: skip
