"""Reads about guidelines, findings and evidence. Answers come from stored rows only."""

from openum.criteria.queries.approvals import ApprovalMatch, approval_rule_for, approval_rule_under
from openum.criteria.queries.forms import AnswerField, form_questions, match_for_form
from openum.criteria.queries.matching import (
    APPROVAL_RULE,
    GUIDELINE,
    RETIREMENT,
    Match,
    asked_of,
    governing_date,
    guideline_for,
    match_guideline,
    program_for_policy,
)
from openum.criteria.queries.published import (
    PublishedGuideline,
    published_approval_rules,
    published_guideline,
    published_guidelines,
    retirements,
    validity_of_codes,
    versions_of,
)
from openum.criteria.queries.standing import (
    Picture,
    current_findings,
    current_links,
    current_map,
    finding_fact,
    latest_map,
    link_fact,
    map_key,
    maps_of,
    open_nodes,
    previewed_fact,
    standing_match,
)

__all__ = [
    "APPROVAL_RULE", "GUIDELINE", "RETIREMENT", "AnswerField", "ApprovalMatch", "Match", "Picture", "PublishedGuideline",
    "approval_rule_for", "approval_rule_under", "asked_of", "current_findings", "current_links", "current_map", "finding_fact",
    "form_questions", "governing_date", "guideline_for", "latest_map", "link_fact", "map_key", "maps_of", "match_for_form",
    "match_guideline", "open_nodes", "previewed_fact", "program_for_policy", "published_approval_rules",
    "published_guideline", "published_guidelines", "retirements", "standing_match", "validity_of_codes", "versions_of",
]  # fmt: skip
