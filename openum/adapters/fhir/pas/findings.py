"""The findings of each criterion as process notes, with what would satisfy those that are open."""

from collections import defaultdict

from openum.cases.models import ServiceLine
from openum.criteria.maps import LeafView, build_map
from openum.criteria.models import Finding
from openum.criteria.program import known_program
from openum.criteria.queries import finding_fact, program_for_policy
from openum.directory.models import Policy
from openum.vocabulary.terms import FindingValue

_VALUE = {FindingValue.MET: "Met", FindingValue.NOT_MET: "Not met", FindingValue.UNKNOWN: "Not known"}


def finding_notes(lines: list[ServiceLine]) -> dict[int, tuple[str, ...]]:
    """Return the notes of each line by primary key, one for each criterion in reading order.

    The findings that stand are read for all lines at once; the guideline is the version they were made under.
    """
    rows = (
        Finding.objects.filter(line__in=[line.pk for line in lines], superseded_at__isnull=True)
        .select_related("made_by")
        .order_by("line_id", "leaf")
    )
    by_line: dict[int, list[Finding]] = defaultdict(list)
    for row in rows:
        by_line[row.line_id].append(row)
    policies = _policies({row.policy_id for found in by_line.values() for row in found if row.policy_id})
    return {line_id: _notes_of(found, policies) for line_id, found in by_line.items()}


def _policies(keys: set[int]) -> dict[int, Policy]:
    return {row.pk: row for row in Policy.objects.filter(pk__in=keys).defer("body")} if keys else {}


def _notes_of(findings: list[Finding], policies: dict[int, Policy]) -> tuple[str, ...]:
    policy = next((policies[row.policy_id] for row in findings if row.is_machine and row.policy_id), None)
    program = (known_program(policy.digest) or program_for_policy(policy)) if policy is not None else None
    shown = build_map(
        program.guideline if program is not None else None,
        policy_digest=policy.digest if policy is not None else "",
        findings=[finding_fact(row) for row in findings],
        links=[],
    )
    return tuple(_note(leaf) for leaf in shown.leaves)


def _note(leaf: LeafView) -> str:
    """Write one criterion: question, answer, and for an open one what would satisfy it and what is missing."""
    sentences = [f"Criterion {leaf.key}: {leaf.question.en}"]
    if leaf.is_not_applicable:
        return f"{sentences[0]} Not needed."
    sentences.append(f"{_VALUE[leaf.value]}.")
    if leaf.is_open:
        if leaf.to_satisfy.en:
            sentences.append(f"To satisfy it: {leaf.to_satisfy.en}")
        missing = [text for one in leaf.missing if (text := _element(one))]
        if missing:
            sentences.append(f"Missing: {'; '.join(missing)}.")
    return " ".join(sentences)


def _element(missing: object) -> str:
    if isinstance(missing, dict):
        return str(missing.get("note") or missing.get("element") or "").strip().rstrip(".")
    return str(missing).strip()
