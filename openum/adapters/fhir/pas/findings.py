"""The findings of each criterion as process notes, with what would satisfy those that are open."""

from collections import defaultdict

from openum.cases.models import ServiceLine
from openum.criteria.models import Finding
from openum.criteria.program import known_program
from openum.criteria.queries import program_for_policy
from openum.criteria.tree import Leaf
from openum.directory.models import Policy
from openum.vocabulary.terms import FindingValue

_VALUE = {FindingValue.MET: "Met", FindingValue.NOT_MET: "Not met", FindingValue.UNKNOWN: "Not known"}


def finding_notes(lines: list[ServiceLine]) -> dict[int, tuple[str, ...]]:
    """Return the notes of each line by primary key, in the order of the criteria.

    A person's answer stands before the machine's to the same criterion.
    """
    rows = (
        Finding.objects.filter(line__in=[line.pk for line in lines], superseded_at__isnull=True)
        .order_by("line_id", "leaf", "is_machine")
        .only("line_id", "policy_id", "leaf", "question", "value", "missing", "authority", "is_machine")
    )
    found: dict[int, dict[str, Finding]] = defaultdict(dict)
    for row in rows:
        found[row.line_id].setdefault(row.leaf, row)
    leaves = _leaves({row.policy_id for notes in found.values() for row in notes.values() if row.policy_id})
    return {
        line_id: tuple(_note(row, leaves.get(row.policy_id or 0, {}).get(row.leaf)) for row in notes.values())
        for line_id, notes in found.items()
    }


def _leaves(policy_ids: set[int]) -> dict[int, dict[str, Leaf]]:
    """Return the criteria of the guideline versions that were applied, compiled once per content and process."""
    found: dict[int, dict[str, Leaf]] = {}
    for policy in Policy.objects.filter(pk__in=policy_ids).defer("body") if policy_ids else ():
        program = known_program(policy.digest) or program_for_policy(policy)
        found[policy.pk] = {leaf.key: leaf for leaf in program.guideline.leaves}
    return found


def _note(row: Finding, leaf: Leaf | None) -> str:
    """Write one criterion: question, answer, and for an open one what would satisfy it and what is missing."""
    value = FindingValue(row.value)
    sentences = [f"Criterion {row.leaf}: {row.question}", f"{_VALUE[value]}."]
    if value is not FindingValue.MET:
        if leaf is not None and leaf.to_satisfy.en:
            sentences.append(f"To satisfy it: {leaf.to_satisfy.en}")
        missing = [text for one in row.missing if (text := _element(one))]
        if missing:
            sentences.append(f"Missing: {'; '.join(missing)}.")
    return " ".join(sentences)


def _element(missing: object) -> str:
    if isinstance(missing, dict):
        return str(missing.get("note") or missing.get("element") or "").strip().rstrip(".")
    return str(missing).strip()
