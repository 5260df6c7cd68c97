"""What stands on a line: findings, links, the map as it is now, and the maps that were frozen."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from openum.cases import working
from openum.cases.holdings import holds
from openum.cases.models import ServiceLine
from openum.criteria.maps import FindingFact, LeafView, LinkFact, MapView, build_map
from openum.criteria.models import EvidenceLink, EvidenceMap, Finding
from openum.criteria.program import ENGINE_VERSION, LeafAnswer
from openum.criteria.queries.matching import Match, guideline_for, program_for_policy
from openum.criteria.regions import region_of
from openum.db.reading import once_a_page
from openum.directory.models import Policy
from openum.vocabulary.terms import FindingValue


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


@once_a_page(lambda line: line.pk)
def standing_match(line: ServiceLine) -> Match:
    """Return the guideline that was evaluated; before any evaluation, the one that holds on the governing date."""
    picture: Picture | None = working.recall(map_key(line))
    if picture is not None:
        return picture.matched
    answered = Policy.objects.filter(
        findings__line=line, findings__superseded_at__isnull=True, findings__is_machine=True
    ).defer("body")
    policy = answered.first() if holds(line.case, Finding) else None
    if policy is None:
        return guideline_for(line)
    return Match(policy, program_for_policy(policy), ())


def _asked(line: ServiceLine, matched: Match | None = None) -> tuple[int, int | None]:
    return line.pk, matched.policy.pk if matched and matched.policy else None


@once_a_page(_asked)
def current_map(line: ServiceLine, matched: Match | None = None) -> MapView:
    """Return the evidence map of a line as it stands now."""
    picture: Picture | None = working.recall(map_key(line))
    if picture is not None:
        return picture.view
    found = matched or standing_match(line)
    return build_map(
        found.guideline,
        policy_digest=found.policy.digest if found.policy else "",
        findings=[finding_fact(finding) for finding in current_findings(line)] if holds(line.case, Finding) else [],
        links=[link_fact(link) for link in current_links(line)] if holds(line.case, EvidenceLink) else [],
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
        region=region_of(link.region),
    )
