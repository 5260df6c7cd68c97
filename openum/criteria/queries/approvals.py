"""Which published rule lets the engine approve."""

from dataclasses import dataclass
from datetime import date

from openum.cases import working
from openum.cases.models import ServiceLine
from openum.criteria.approval import ApprovalRule, known_rule, rule_of
from openum.criteria.queries.matching import APPROVAL_RULE, Match, governing_date, guideline_for
from openum.criteria.queries.standing import Picture, map_key
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.vocabulary.terms import LineOfBusiness


@dataclass(frozen=True)
class ApprovalMatch:
    """The published rule that lets the engine approve, with its policy row."""

    policy: Policy
    rule: ApprovalRule


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
