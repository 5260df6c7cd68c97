"""Reads of approvals by software: which are drawn for a second look, what looks found, and for whom rules approve."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case as Choice
from django.db.models import CharField, Count, Exists, F, OuterRef, QuerySet, Value, When

from openum.accounts.models import Plan, User
from openum.cases.models import ServiceLine
from openum.cases.queries import lines_visible_to
from openum.db.keeping import kept_when_large
from openum.determination.automation import AUTOMATION
from openum.determination.looks import Approved, Group, LookTerms, Why, drawn, marked, read_terms
from openum.determination.models import ApprovalLook, Determination
from openum.directory.queries import policies_on
from openum.vocabulary.packs import read_yaml

GROUPS: dict[str, Any] = {
    "age": F("age_band"), "sex": F("case__member__sex"), "language": F("case__member__language"),
    "condition": F("service_class"),
}  # fmt: skip
"""What groups of members are told apart by, of what the plan knows of its members."""
CHILD, OLD = 18, 65
_YEAR = timedelta(days=365)


@lru_cache(maxsize=16)
def _terms_in(digest: str, body: str) -> LookTerms | None:
    """Read the terms of a published file; the digest names the content."""
    return read_terms(read_yaml(body))


def look_terms(plan: Plan, *, on: date) -> LookTerms | None:
    """Return how approvals by software are looked at in a plan; None where no published row says it."""
    found = [_terms_in(policy.digest, policy.body) for policy in policies_on(plan=plan, kind=AUTOMATION, on=on)]
    return next((terms for terms in reversed(found) if terms is not None), None)


def _by_software(plan: Plan) -> QuerySet[Determination]:
    return Determination.objects.filter(
        line__case__plan=plan, decided_by_machine=True, is_sandbox=False, line__case__is_sandbox=False
    )


def drawn_in(plan: Plan, *, at: datetime) -> dict[int, Why]:
    """Return the approvals of the last days that are drawn, looked at or not, in the order of time: key and why."""
    terms = look_terms(plan, on=at.astimezone(ZoneInfo(plan.time_zone)).date())
    if terms is None:
        return {}
    since = at - timedelta(days=terms.look_back_days)
    fields = ("pk", "public_id", "approval_rule_id")
    rows = [
        Approved(*row)
        for row in _by_software(plan).filter(decided_at__gte=since, decided_at__lte=at).order_by("decided_at", "pk").values_list(*fields)
    ]  # fmt: skip
    rules = {row.rule for row in rows}
    known = {rule for rule in rules if _by_software(plan).filter(approval_rule=rule, decided_at__lt=since).exists()}
    return drawn(rows, terms, known_rules=frozenset(known))


def why_drawn(determination: Determination, *, at: datetime) -> Why:
    """Return why an approval is looked at; one that was not drawn was aimed at."""
    return drawn_in(determination.line.case.plan, at=at).get(determination.pk, Why.AIMED)


def approvals_visible_to(user: User) -> QuerySet[Determination]:
    """Approvals by software on lines an actor may see, but those of test plans."""
    lines = lines_visible_to(user).filter(pk=OuterRef("line_id"), case__is_sandbox=False)
    return Determination.objects.filter(Exists(lines), decided_by_machine=True, is_sandbox=False).select_related(
        "line__case__plan", "line__case__product", "line__case__member", "approval_rule", "evidence_map", "look__by"
    )


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What was drawn in some plans, and how far people have come."""

    waiting: Sequence[tuple[Determination, Why]]
    drawn: int
    looked_at: int
    differ: int


def sample_for(user: User, plans: Iterable[Plan], *, at: datetime, most: int) -> Sample:
    """Return the drawn approvals that wait for a look, the oldest first, and how many were looked at."""
    why: dict[int, Why] = {}
    for plan in plans:
        why |= drawn_in(plan, at=at)
    looks = dict(ApprovalLook.objects.filter(determination__in=list(why)).values_list("determination_id", "agrees"))
    keys = [key for key in why if key not in looks]
    rows = approvals_visible_to(user).filter(pk__in=keys[:most]).order_by("decided_at", "pk")
    return Sample(
        waiting=[(row, why[row.pk]) for row in rows], drawn=len(why), looked_at=len(looks),
        differ=sum(1 for agrees in looks.values() if not agrees),
    )  # fmt: skip


def groups_of(plan: Plan, *, at: datetime) -> list[Group]:
    """Return how often rules approved in the last year by group of members, those marked for whom they do it less."""
    day = at.astimezone(ZoneInfo(plan.time_zone)).date()
    terms = look_terms(plan, on=day)
    if terms is None:
        return []
    return kept_when_large(
        ("approvals by group", plan.pk, day), lambda: _counted(plan, terms, day, at=at),
        rows_of=lambda found: sum(group.lines for group in found),
    )  # fmt: skip


def _counted(plan: Plan, terms: LookTerms, day: date, *, at: datetime) -> list[Group]:
    decided = Determination.objects.filter(line=OuterRef("pk"))
    looks = ApprovalLook.objects.filter(determination__line=OuterRef("pk"))
    age = Choice(
        When(case__member__birth_date__gt=_years_before(day, CHILD), then=Value("child")),
        When(case__member__birth_date__gt=_years_before(day, OLD), then=Value("adult")),
        When(case__member__birth_date__isnull=False, then=Value("old")),
        default=Value(""), output_field=CharField(),
    )  # fmt: skip
    lines = ServiceLine.objects.filter(
        Exists(decided), case__plan=plan, case__is_sandbox=False, request__received_at__gte=at - _YEAR
    ).alias(age_band=age)
    found: list[Group] = []
    for about, field in GROUPS.items():
        named = lines.annotate(name=field)
        counts = [
            _by_name(each)
            for each in (
                named, named.filter(Exists(decided.filter(decided_by_machine=True))), named.filter(Exists(looks)),
                named.filter(Exists(looks.filter(agrees=False))),
            )
        ]  # fmt: skip
        whole, by_rule, looked_at, differ = counts
        found += [
            Group(
                about=about, name=name, lines=count, by_rule=by_rule.get(name, 0), looked_at=looked_at.get(name, 0),
                differ=differ.get(name, 0),
            )
            for name, count in sorted(whole.items())
        ]  # fmt: skip
    return marked(found, terms)


def _by_name(lines: QuerySet[Any]) -> dict[str, int]:
    return {name or "": count for name, count in lines.order_by().values_list("name").annotate(n=Count("pk"))}


def _years_before(day: date, years: int) -> date:
    """Return the day so many years before; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
