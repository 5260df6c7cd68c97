"""Reads approval rules: which guideline may approve which service by machine, for whom, since when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import yaml

from openum.criteria.codes import short_system
from openum.criteria.faults import Lined, Reader
from openum.criteria.front import effective_dates, lines_of_business_of, services_of
from openum.vocabulary.terms import LineOfBusiness

_KEYS = (
    "id", "version", "title", "effective", "scope", "guideline", "services", "publisher", "source", "source_verified",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """One published rule. Without one, a person decides (42 CFR 422.566(d))."""

    id: str
    version: str
    title: str
    effective_from: date
    effective_to: date | None
    lines_of_business: tuple[LineOfBusiness, ...]
    products: tuple[str, ...]
    guideline_id: str
    guideline_version: str
    services: tuple[tuple[str, str], ...]
    publisher: str
    source: str
    source_verified: bool
    body: str

    def covers(
        self, *, code_system: str, code: str, line_of_business: LineOfBusiness, product: str, guideline: tuple[str, str]
    ) -> bool:
        """Say whether the rule holds for a service of a product under a guideline (id, version)."""
        return (
            (short_system(code_system), code) in self.services
            and guideline == (self.guideline_id, self.guideline_version)
            and (not self.lines_of_business or line_of_business in self.lines_of_business)
            and (not self.products or product in self.products)
        )


def parse_approval_rules(text: str, *, file: str) -> tuple[ApprovalRule, ...]:
    """Read a file of approval rules.

    Raises:
        DocumentInvalid: with every fault found.
    """
    reader = Reader(file)
    rows = reader.yaml(text, first_line=1)
    reader.stop_if_faulty()
    if not isinstance(rows, list) or not rows:
        reader.fault(1, "The file must be a list of rules, each beginning with “- id:”.")
    reader.stop_if_faulty()
    rules = [_rule(reader, row) for row in rows]
    _check_versions(reader, rules)
    reader.stop_if_faulty()
    return tuple(rule for rule in rules if rule)


def _check_versions(reader: Reader, rules: Sequence[ApprovalRule | None]) -> None:
    names = [(rule.id, rule.version) for rule in rules if rule]
    for name in sorted({name for name in names if names.count(name) > 1}):
        reader.fault(1, f"{name[0]} {name[1]} stands twice; give the change a new version.")


def _rule(reader: Reader, row: object) -> ApprovalRule | None:
    if not isinstance(row, Lined):
        reader.fault(1, "Each rule must be a block of “name: value” lines.")
        return None
    what = f"the rule {row.get('id', '')}".strip()
    reader.known_keys(row, _KEYS, what=what)
    start, end = effective_dates(reader, row)
    scope = reader.block(row, "scope", what=what)
    guideline = reader.block(row, "guideline", what=what)
    services = services_of(reader, row, "services", what=what)
    if not services:
        reader.fault(row.line, f"{what} needs “services”: the codes it may approve.")
    if not isinstance(row.get("source_verified"), bool):
        reader.fault(row.line, f"{what} needs “source_verified”: yes or no.")
    texts = {key: reader.text(row, key, what=what) for key in ("id", "version", "title", "publisher", "source")}
    if scope is not None:
        reader.known_keys(scope, ("lines_of_business", "products"), what="“scope”")
    if guideline is not None:
        reader.known_keys(guideline, ("id", "version"), what="“guideline”")
    if start is None or scope is None or guideline is None:
        return None
    return ApprovalRule(
        **texts,
        effective_from=start,
        effective_to=end,
        lines_of_business=lines_of_business_of(reader, scope, what="“scope”"),
        products=reader.texts(scope, "products", what="“scope”"),
        guideline_id=reader.text(guideline, "id", what="“guideline”"),
        guideline_version=reader.text(guideline, "version", what="“guideline”"),
        services=services,
        source_verified=row.get("source_verified") is True,
        body=yaml.safe_dump([_plain(row)], sort_keys=True, allow_unicode=True),
    )


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


_RULES: dict[str, ApprovalRule] = {}


def known_rule(digest: str) -> ApprovalRule | None:
    """Return a published rule that this process has read."""
    return _RULES.get(digest)


def rule_of(body: str, *, digest: str) -> ApprovalRule:
    """Return the rule of a published row; read once per content and process."""
    if digest not in _RULES:
        _RULES[digest] = parse_approval_rules(body, file="published")[0]
    return _RULES[digest]
