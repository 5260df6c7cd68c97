"""Which guideline holds for a service: by code, product, state, age and place; exclusion before narrowness."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from openum.accounts.models import Plan
from openum.cases.models import ServiceLine
from openum.criteria.guideline import Guideline
from openum.criteria.program import Program, known_program, program_of
from openum.criteria.rules import Asked, Exclusion, age_on, exclusion_of, fits, narrowness
from openum.db import plain
from openum.directory.models import Code, Policy, Product
from openum.directory.queries import last_publication, policies_on
from openum.vocabulary.terms import LineOfBusiness

GUIDELINE = "guideline"
APPROVAL_RULE = "approval-rule"
RETIREMENT = "guideline-retirement"
"""A policy row that ends a guideline: its key is id and version, its first day the first day without it."""


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
        asked=asked_of(
            product, line.code_system, line.code, age_on(line.case.member.birth_date, day), place=line.place
        ),
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


def asked_of(product: Product, code_system: str, code: str, age: int | None, *, place: str | None = None) -> Asked:
    """Return the facts of a service that decide which guideline holds."""
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
