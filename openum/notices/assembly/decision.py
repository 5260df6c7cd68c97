"""Letters about a decision: approval, partial approval, denial with its insert, overturn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.criteria.renderers.letter import Gap, note_for
from openum.criteria.renderers.letter import gaps_of as gaps_in
from openum.criteria.snapshots import view_of
from openum.determination.models import AddedCode, AuthorizationSegment, Determination
from openum.determination.protections import Law
from openum.determination.services import EARLY_END, ON_APPEAL
from openum.notices.assembly.common import LetterFacts, Setting, code_of, name_of
from openum.notices.assembly.states import care_that_goes_on, network_facts, state_rights
from openum.notices.compose import date_words
from openum.notices.content import ADMINISTRATIVE, TELLS_OF_NETWORK, TELLS_OF_SOFTWARE, Letter, LetterKind
from openum.notices.elements import COLUMN_OF, Audience, Column
from openum.notices.facts import (
    ApprovedService,
    Benefits,
    CriterionGap,
    Disclosure,
    EarlierDecision,
    Reason,
    ReviewerContact,
    RuleReliedOn,
)
from openum.notices.facts_of_stays import Change
from openum.notices.letters import LETTERS
from openum.vocabulary.terms import FindingValue, LineStatus, ReasonClass


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One approved segment, stored or still a draft."""

    line: ServiceLine
    number: str
    segment: AuthorizationSegment


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a letter tells about a decision: a stored determination, or the draft of one that is not signed yet."""

    line: ServiceLine
    outcome: LineStatus
    reason_class: ReasonClass
    reason: str
    rationale: str
    decided_at: datetime
    decided_by: User
    credentials: str
    evidence_map: Mapping[str, Any] | None
    node_answers: Mapping[str, Any]
    cited_authority: str
    approvals: tuple[Approval, ...] = ()
    supersedes: "Determination | None" = None
    supersedes_because: str = ""
    statements: Mapping[str, str] = field(default_factory=dict)
    specialty: str = ""

    @classmethod
    def of(cls, row: Determination) -> "Decision":
        """Read a stored determination."""
        every = list(row.segments.select_related("authorization", "authorization__line").order_by("valid_from", "pk"))
        segments = [each for each in every if each.superseded_at is None] or every
        is_added = AddedCode.objects.filter(line=row.line).exists()
        return cls(
            line=row.line,
            outcome=LineStatus(row.outcome),
            reason_class=ReasonClass(row.reason_class),
            reason=row.reason,
            rationale=row.rationale,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            credentials=", ".join(part for part in (row.specialty, row.licence) if part),
            evidence_map=row.evidence_map.snapshot if row.evidence_map else None,
            node_answers=row.node_answers,
            cited_authority=row.cited_authority,
            approvals=tuple(
                Approval(
                    line=row.line if is_added else each.authorization.line,
                    number=each.authorization.number,
                    segment=each,
                )
                for each in segments
            ),
            supersedes=row.supersedes,
            supersedes_because=row.supersedes_because,
            statements=row.statements,
            specialty=row.specialty,
        )

    @property
    def is_on_appeal(self) -> bool:
        """Say whether an appeal made this decision."""
        return self.supersedes is not None and self.supersedes_because in ON_APPEAL

    @property
    def is_early_end(self) -> bool:
        """Say whether care that was approved ends early or becomes less."""
        return self.supersedes_because.startswith(f"{EARLY_END}:")

    @property
    def kinds(self) -> tuple[LetterKind, ...]:
        """The letter this decision makes due."""
        if self.is_on_appeal:  # what an appeal upholds, in all or in part, has its own letter from appeals
            return (LetterKind.APPEAL_OVERTURNED,) if self.outcome is LineStatus.APPROVED else ()
        if self.is_early_end:
            return (LetterKind.REDUCTION,)
        if self.outcome is LineStatus.PARTIALLY_APPROVED:
            return (LetterKind.PARTIAL_APPROVAL,)
        if self.outcome is LineStatus.APPROVED:
            changed = self.supersedes is not None and self.supersedes.is_adverse
            return (LetterKind.OVERTURN if changed else LetterKind.APPROVAL,)
        if self.outcome is LineStatus.DISMISSED:
            return (LetterKind.DISMISSAL,)
        return (LetterKind.DENIAL,) if self.outcome is LineStatus.DENIED else ()


def kinds_for(decision: Decision, setting: Setting) -> tuple[LetterKind, ...]:
    """List the letters for a reader; beside the government form a member gets the same in plain words."""
    kinds = decision.kinds
    is_form = any(_is_form(kind, setting) for kind in kinds)
    return (*kinds, LetterKind.INSERT) if is_form else kinds


def _is_form(kind: LetterKind, setting: Setting) -> bool:
    """Say whether the letter is the government's form, whose words no plan changes (CMS-10003, CMS-10146)."""
    is_medicare = COLUMN_OF[setting.line_of_business] in {Column.MEDICARE, Column.PART_D}
    return kind is LetterKind.DENIAL and is_medicare and setting.audience is Audience.MEMBER


def letter_about(
    decision: Decision, setting: Setting, kind: LetterKind, *, together: tuple[Decision, ...] = ()
) -> Letter:
    """Build the letter; `together` are further approvals of the same case and instant."""
    facts = setting.base()
    decisions = (decision, *together)
    overturns = {LetterKind.OVERTURN, LetterKind.APPEAL_OVERTURNED}
    if kind in {LetterKind.APPROVAL, LetterKind.PARTIAL_APPROVAL, *overturns}:
        facts["approved"] = tuple(
            approved(each, setting) for one in decisions for each in one.approvals if not setting.hides(each.line.pk)
        )
    if kind in {LetterKind.APPROVAL, LetterKind.PARTIAL_APPROVAL}:
        every = [each for one in decisions for each in one.approvals if not setting.hides(each.line.pk)]
        facts |= care_that_goes_on(setting, [(each.line, each.segment) for each in every])
    if kind in overturns:
        facts["earlier"] = earlier(decision, setting)
    if kind in TELLS_OF_SOFTWARE and setting.audience is Audience.MEMBER and not _is_form(kind, setting):
        facts["software"] = setting.software()
    if kind is LetterKind.REDUCTION:
        facts["change"] = change(decision, setting)
    if kind in {
        LetterKind.DENIAL, LetterKind.INSERT, LetterKind.PARTIAL_APPROVAL, LetterKind.DISMISSAL, LetterKind.REDUCTION,
    }:  # fmt: skip
        facts |= refusal(decision, setting)
    if kind in TELLS_OF_NETWORK:
        facts |= network_facts(setting, is_yes=kind is not LetterKind.DENIAL)
    if kind is LetterKind.PARTIAL_APPROVAL:
        facts["not_approved"] = not_approved(decision, setting)
    return LETTERS[kind](**facts)


def approved(item: Approval, setting: Setting) -> ApprovedService:
    """Describe one authorization segment; the last day is included, as people read it."""
    segment = item.segment
    ends = segment.valid_to - timedelta(days=1) if segment.valid_to else setting.speak(segment.end_circumstance)
    audience = setting.audience.value
    return ApprovedService(
        words=_words(item, setting),
        code="-".join([segment.code or code_of(item.line), *(map(str, segment.modifiers) if segment.code else ())]),
        quantity=setting.quantity(segment.units, segment.unit, segment.frequency),
        authorization_number=item.number,
        provider=setting.provider_of(item.line),
        starts_on=segment.valid_from,
        ends=ends,
        conditions=setting.say("no_conditions"),
        how_to_extend=setting.say(f"extend.{audience}"),
        place=setting.place_words(segment.place),
    )


def _words(item: Approval, setting: Setting) -> str:
    """Say what is approved: the service asked for, or the one that was accepted in its place."""
    line, segment = item.line, item.segment
    if not segment.code or segment.code == line.code:
        return setting.service_words(line)
    return setting.words_of_code(segment.code_system, segment.code)


def not_approved(decision: Decision, setting: Setting) -> str:
    """Say how much was asked for and how much was approved."""
    line, segments = decision.line, [each.segment for each in decision.approvals]
    if not segments:
        return ""
    units = [each.units for each in segments if each.units is not None]
    given = setting.quantity(sum(units, Decimal(0)) if units else None, segments[0].unit, segments[0].frequency)
    return setting.say(
        "partial", asked=setting.quantity(line.requested_units, line.unit, line.frequency), approved=given
    )


def change(decision: Decision, setting: Setting) -> Change:
    """Tell what was approved, what is left, and the last day of the care as it is now."""
    segments = sorted((each.segment for each in decision.approvals), key=lambda each: each.valid_from)
    first, rest = segments[0], segments[1:]
    last_day = first.valid_to - timedelta(days=1) if first.valid_to else setting.day_of(decision.decided_at)
    day = date_words(last_day, setting.language)
    ground = decision.supersedes_because.removeprefix(f"{EARLY_END}:")
    return Change(
        what=setting.say("reduction.less" if rest else "reduction.ends", day=day),
        before=setting.quantity(first.units, first.unit, first.frequency),
        after=setting.quantity(rest[0].units, rest[0].unit, rest[0].frequency)
        if rest
        else setting.say("reduction.nothing_left"),
        last_day=last_day,
        why_lawful=setting.say(f"reduction.grounds.{ground}"),
    )


def earlier(decision: Decision, setting: Setting) -> EarlierDecision:
    """Tell which decision is replaced, and why."""
    before = decision.supersedes
    because = decision.supersedes_because if decision.supersedes_because == "peer_to_peer" else "other"
    changed = setting.speak(decision.rationale) if decision.rationale else setting.say(f"changed.{because}")
    return EarlierDecision(decided_on=setting.day_of(before.decided_at) if before else None, what_changed=changed)


def refusal(decision: Decision, setting: Setting) -> LetterFacts:
    """Return the facts of the part that says no."""
    reason = setting.texts.reason(decision.reason, decision.reason_class)
    label = setting.of(reason.label) if reason else ""
    specific = setting.speak(decision.rationale)
    gaps = tuple(gaps_of(decision, setting))
    rights_text = setting.texts.rights_for(setting.line_of_business, setting.language)
    is_member = setting.audience is Audience.MEMBER
    return {
        "reason_class": decision.reason_class,
        "decided_on": setting.day_of(decision.decided_at),
        "reason": Reason(label=label, specific="" if is_bare(decision.rationale, label) else specific),
        "gaps": gaps,
        "rule": RuleReliedOn(text=setting.of(reason.rule) if reason else "", citation=citation_of(decision, setting)),
        "rationale": "" if is_member else specific,
        "disclosure": Disclosure(
            free_copies=setting.say("copies.right"),
            how_to_ask=setting.say("copies.how", phone=setting.plan.phone),
        ),
        "rights": setting.rights(),
        "continuation": rights_text.keep_benefit() if is_member else None,
        "benefits": both_benefits(decision, setting) if is_member else None,
        "reviewer": None if is_member else reviewer(decision, setting),
        "diagnosis_on_request": setting.say("copies.codes"),
        "cites_authority_only": bool(decision.cited_authority) and not guideline_of(decision.evidence_map)[0],
        **state_rights(setting, gaps, specialty=decision.specialty),
    }


def both_benefits(decision: Decision, setting: Setting) -> Benefits | None:
    """Tell what Medicare and what Medicaid say, where one plan gives both (42 CFR 422.631(d)(1)); None elsewhere."""
    if COLUMN_OF[setting.line_of_business] is not Column.INTEGRATED:
        return None
    day = setting.day_of(decision.decided_at)
    if decision.is_early_end:
        day = change(decision, setting).last_day or day
    found = decision.statements.get(Law.BOTH_BENEFITS, "")
    return Benefits(
        both=setting.say("integrated.both"),
        finding=setting.speak(found) if found else "",
        takes_effect=setting.say(
            "integrated.after_last_day" if decision.is_early_end else "integrated.from_day",
            day=date_words(day, setting.language),
        ),
    )


def is_bare(text: str, label: str) -> bool:
    """Say whether a text is no specific reason: a code or a single word, or the label of the reason again."""
    return len(text.split()) < 2 or text.strip().rstrip(".").casefold() == label.casefold()


def reviewer(decision: Decision, setting: Setting) -> ReviewerContact:
    """Say who decided and how to reach a reviewer; the window for a talk is plan policy.

    In Medicare Advantage the talk comes before the decision; after the letter an appeal or a reopening is needed.
    """
    last = setting.day_of(decision.decided_at) + timedelta(days=setting.texts.contacts.peer_to_peer_days)
    by = decision.decided_by
    is_medicare = COLUMN_OF[setting.line_of_business] in {Column.MEDICARE, Column.INTEGRATED}
    return ReviewerContact(
        name=f"{by.name}, {by.title}" if by.title and by.title not in by.name else by.name,
        credentials=decision.credentials,
        phone=by.phone or setting.plan.phone,
        how=setting.say("peer_to_peer.how_medicare" if is_medicare else "peer_to_peer.how"),
        until=date_words(last, setting.language),
    )


def guideline_of(snapshot: Mapping[str, Any] | None) -> tuple[str, str, Mapping[str, str]]:
    """Return id, version and title of the guideline of a map; empty texts when none of ours holds."""
    if not snapshot or not snapshot["guideline"]["id"]:
        return "", "", {}
    return snapshot["guideline"]["id"], snapshot["guideline"]["version"], snapshot["title"]


def citation_of(decision: Decision, setting: Setting) -> str:
    """Cite what the decision rests on: the authority a reviewer named, and our guideline by name and version."""
    key, version, title = guideline_of(decision.evidence_map)
    named = title.get(setting.language) or title.get("en", "")
    own = f"{named} ({key}), {version}" if key else ""
    cited = "; ".join(part for part in (decision.cited_authority, own) if part)
    reason = setting.texts.reason(decision.reason, decision.reason_class)
    return cited or (reason.source if reason and decision.reason_class in ADMINISTRATIVE else "")


def gaps_of(decision: Decision, setting: Setting) -> Iterator[CriterionGap]:
    """Quote each criterion that still counts and is not met, from the map the decision froze."""
    key, version, title = guideline_of(decision.evidence_map)
    if not key or decision.evidence_map is None:
        return
    named = title.get(setting.language) or title["en"]
    for gap in gaps_in(view_of(decision.evidence_map)):
        leaf = gap.leaf
        state = "unknown" if leaf.value is FindingValue.UNKNOWN else "not_met"
        answer = str(decision.node_answers.get(leaf.key, "") or "").strip() or note_for(
            leaf, is_member=setting.audience is Audience.MEMBER
        )
        documents = ", ".join(setting.say_or("documents", kind, kind.replace("-", " ")) for kind in leaf.documents)
        to_satisfy = setting.speak(leaf.to_satisfy.en, leaf.to_satisfy.es)
        yield CriterionGap(
            guideline=f"{named} ({key})",
            version=version.removeprefix("v"),
            node=leaf.key,
            quoted=setting.speak(leaf.question.en, leaf.question.es),
            seen=setting.speak(answer) if answer else setting.say(f"gap.seen_{state}"),
            missing=setting.say(f"gap.missing_{state}", documents=documents) if documents else to_satisfy,
            to_satisfy=to_satisfy,
            alternative=_alternative(gap, setting),
        )


def _alternative(gap: Gap, setting: Setting) -> str:
    """Say that one, or some, of the criteria beside it are enough."""
    if len(gap.beside) < 2:
        return ""
    keys = ", ".join(gap.beside)
    if gap.enough > 1:
        return setting.say("gap.some_are_enough", keys=keys, count=str(gap.enough))
    return setting.say("gap.one_is_enough", keys=keys)


__all__ = ["Approval", "Decision", "kinds_for", "letter_about", "name_of"]
