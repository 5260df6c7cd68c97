"""Reads the requests of a period for the figures, and the reports that were frozen."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.appeals.models import Appeal
from openum.appeals.rules.states import Counted, Outcome
from openum.cases.models import InformationItem, Request, ServiceLine
from openum.cases.queries import not_replaced
from openum.clocks.models import ClockFact
from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.holder import split_of
from openum.clocks.rules.reading import Split
from openum.clocks.stored import fact_of
from openum.determination.models import Determination
from openum.determination.services import ON_APPEAL
from openum.directory.models import Product
from openum.notices.models import NoticeSending
from openum.programme.book import Posting, book
from openum.programme.models import PublicReport
from openum.programme.rules.asked import Asked, AskedLine
from openum.vocabulary.terms import Ball, Benefit, LineStatus, Timing, Urgency

DECISIONS = (LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED, LineStatus.DENIED)


@dataclass(frozen=True)
class Level:
    """One thing that figures are posted for: a contract, plan, state or issuer, with its products."""

    plan: Plan
    posting: Posting
    key: str
    products: tuple[Product, ...]


def levels_of(plans: Iterable[Plan]) -> list[Level]:
    """Return what plans have to post figures for; products under other laws post none."""
    postings = {posting.line_of_business: posting for posting in book().postings}
    found: dict[tuple[int, str, str], list[Product]] = defaultdict(list)
    by_id = {plan.pk: plan for plan in plans if not plan.is_sandbox}
    for product in Product.objects.filter(plan__in=by_id.values(), line_of_business__in=postings).order_by("pk"):
        found[product.plan_id, product.line_of_business, level_key(product, postings[product.line_of_business])].append(
            product
        )
    return [
        Level(by_id[plan_id], postings[law], key, tuple(products)) for (plan_id, law, key), products in found.items()
    ]


def level_key(product: Product, posting: Posting) -> str:
    """Return which contract, state, plan or issuer a product belongs to; a missing contract or state is named as such."""
    if posting.level == "contract":
        return product.contract.rpartition("-")[0] or product.contract or "no contract number"
    if posting.level == "state":
        return product.state or "no state"
    if posting.level == "plan":
        return product.key
    return product.plan.key


def asked_in(
    products: Iterable[Product],
    first: date,
    after: date,
    *,
    zone: str,
    until: datetime,
    kinds: Iterable[str] | None = None,
) -> list[Asked]:
    """Return the requests received in a period, before the service or during it, with what became of them by an instant."""
    since, before = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (first, after))
    requests = (
        Request.objects.filter(
            case__product__in=list(products), case__is_sandbox=False, received_at__gte=since, received_at__lt=before,
            kind__in=list(kinds if kinds is not None else book().counted_kinds),
        )
        .exclude(timing=Timing.RETROSPECTIVE)
        .select_related("case__product")
        .order_by("pk")
    )  # fmt: skip
    lines = _lines_of(requests, until)
    facts = _facts_of(requests, until)
    found = []
    for request in requests:
        decided = max((line.decided_at for line in lines[request.pk] if line.decided_at), default=until)
        found.append(
            Asked(
                line_of_business=request.case.product.line_of_business,
                urgency=_class_of(request, facts[request.pk], decided),
                asked_urgency=Urgency(request.urgency),
                received_at=request.received_at,
                extended_at=next(
                    (
                        fact.at
                        for fact in facts[request.pk]
                        if fact.kind == FactKind.EXTENSION_TAKEN and fact.at <= decided
                    ),
                    None,
                ),
                lines=tuple(lines[request.pk]),
                pk=request.pk,
                split=_split_of(request.received_at, lines[request.pk], facts[request.pk]),
            )
        )
    return found


def _class_of(request: Request, facts: Iterable[ClockFact], decided_at: datetime) -> Urgency:
    """Return the class in which a request was decided: the last change of speed before the decision, else as it came."""
    urgency = Urgency(request.urgency)
    for fact in facts:
        if fact.at <= decided_at and fact.kind == FactKind.UPGRADED:
            urgency = Urgency.EXPEDITED
        elif fact.at <= decided_at and fact.kind == FactKind.DOWNGRADED:
            urgency = Urgency.STANDARD
    return urgency


def _facts_of(requests: QuerySet[Request], until: datetime) -> dict[int, list[ClockFact]]:
    kinds = [
        FactKind.UPGRADED, FactKind.DOWNGRADED, FactKind.EXTENSION_TAKEN, FactKind.INFO_REQUESTED, FactKind.INFO_RECEIVED,
        FactKind.DECIDED, FactKind.REOPENED,
    ]  # fmt: skip
    rows = ClockFact.objects.filter(request__in=requests, kind__in=kinds, at__lte=until, replaced_by__isnull=True)
    found: dict[int, list[ClockFact]] = defaultdict(list)
    for fact in rows.order_by("at", "pk"):
        found[fact.request_id].append(fact)
    return found


def _split_of(received_at: datetime, lines: Iterable[AskedLine], facts: Iterable[ClockFact]) -> Split | None:
    """Return who had the ball from receipt to the last answer's letter; None while nothing is decided."""
    decided = max((line.decided_at for line in lines if line.decided_at), default=None)
    if decided is None:
        return None
    end = max(line.told_at or line.decided_at or decided for line in lines)
    return split_of([fact_of(fact) for fact in facts], Ball.PAYER, decided, received_at, max(end, decided))


def _lines_of(requests: QuerySet[Request], until: datetime) -> dict[int, list[AskedLine]]:
    rows = ServiceLine.objects.filter(not_replaced(), request__in=requests)
    decisions: dict[int, list[Determination]] = defaultdict(list)
    for decision in Determination.objects.filter(line__in=rows, decided_at__lte=until).order_by("decided_at", "pk"):
        decisions[decision.line_id].append(decision)
    told = dict(
        NoticeSending.objects.filter(notice__determination__line__in=rows, handed_over_at__lte=until)
        .values_list("notice__determination")
        .annotate(first=Min("handed_over_at"))
    )
    appeals: dict[int, list[Appeal]] = defaultdict(list)
    for appeal in (
        Appeal.objects.filter(line__in=rows, decided_at__lte=until)
        .exclude(decision__counted_as=Counted.EARLY_REVERSAL)
        .order_by("decided_at", "pk")
    ):
        appeals[appeal.line_id].append(appeal)
    asked = set(InformationItem.objects.filter(line__in=rows).values_list("line_id", flat=True))
    found: dict[int, list[AskedLine]] = defaultdict(list)
    for line in rows.order_by("pk"):
        found[line.request_id].append(
            _line(line, decisions[line.pk], appeals[line.pk], told, was_asked=line.pk in asked)
        )
    return found


def _line(
    line: ServiceLine,
    decisions: list[Determination],
    appeals: list[Appeal],
    told: dict[Any, datetime],
    *,
    was_asked: bool,
) -> AskedLine:
    first = next((decision for decision in decisions if decision.outcome in DECISIONS), None)
    later = [decision for decision in decisions if first is not None and decision.pk > first.pk]
    return AskedLine(
        status=line.status,
        outcome=first.outcome if first else "",
        reason_class=first.reason_class if first else "",
        decided_at=first.decided_at if first else None,
        told_at=told.get(first.pk) if first else None,
        is_drug=line.benefit == Benefit.PHARMACY or line.code.upper().startswith(book().drug_codes),
        by_machine=bool(first and first.decided_by_machine),
        was_asked=was_asked,
        appeals=len(appeals),
        overturned=bool(appeals) and appeals[-1].outcome == Outcome.OVERTURNED,
        changed=any(decision.supersedes_because not in {"", *ON_APPEAL} for decision in later),
    )


def reports_visible_to(user: User) -> QuerySet[PublicReport]:
    """Return the frozen reports of the plans whose figures a person keeps, newest first."""
    plans = plans_visible_to(user, Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS)
    return PublicReport.objects.filter(plan__in=plans).select_related("plan", "frozen_by").order_by("-frozen_at", "-pk")


def posted_reports() -> list[PublicReport]:
    """Return what anybody may read: the last version of each level and year, the newest year first."""
    rows = PublicReport.objects.filter(plan__is_sandbox=False).select_related("plan")
    newest: dict[tuple[int, str, str, int], PublicReport] = {}
    for row in rows.order_by("version"):
        newest[row.plan_id, row.line_of_business, row.level_key, row.year] = row
    return sorted(newest.values(), key=lambda row: (-row.year, row.plan.name, row.line_of_business, row.level_key))
