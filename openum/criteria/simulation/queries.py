"""Reads the stored requests of a plan as the criteria would read them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import orjson
from django.db.models import Q, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.queries import not_replaced
from openum.criteria.approval import ApprovalRule, rule_of
from openum.criteria.codes import side_of
from openum.criteria.guideline import Guideline
from openum.criteria.ledger import used_services
from openum.criteria.models import GuidelineDraft
from openum.criteria.queries import APPROVAL_RULE, GUIDELINE, governing_date
from openum.criteria.rules import Asked, exclusion_of, fits
from openum.criteria.simulation.models import Simulation
from openum.criteria.simulation.running import SimulatedCase
from openum.criteria.simulation.tally import Facts, age_band, age_on
from openum.criteria.stored import record_of
from openum.directory.models import Code, Policy
from openum.directory.queries import policies_on
from openum.vocabulary.terms import LineOfBusiness

_REGION = re.compile(r"\b([A-Z]{2})\s+\d{5}(?:-\d{4})?\b")
_AT_ONCE = 200
_SHOWN = 50


def simulations_visible_to(user: User) -> QuerySet[Simulation]:
    """Return the runs of the plans a user works for, newest first; their documents are left aside."""
    return (
        Simulation.objects.filter(plan_id__in=scope_of(user).plans_with(Permission.PUBLISH_GUIDELINES))
        .select_related("plan", "asked_by")
        .defer("draft_body", "base_body")
        .order_by("-asked_at", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that can be tried: a draft that is being written, or a published one."""

    token: str
    key: str
    version: str
    is_draft: bool


def candidates_for(plan: Plan) -> list[Candidate]:
    """Return what can be tried for a plan: drafts first, then every published version."""
    drafts = GuidelineDraft.objects.filter(Q(plan=plan) | Q(plan__isnull=True), policy__isnull=True)
    found = [
        Candidate(f"draft:{draft.public_id}", draft.key, draft.version, is_draft=True)
        for draft in drafts.order_by("key", "version")
        if draft.texts.exists()
    ]
    rows = Policy.objects.filter(Q(plan=plan) | Q(plan__isnull=True), kind=GUIDELINE).order_by("key", "-effective_from")
    return found + [Candidate(f"policy:{row.public_id}", row.key, row.version, is_draft=False) for row in rows]


def version_in_force(*, plan: Plan, key: str, on: date) -> Policy | None:
    """Return the published version of a guideline that holds for a plan on a day."""
    return next((row for row in policies_on(plan=plan, kind=GUIDELINE, on=on) if row.key == key), None)


def lines_between(*, plan: Plan, start: datetime, end: datetime, codes: Sequence[str]) -> QuerySet[ServiceLine]:
    """Return the requested services of a plan received in a span, in order; replaced ones are left out."""
    return (
        ServiceLine.objects.filter(
            not_replaced(),
            case__plan=plan,
            request__received_at__gte=start,
            request__received_at__lt=end,
            code__in=codes,
        )
        .select_related("request", "case", "case__member", "case__product", "case__plan")
        .order_by("pk")
    )


def codes_of(*guidelines: Guideline) -> list[str]:
    """Return every code that one of the guidelines may hold for, families of codes included."""
    families = {family for guideline in guidelines for family in guideline.scope.code_families}
    listed = {code for guideline in guidelines for _, code in guideline.scope.services}
    return sorted(listed | set(Code.objects.filter(service_family__in=families).values_list("code", flat=True)))


def simulated_cases(
    *, plan: Plan, start: datetime, end: datetime, draft: Guideline, base: Guideline | None
) -> Iterator[SimulatedCase]:
    """Yield each requested service with its record, as evaluation would read it.

    Args:
        plan: whose requests.
        start: first instant of receipt.
        end: first instant that no longer counts.
        draft: the version that is tried.
        base: the version it is compared with.
    """
    codes = codes_of(draft, *([base] if base else []))
    families = dict(
        Code.objects.filter(code__in=codes).exclude(service_family="").values_list("code", "service_family")
    )
    rules = [rule_of(row.body, digest=row.digest) for row in policies_on(plan=plan, kind=APPROVAL_RULE, on=end.date())]
    for line in lines_between(plan=plan, start=start, end=end, codes=codes).iterator(chunk_size=_AT_ONCE):
        day = governing_date(line)
        product, member = line.case.product, line.case.member
        age = age_on(member.birth_date, day)
        asked = Asked(
            code_system=line.code_system,
            code=line.code,
            code_family=families.get(line.code, ""),
            line_of_business=LineOfBusiness(product.line_of_business),
            product=product.key,
            state=product.state,
            age=age,
            place=line.place,
        )
        holds = [guideline is not None and _holds(guideline, asked) for guideline in (draft, base)]
        if not any(holds):
            continue
        record, _ = record_of(line, day=day, services=draft.scope.services, history=used_services(line, day))
        covered = [rule for rule in rules if rule.guideline_id == draft.id]
        yield SimulatedCase(
            facts=Facts(
                person=str(member.public_id),
                service=line.code,
                product=product.key,
                age=age_band(age),
                language=member.language,
                region=_region(member.address) or product.state,
            ),
            record=orjson.dumps(record.resources),
            day=day,
            code=line.code,
            side=side_of(line.modifiers),
            in_draft=holds[0],
            in_base=holds[1],
            draft_rule=any(_covers(rule, asked, rule.guideline_version) for rule in covered),
            base_rule=base is not None and any(_covers(rule, asked, base.version) for rule in covered),
        )


def _holds(guideline: Guideline, asked: Asked) -> bool:
    """Say whether a guideline would be chosen: by the code itself, or by its family."""
    found = fits(guideline.scope, replace(asked, code_family="")) or fits(guideline.scope, asked)
    return found and exclusion_of(guideline, asked) is None


def _covers(rule: ApprovalRule, asked: Asked, version: str) -> bool:
    return rule.covers(
        code_system=asked.code_system,
        code=asked.code,
        line_of_business=asked.line_of_business,
        product=asked.product,
        guideline=(rule.guideline_id, version),
    )


def _region(address: str) -> str:
    """Return the state of a postal address, or an empty text."""
    found = _REGION.search(address)
    return found.group(1) if found else ""
