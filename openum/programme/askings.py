"""What was asked for, service by service, for the adviser and the ledger: read from requests, decisions, appeals and the trail."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet

from openum.accounts.models import Organization, Plan, User
from openum.appeals.models import Appeal
from openum.appeals.rules.states import OPEN_STATES, Outcome
from openum.audit.models import EventRow
from openum.cases.models import Case, Party, ServiceLine
from openum.cases.queries import not_replaced
from openum.criteria.codes import short_system
from openum.determination.models import Determination
from openum.determination.services import ON_APPEAL
from openum.directory.models import Practitioner
from openum.directory.queries import policies_on
from openum.needs.queries import REQUIREMENTS
from openum.needs.reading import read_requirements
from openum.needs.rules import Exemption, Service
from openum.programme.book import book
from openum.programme.rules.asked import AskedLine, Result
from openum.programme.rules.worth import Asking, Profile, Progress, ledger
from openum.vocabulary.terms import Benefit, PartyRole, RequestKind, Timing

KINDS = (RequestKind.AUTHORIZATION, RequestKind.ADMISSION)
_PROVIDER_ROLES = (PartyRole.ORDERING, PartyRole.REQUESTER)
"""Who ordered it; where the request names nobody, who asked."""


def lines_asked(plan: Plan, *, days: int, at: datetime) -> QuerySet[ServiceLine]:
    """Return the lines that were asked for at a plan in the last days, before or during the service."""
    zone = ZoneInfo(plan.time_zone)
    since = datetime.combine(at.astimezone(zone).date() - timedelta(days=days), time(), zone)
    return ServiceLine.objects.filter(
        not_replaced(), case__plan=plan, case__is_sandbox=False, request__kind__in=KINDS, request__received_at__gte=since,
        request__received_at__lte=at,
    ).exclude(request__timing=Timing.RETROSPECTIVE)  # fmt: skip


def with_provider(rows: QuerySet[ServiceLine], npis: Iterable[str]) -> QuerySet[ServiceLine]:
    """Narrow lines to the requests that name one of some providers as ordering, or as asking where nobody is named."""
    parties = Party.objects.filter(role__in=_PROVIDER_ROLES, npi__in=list(npis))
    return rows.filter(request__in=parties.values("request"))


def askings(rows: QuerySet[ServiceLine], *, until: datetime, with_acts: bool = False) -> list[Asking]:
    """Return what the lines asked for and what became of it by an instant; with what people did for them where asked."""
    decisions = _first_decisions(rows, until)
    changed = _changed(rows, until)
    ended, running = _appeals(rows, until)
    npis = _npis(rows)
    acts = _acts(rows) if with_acts else {}
    found = []
    values = rows.order_by("pk").values_list(
        "pk",
        "request_id",
        "case__public_id",
        "code_system",
        "code",
        "benefit",
        "status",
        "case__product__line_of_business",
    )
    for pk, request_id, case_id, system, code, benefit, status, law in values:
        outcome, reason_class, by_machine = decisions.get(pk, ("", "", False))
        drug = benefit == Benefit.PHARMACY or code.upper().startswith(book().drug_codes)
        result = AskedLine(status=status, outcome=outcome, reason_class=reason_class, is_drug=drug).result
        found.append(
            Asking(
                service=(short_system(system), code),
                line_of_business=law,
                npi=npis.get(request_id, ""),
                result=result,
                by_machine=by_machine,
                appeal_open=pk in running,
                overturned=result in {Result.DENIED, Result.PARTLY}
                and (ended.get(pk) == Outcome.OVERTURNED or pk in changed),
                acts=acts.get(case_id),
            )
        )
    return found


def _first_decisions(rows: QuerySet[ServiceLine], until: datetime) -> dict[int, tuple[str, str, bool]]:
    found: dict[int, tuple[str, str, bool]] = {}
    decisions = Determination.objects.filter(line__in=rows, decided_at__lte=until).order_by("decided_at", "pk")
    for line, outcome, reason_class, by_machine in decisions.values_list(
        "line_id", "outcome", "reason_class", "decided_by_machine"
    ):
        if AskedLine(status="", outcome=outcome).result is not Result.UNDECIDED:
            found.setdefault(line, (outcome, reason_class, by_machine))
    return found


def _changed(rows: QuerySet[ServiceLine], until: datetime) -> set[int]:
    """Lines that were approved by a later decision which no appeal brought."""
    later = Determination.objects.filter(line__in=rows, decided_at__lte=until, outcome="approved").exclude(
        supersedes_because__in=["", *ON_APPEAL]
    )
    return set(later.values_list("line_id", flat=True))


def _appeals(rows: QuerySet[ServiceLine], until: datetime) -> tuple[dict[int, str], set[int]]:
    """Return the outcome of the last decided appeal by line, and the lines with one that is not decided."""
    ended: dict[int, str] = {}
    running: set[int] = set()
    appeals = Appeal.objects.filter(line__in=rows, filed_at__lte=until).order_by("filed_at", "pk")
    for line, state, outcome in appeals.values_list("line_id", "state", "outcome"):
        if state in OPEN_STATES:
            running.add(line)
        elif outcome:
            ended[line] = outcome
    return ended, running


def _npis(rows: QuerySet[ServiceLine]) -> dict[int, str]:
    found: dict[int, str] = {}
    parties = Party.objects.filter(request__in=rows.values("request"), role__in=_PROVIDER_ROLES).exclude(npi="")
    for request_id, role, npi in parties.order_by("pk").values_list("request_id", "role", "npi"):
        if role == PartyRole.ORDERING or request_id not in found:
            found[request_id] = npi
    return found


def _acts(rows: QuerySet[ServiceLine]) -> dict[UUID, dict[str, Fraction]]:
    """Return what people did for each case, shared evenly over the lines that it asks for."""
    shares = dict(rows.order_by().values_list("case__public_id").annotate(n=Count("pk")))
    done = EventRow.objects.filter(case_id__in=rows.values("case__public_id"), actor_kind=User.PERSON)
    found: dict[UUID, dict[str, Fraction]] = defaultdict(dict)
    for case_id, name, count in done.order_by().values_list("case_id", "type").annotate(n=Count("pk")):
        if case_id in shares:  # not one that came in since
            found[case_id][name] = Fraction(count, shares[case_id])
    return found


def exemptions_on(plan: Plan, day: date) -> list[Exemption]:
    """Return the exemptions of providers that are published for a plan on a day."""
    return [
        exemption
        for policy in policies_on(plan=plan, kind=REQUIREMENTS, on=day)
        for exemption in read_requirements(policy.body).exemptions
        if exemption.conditions.effective_from <= day < (exemption.conditions.effective_to or date.max)
    ]


def exempt_services(exemptions: Iterable[Exemption], seen: Iterable[Service]) -> set[tuple[str, Service]]:
    """Return the provider and each of the seen services that an exemption names; one that names none covers all."""
    services = list(seen)
    return {
        (one.npi, service)
        for one in exemptions
        for service in services
        if not one.conditions.services or service in one.conditions.services
    }


def npis_of(offices: Collection[Organization], plans: Collection[Plan], *, at: datetime) -> set[str]:
    """Return the provider numbers for which offices asked plans for something in the last year."""
    since = at - timedelta(days=365)
    cases = Case.objects.filter(organization__in=offices, plan__in=plans, is_sandbox=False, opened_at__gte=since)
    parties = Party.objects.filter(request__case__in=cases, role__in=_PROVIDER_ROLES).exclude(npi="")
    return set(parties.values_list("npi", flat=True))


def names_of(plan: Plan, npis: Collection[str]) -> dict[str, str]:
    """Return the names of practitioners that a plan's directory knows, by their number."""
    known = Practitioner.objects.filter(plan=plan, npi__in=npis)
    return {one.npi: f"{one.given_name} {one.family_name}".strip() for one in known}


def progress_of(plan: Plan, profile: Profile, *, at: datetime, npis: Collection[str] | None = None) -> list[Progress]:
    """Return the ledger of a plan under a profile at an instant, of some providers or of all."""
    lines = lines_asked(plan, days=profile.days, at=at)
    rows = askings(lines if npis is None else with_provider(lines, npis), until=at)
    if npis is not None:
        rows = [row for row in rows if row.npi in npis]
    held = exemptions_on(plan, at.astimezone(ZoneInfo(plan.time_zone)).date())
    return ledger(rows, profile=profile, exempt=exempt_services(held, {row.service for row in rows}))
