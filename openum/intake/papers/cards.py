"""What the desk shows beside the fields of a paper: who is meant, coverage, providers, look-alikes, where it will go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from openum.accounts.models import User
from openum.cases.models import Case, ServiceLine
from openum.cases.queries import cases_visible_to
from openum.cases.rules import OPEN_STATUSES, timing_of
from openum.criteria.renderers.provider import points_of
from openum.criteria.services import preview
from openum.directory.models import Coverage, Member
from openum.directory.queries import (
    codes_by_value,
    coverage_on,
    exclusions_on,
    has_network,
    latest_coverage,
    network_members,
    providers_by_npi,
)
from openum.intake.candidates import Candidate, candidates_of
from openum.intake.checklist.queries import papers_wanted
from openum.intake.models import Paper
from openum.intake.papers.standing import codes_of, system_of
from openum.intake.rules import service_class_of
from openum.submission.incoming import IncomingMember
from openum.submission.questions import resources_of
from openum.vocabulary.terms import CertificationType, LineStatus, NetworkStatus, RequestKind, Standing
from openum.work.queries.routing import flags_of, routing_for
from openum.work.rules.facts import Facts
from openum.work.rules.routing import complexity_of, rule_for

_STANDING = OPEN_STATUSES | {LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED}


@dataclass(frozen=True)
class CoverageCard:
    """What the plan's own files say of the member's coverage on the day of service."""

    active: Coverage | None
    last: Coverage | None
    others: tuple[Coverage, ...]
    on: date


@dataclass(frozen=True)
class ProviderCard:
    """One provider of the request as the directory knows it."""

    role: str
    npi: str
    name: str
    is_known: bool
    specialty: str
    network: str
    excluded_by: str


@dataclass(frozen=True)
class Going:
    """Where the request will go, by which rule and why."""

    queue: str
    because: str
    rule: str
    version: str


def parsed_day(text: str) -> date | None:
    """Return a day as the fields hold it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def first_day(paper: Paper, values: Mapping[str, str]) -> date:
    """Return the first day of the service, else the day of receipt in the plan's zone."""
    receipt = paper.submission.received_at.astimezone(ZoneInfo(paper.plan.time_zone)).date()
    return parsed_day(values.get("line1-first_day", "")) or receipt


def candidates_for(paper: Paper, values: Mapping[str, str], *, wanted: str, at: datetime) -> list[Candidate]:
    """Return who may be meant by the fields of a paper, at most three."""
    sent = IncomingMember(
        member_id=values.get("member_number", ""), family=values.get("family_name", ""),
        given=values.get("given_name", ""), birth_date=parsed_day(values.get("birth_date", "")),
    )  # fmt: skip
    return candidates_of(paper.plan, sent, wanted=wanted, at=at)[:3]


def coverage_card(paper: Paper, values: Mapping[str, str], *, at: datetime) -> CoverageCard | None:
    """Return the coverage of the chosen member on the day of service."""
    if paper.member is None:
        return None
    on = first_day(paper, values)
    active = coverage_on(member=paper.member, day=on, known_at=at)
    spans = Coverage.objects.filter(member=paper.member, recorded_to__isnull=True).select_related("product")
    others = tuple(
        span
        for span in spans.order_by("rank", "-valid_from")
        if (active is None or span.pk != active.pk)
        and span.valid_from <= on
        and (span.valid_to is None or on < span.valid_to)
    )
    return CoverageCard(active, latest_coverage(member=paper.member, known_at=at), others, on)


def provider_cards(paper: Paper, values: Mapping[str, str], *, at: datetime) -> list[ProviderCard]:
    """Return the providers named on a paper with what the directory knows of them."""
    roles = [
        (role, values[key])
        for role, key in (("ordering", "ordering_npi"), ("facility", "facility_npi"))
        if values.get(key)
    ]
    npis = [npi for _, npi in roles]
    if not npis:
        return []
    known, on = providers_by_npi(plan=paper.plan, npis=npis), first_day(paper, values)
    barred = {row.npi: row.list_name for row in exclusions_on(plan=paper.plan, npis=npis, day=on)}
    coverage = coverage_on(member=paper.member, day=on, known_at=at) if paper.member else None
    inside: set[str] | None = None
    if coverage is not None and has_network(product_id=coverage.product_id):
        inside = network_members(product_id=coverage.product_id, npis=npis, day=on)
    cards = []
    for role, npi in roles:
        practitioner = known.practitioners.get(npi)
        place = known.facilities.get(npi) or known.organizations.get(npi)
        name = f"{practitioner.given_name} {practitioner.family_name}" if practitioner else place.name if place else ""
        network = (
            "" if inside is None else (NetworkStatus.IN_NETWORK if npi in inside else NetworkStatus.OUT_OF_NETWORK)
        )
        cards.append(
            ProviderCard(
                role=role, npi=npi, name=name, is_known=known.knows(npi),
                specialty=practitioner.specialty if practitioner else "", network=network, excluded_by=barred.get(npi, ""),
            )
        )  # fmt: skip
    return cards


def look_alikes(paper: Paper, values: Mapping[str, str]) -> list[ServiceLine]:
    """Return lines of the chosen member for one of the services that wait or stand approved."""
    codes = sorted(set(codes_of(values).values()))
    if paper.member is None or not codes:
        return []
    found = ServiceLine.objects.filter(
        case__member=paper.member, code__in=codes, status__in=sorted(_STANDING), replaced_by__isnull=True
    )
    return list(found.select_related("case").order_by("-pk")[:5])


def waiting_cases(paper: Paper, member: Member | None, *, wanted: str, by: User) -> list[Case]:
    """Return cases that the paper may belong to: by number, else those of the member that wait for information."""
    cases = cases_visible_to(by).filter(plan=paper.plan).select_related("member")
    if wanted:
        return list(cases.filter(number=wanted)[:1])
    if member is None:
        return []
    waiting = cases.filter(
        member=member, information_requests__closed_at__isnull=True, information_requests__isnull=False
    )
    return list(waiting.distinct().order_by("-opened_at", "-pk")[:5])


def facts_as_they_stand(paper: Paper, values: Mapping[str, str], *, at: datetime) -> Facts | None:
    """Return the request as rules would see it, or None while it is open who is meant or nobody is covered."""
    on = first_day(paper, values)
    coverage = coverage_on(member=paper.member, day=on, known_at=at) if paper.member else None
    if paper.member is None or coverage is None:
        return None
    code = values.get("line1-code", "")
    rows = codes_by_value([(system_of(code), code)]).get((system_of(code), code), [])
    receipt = paper.submission.received_at.astimezone(ZoneInfo(paper.plan.time_zone)).date()
    last = parsed_day(values.get("line1-last_day", ""))
    facilities = [values["facility_npi"]] if values.get("facility_npi") else []
    inside = network_members(product_id=coverage.product_id, npis=facilities, day=on) if facilities else set()
    network = NetworkStatus.NOT_CHECKED
    if facilities and (inside or has_network(product_id=coverage.product_id)):
        network = NetworkStatus.IN_NETWORK if inside else NetworkStatus.OUT_OF_NETWORK
    return Facts(
        product=coverage.product.key, line_of_business=coverage.product.line_of_business, service=code,
        specialty=rows[-1].specialty if rows else "", service_class=service_class_of(values.get("diagnosis1", "")),
        benefit=ServiceLine._meta.get_field("benefit").get_default(), place=values.get("place", ""),
        urgency=values.get("urgency", ""),
        timing=timing_of(
            service_start_days=(on - receipt).days, service_end_days=(last - receipt).days if last else None
        ),
        kind=RequestKind.AUTHORIZATION, certification=CertificationType.INITIAL, channel=paper.submission.channel,
        standing=Standing.PROVIDER, network=network, language=paper.member.language, flags=flags_of(paper.member, receipt),
    )  # fmt: skip


def going_to(paper: Paper, facts: Facts | None, *, at: datetime) -> Going | None:
    """Return the queue the plan's routing rules in force would choose for the request as it stands."""
    in_force = routing_for(paper.plan, at=at)
    if in_force is None or facts is None:
        return None
    rule = rule_for(in_force.routing, facts, complexity_of(in_force.routing, facts).points)
    queues = {queue.key: queue.name for queue in paper.plan.queues.filter(is_open=True)}
    return Going(queues.get(rule.queue, rule.queue), rule.because, rule.key, in_force.routing.version)


def listed_papers(paper: Paper, facts: Facts | None) -> list[str]:
    """Return the papers that the plan's lists name for a request of this kind, in the reader's language."""
    if facts is None:
        return []
    wanted = papers_wanted(paper.plan, facts, received_at=paper.submission.received_at)
    return [each.in_language(get_language() or "en") for each in wanted]


def wanted_documents(paper: Paper, values: Mapping[str, str], *, at: datetime) -> list[str]:
    """Return the kinds of documents that criteria still open would be closed by, for the request as it stands."""
    on, kinds = first_day(paper, values), dict[str, None]()
    coverage = coverage_on(member=paper.member, day=on, known_at=at) if paper.member else None
    for number, code in codes_of(values).items():
        view = preview(
            plan=paper.plan, code_system=system_of(code), code=code, on=at.astimezone(ZoneInfo(paper.plan.time_zone)).date(),
            resources=resources_of(values, on=on), product=coverage.product if coverage else None, age=None,
            modifiers=values.get(f"line{number}-modifiers", "").split(), place=values.get("place", ""),
        )  # fmt: skip
        points = points_of(view, get_language() or "en")
        kinds |= dict.fromkeys(kind for point in points for kind in point.documents)
    return list(kinds)
