"""Reads about guidelines, findings and evidence. Answers come from stored rows only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from openum.accounts.models import Plan
from openum.cases import working
from openum.cases.models import ServiceLine
from openum.criteria.approval import ApprovalRule, known_rule, rule_of
from openum.criteria.checks import IsValid
from openum.criteria.codes import SYSTEMS
from openum.criteria.guideline import Guideline
from openum.criteria.maps import FindingFact, LeafView, LinkFact, MapView, build_map
from openum.criteria.models import EvidenceLink, EvidenceMap, Finding
from openum.criteria.program import ENGINE_VERSION, LeafAnswer, Program, known_program, program_of
from openum.criteria.rules import Asked, Exclusion, age_on, exclusion_of, fits, narrowness
from openum.criteria.tree import Leaf, Text
from openum.db import plain
from openum.directory.models import Code, CodeList, Policy, Product
from openum.directory.queries import codes_by_value, last_publication, policies_on
from openum.vocabulary.terms import FindingValue, LineOfBusiness

GUIDELINE = "guideline"
APPROVAL_RULE = "approval-rule"
RETIREMENT = "guideline-retirement"
"""A policy row that ends a guideline: its key is id and version, its first day the first day without it."""
_ADULT = 18


@dataclass(frozen=True)
class Match:
    """The guideline that holds for a service, with its policy row, or none and what took its place."""

    policy: Policy | None
    program: Program | None
    exclusions: tuple[Exclusion, ...]

    @property
    def guideline(self) -> Guideline | None:
        """The guideline itself."""
        return self.program.guideline if self.program else None


@dataclass(frozen=True)
class ApprovalMatch:
    """The published rule that lets the engine approve, with its policy row."""

    policy: Policy
    rule: ApprovalRule


@dataclass(frozen=True)
class AnswerField:
    """One typed question of a request form; the answer is sent under its link."""

    link: str
    kind: str
    label: Text
    unit: str
    options: tuple[tuple[str, Text], ...]
    leaf: str
    """The first criterion it answers."""
    leaves: tuple[str, ...]
    """Every criterion it answers."""
    question: Text
    plain: Text
    to_satisfy: Text
    documents: tuple[str, ...]


def governing_date(line: ServiceLine) -> date:
    """The day whose guideline holds: the receipt of the request, in the zone of the product."""
    return line.request.received_at.astimezone(ZoneInfo(line.case.product.time_zone)).date()


def program_for_policy(policy: Policy) -> Program:
    """Return the compiled guideline of a policy row; compiled once per content and process."""
    return known_program(policy.digest) or program_of(policy.body, digest=policy.digest)


def guideline_for(line: ServiceLine, on: date | None = None) -> Match:
    """Return the guideline that holds for a line on the governing date.

    For Medicare Advantage, plan criteria are left out where Medicare's own rules settle the matter; the exclusions
    name the authority the reviewer cites instead.
    """
    product = line.case.product
    day = on or governing_date(line)
    return match_guideline(
        plan=line.case.plan,
        on=day,
        asked=_asked(product, line.code_system, line.code, age_on(line.case.member.birth_date, day), place=line.place),
    )


def match_guideline(*, plan: Plan | None, on: date, asked: Asked) -> Match:
    """Choose among the published guidelines by scope, exclusion and narrowness; by code first, then by its family."""
    stamp = last_publication()
    ended = {policy.key for policy in policies_on(plan=plan, kind=RETIREMENT, on=on, stamp=stamp)}
    programs = [
        (policy, known_program(policy.digest) or program_for_policy(policy))
        for policy in policies_on(plan=plan, kind=GUIDELINE, on=on, stamp=stamp)
        if f"{policy.key} {policy.version}" not in ended
    ]
    matched = _match(programs, asked)
    has_families = any(program.guideline.scope.code_families for _, program in programs)
    if matched.policy is None and not matched.exclusions and has_families and (family := _code_family(asked.code)):
        return _match(programs, replace(asked, code_family=family))
    return matched


def _match(programs: Sequence[tuple[Policy, Program]], asked: Asked) -> Match:
    exclusions: list[Exclusion] = []
    fitting: list[tuple[tuple[bool, bool, bool, bool], str, Policy, Program]] = []
    for policy, program in programs:
        if not fits(program.guideline.scope, asked):
            continue
        barred = exclusion_of(program.guideline, asked)
        if barred:
            exclusions.append(barred)
        else:
            fitting.append((narrowness(program.guideline.scope), policy.key, policy, program))
    if not fitting:
        return Match(None, None, tuple(exclusions))
    _, _, policy, program = max(fitting, key=lambda entry: (entry[0], entry[1]))
    return Match(policy, program, tuple(exclusions))


def _asked(product: Product, code_system: str, code: str, age: int | None, *, place: str | None = None) -> Asked:
    return Asked(
        code_system=code_system,
        code=code,
        code_family="",
        line_of_business=LineOfBusiness(product.line_of_business),
        product=product.key,
        state=product.state,
        age=age,
        place=place,
    )


def _code_family(code: str) -> str:
    """Return the service family of a loaded code, or an empty text."""
    rows = plain.select_where(Code, "code = %s AND service_family <> ''", [code])
    return rows[0].service_family if rows else ""


def approval_rule_for(line: ServiceLine, on: date | None = None) -> ApprovalMatch | None:
    """Return the published approval rule for a line, or None: then a person decides."""
    day = on or governing_date(line)
    picture: Picture | None = working.recall(map_key(line))
    matched = picture.matched if picture is not None and on is None else guideline_for(line, day)
    if matched.guideline is None:
        return None
    return approval_rule_under(line, matched, day)


def approval_rule_under(line: ServiceLine, matched: Match, on: date) -> ApprovalMatch | None:
    """The same, where the guideline was looked up already."""
    guideline = matched.guideline
    if guideline is None:
        return None
    for policy in policies_on(plan=line.case.plan, kind=APPROVAL_RULE, on=on):
        rule = known_rule(policy.digest) or rule_of(policy.body, digest=policy.digest)
        if rule.covers(
            code_system=line.code_system,
            code=line.code,
            line_of_business=LineOfBusiness(line.case.product.line_of_business),
            product=line.case.product.key,
            guideline=(guideline.id, guideline.version),
        ):
            return ApprovalMatch(policy, rule)
    return None


# ---- Findings and links


def current_findings(line: ServiceLine) -> QuerySet[Finding]:
    """Return the answers that stand: at most one by the machine and one by a person per criterion."""
    return (
        Finding.objects.filter(line=line, superseded_at__isnull=True)
        .select_related("made_by", "policy")
        .order_by("leaf", "is_machine")
    )


def current_links(line: ServiceLine) -> QuerySet[EvidenceLink]:
    """Return the open links whose finding still stands."""
    return (
        EvidenceLink.objects.filter(line=line, unlinked_at__isnull=True)
        .filter(Q(finding__isnull=True) | Q(finding__superseded_at__isnull=True) | Q(confirmed_at__isnull=False))
        .select_related("linked_by", "attachment")
        .defer("attachment__content", "attachment__resource")
        .order_by("leaf", "linked_at", "pk")
    )


@dataclass(frozen=True)
class Picture:
    """The map of a line as the evaluation of this transaction left it."""

    matched: Match
    view: MapView
    frozen: EvidenceMap


def map_key(line: ServiceLine) -> tuple[str, int]:
    """Name the picture of a line among the rows at hand."""
    return ("picture", line.pk)


def standing_match(line: ServiceLine) -> Match:
    """Return the guideline that was evaluated; before any evaluation, the one that holds on the governing date."""
    picture: Picture | None = working.recall(map_key(line))
    if picture is not None:
        return picture.matched
    policy = (
        Policy.objects.filter(findings__line=line, findings__superseded_at__isnull=True, findings__is_machine=True)
        .defer("body")
        .first()
    )
    if policy is None:
        return guideline_for(line)
    return Match(policy, program_for_policy(policy), ())


def current_map(line: ServiceLine, matched: Match | None = None) -> MapView:
    """Return the evidence map of a line as it stands now."""
    picture: Picture | None = working.recall(map_key(line))
    if picture is not None:
        return picture.view
    found = matched or standing_match(line)
    return build_map(
        found.guideline,
        policy_digest=found.policy.digest if found.policy else "",
        findings=[finding_fact(finding) for finding in current_findings(line)],
        links=[link_fact(link) for link in current_links(line)],
        exclusions=found.exclusions,
    )


def open_nodes(line: ServiceLine) -> tuple[LeafView, ...]:
    """Return the criteria still to be met: each says what would satisfy it and which documents show it."""
    return current_map(line).open_leaves


def maps_of(line: ServiceLine) -> QuerySet[EvidenceMap]:
    """Return the frozen maps of a line, the first one first."""
    return EvidenceMap.objects.filter(line=line).select_related("made_by", "policy").order_by("version")


def latest_map(line: ServiceLine) -> EvidenceMap | None:
    """Return the last frozen map of a line."""
    return EvidenceMap.objects.filter(line=line).order_by("-version").first()


def finding_fact(finding: Finding) -> FindingFact:
    """Return a stored answer as plain data."""
    return FindingFact(
        id=str(finding.public_id),
        leaf=finding.leaf,
        question=finding.question,
        authority=finding.authority,
        value=FindingValue(finding.value),
        is_machine=finding.is_machine,
        note=finding.note,
        missing=tuple(finding.missing),
        evidence=tuple(finding.evidence),
        input_digest=finding.input_digest,
        engine_version=finding.engine_version,
        made_by=finding.made_by.name,
        made_at=finding.made_at,
    )


def previewed_fact(answer: LeafAnswer, *, at: datetime) -> FindingFact:
    """Return an answer that was not stored as plain data."""
    return FindingFact(
        id="", leaf=answer.leaf.key, question=answer.leaf.question.en, authority="", value=answer.value,
        is_machine=True, note=answer.note, missing=answer.missing, evidence=answer.evidence, input_digest="",
        engine_version=ENGINE_VERSION, made_by="", made_at=at,
    )  # fmt: skip


def link_fact(link: EvidenceLink) -> LinkFact:
    """Return a stored link as plain data."""
    return LinkFact(
        id=str(link.public_id),
        leaf=link.leaf,
        title=link.attachment.title if link.attachment else link.resource_key,
        attachment_id=str(link.attachment.public_id) if link.attachment else "",
        resource_key=link.resource_key,
        page=link.page,
        quote=link.quote,
        quote_start=link.quote_start,
        quote_end=link.quote_end,
        linked_by=link.linked_by.name,
        linked_at=link.linked_at,
        is_machine=link.is_machine,
        is_confirmed=link.confirmed_at is not None or not link.is_machine,
    )


# ---- Forms and public pages


def match_for_form(
    *,
    plan: Plan,
    code_system: str,
    code: str,
    on: date,
    product: Product | None = None,
    age: int | None = None,
    place: str | None = None,
) -> Match:
    """Return the guideline for a request still being written.

    Without a product, the first product of the plan that has one counts; without an age, an adult; without a place,
    any.
    """
    products = [product] if product else list(Product.objects.filter(plan=plan).order_by("pk"))
    matched = Match(None, None, ())
    for one in products:
        matched = match_guideline(
            plan=plan, on=on, asked=_asked(one, code_system, code, _ADULT if age is None else age, place=place or None)
        )
        if matched.guideline:
            break
    return matched


def form_questions(
    *,
    plan: Plan,
    code_system: str,
    code: str,
    on: date,
    product: Product | None = None,
    age: int | None = None,
    place: str | None = None,
) -> list[AnswerField]:
    """Return the typed questions of the guideline that holds for a service, in reading order; none: no guideline."""
    matched = match_for_form(
        plan=plan, code_system=code_system, code=code, on=on, product=product, age=age, place=place
    )
    return _fields(matched.guideline) if matched.guideline else []


def _fields(guideline: Guideline) -> list[AnswerField]:
    """Return each question once, with the first criterion that asks it."""
    asked_by: dict[str, list[Leaf]] = {}
    for leaf in guideline.leaves:
        for link in leaf.answers:
            asked_by.setdefault(link, []).append(leaf)
    return [
        AnswerField(
            link=link,
            kind=guideline.answers[link].kind,
            label=guideline.answers[link].label,
            unit=guideline.answers[link].unit,
            options=guideline.answers[link].options,
            leaf=leaves[0].key,
            leaves=tuple(leaf.key for leaf in leaves),
            question=leaves[0].question,
            plain=leaves[0].plain,
            to_satisfy=leaves[0].to_satisfy,
            documents=leaves[0].documents,
        )
        for link, leaves in asked_by.items()
    ]


@dataclass(frozen=True)
class PublishedGuideline:
    """A guideline on the public list: every plan that published this content."""

    guideline: Guideline
    policy: Policy
    published_at: datetime


def published_guidelines() -> list[PublishedGuideline]:
    """Return all published guidelines, newest version first within each id; the same content once."""
    seen: set[tuple[str, str, str]] = set()
    found: list[PublishedGuideline] = []
    for policy in Policy.objects.filter(kind=GUIDELINE).order_by("key", "-effective_from", "-pk"):
        identity = (policy.key, policy.version, policy.digest)
        if identity not in seen:
            seen.add(identity)
            found.append(PublishedGuideline(program_for_policy(policy).guideline, policy, policy.published_at))
    return found


def published_guideline(*, key: str, version: str) -> PublishedGuideline | None:
    """Return one published version, the latest publication of it, or None."""
    policy = Policy.objects.filter(kind=GUIDELINE, key=key, version=version).order_by("-published_at", "-pk").first()
    if policy is None:
        return None
    return PublishedGuideline(program_for_policy(policy).guideline, policy, policy.published_at)


def versions_of(key: str) -> Sequence[tuple[str, date, date | None]]:
    """Return the published versions of a guideline: version, first day, first day no longer."""
    rows: Iterable[tuple[str, date, date | None]] = (
        Policy.objects.filter(kind=GUIDELINE, key=key)
        .order_by("-effective_from", "version")
        .values_list("version", "effective_from", "effective_to")
        .distinct()
    )
    return list(rows)


def retirements() -> dict[tuple[str, str], date]:
    """Return the first day without each retired guideline, by id and version."""
    rows = Policy.objects.filter(kind=RETIREMENT).values_list("key", "version", "effective_from")
    return {(key.removesuffix(f" {version}"), version): day for key, version, day in rows}


def validity_of_codes() -> IsValid:
    """Return what says whether a code holds on a day; None where no dated list of its system is loaded.

    Of an incomplete list only the codes it holds are checked.
    """
    complete = dict(CodeList.objects.values_list("system", "is_complete"))

    def is_valid(system: str, code: str, day: date) -> bool | None:
        address = SYSTEMS[system][0]
        if address not in complete:
            return None
        rows = codes_by_value([(address, code)]).get((address, code), [])
        if not rows:
            return False if complete[address] else None
        return any(
            (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day < row.valid_to)
            for row in rows
        )

    return is_valid


def published_approval_rules() -> list[ApprovalMatch]:
    """Return all published approval rules, the newest version of each first; the same content once."""
    seen: set[str] = set()
    found: list[ApprovalMatch] = []
    for policy in Policy.objects.filter(kind=APPROVAL_RULE).order_by("key", "-effective_from", "-pk"):
        if policy.digest not in seen:
            seen.add(policy.digest)
            found.append(ApprovalMatch(policy, rule_of(policy.body, digest=policy.digest)))
    return found
