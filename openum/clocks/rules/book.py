"""The book of rows: read from YAML, checked, and chosen by line of business, request type, state and date."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from openum.clocks.rules.calendars import STANDARD_DAYS
from openum.clocks.rules.facts import Fact, FactKind, plain_value
from openum.clocks.rules.rows import InvalidRule, rule_from_row
from openum.clocks.rules.rule import Condition, Force, Rule
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import ClockPurpose

OVERLAYS = frozenset({"accreditation", "accreditation-urac"})
"""The packs of accreditors (NCQA, URAC): only a plan that holds the accreditation publishes them for itself."""


class RuleBook:
    """All rows of a set of files, every version of each. Immutable once made."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Index the rows.

        Raises:
            InvalidRule: two rows with one id and version, two versions in force on one day, or a switch to nowhere.
        """
        self._versions: dict[str, list[Rule]] = {}
        self._by_business: dict[tuple[str, str], list[Rule]] = {}
        for rule in rules:
            self._versions.setdefault(rule.id, []).append(rule)
            for business in rule.line_of_business:
                for request_type in rule.request_type | rule.asked_as:
                    self._by_business.setdefault((business, request_type), []).append(rule)
        for versions in self._versions.values():
            _check_versions(versions)
        for rule in self:
            for other in filter(None, (rule.upgrades_to, rule.downgrades_to)):
                if other not in self._versions:
                    raise InvalidRule(f"{rule.id}: there is no row {other} to switch to.")
        self.has_overlay = any(rule.force is Force.ACCREDITATION for rule in self)
        self._yields = any(rule.only_without_law for rule in self)
        self._governors = tuple(sorted({rule.governed_by for rule in self} - {FactKind.RECEIVED}))
        self._in_force = lru_cache(maxsize=4096)(self._rows_in_force)
        self._prefixes = lru_cache(maxsize=64)(self._prefixes_of)
        self._marked = lru_cache(maxsize=64)(self._marked_rows_of)
        self._of_services = lru_cache(maxsize=256)(self._rows_of_services)
        self._answering = lru_cache(maxsize=4096)(self._rows_that_answer)

    def __iter__(self) -> Iterator[Rule]:
        """Walk over every version of every row."""
        return (rule for versions in self._versions.values() for rule in versions)

    def __len__(self) -> int:
        """Count the rows, versions included."""
        return sum(len(versions) for versions in self._versions.values())

    def rule(self, rule_id: str, version: int) -> Rule:
        """Return one version of a row.

        Raises:
            KeyError: there is none.
        """
        for rule in self._versions.get(rule_id, ()):
            if rule.version == version:
                return rule
        raise KeyError(f"{rule_id} version {version}")

    def names_code(self, request_type: str, codes: Iterable[str]) -> bool:
        """Say whether a row makes requests with one of these codes (HCPCS, five signs) a request of this type."""
        prefixes = self._prefixes(request_type)
        return any(len(code) == 5 and code.startswith(prefixes) for code in codes)

    def names_mark(self, request_type: str, *, modifiers: Iterable[str], diagnoses: Iterable[str]) -> bool:
        """Say whether a row makes requests with one of these modifiers (HCPCS) or diagnoses (ICD-10-CM) one of this type."""
        rows = self._marked(request_type)
        given, ill = frozenset(modifiers), frozenset(diagnoses)
        return any(rule.modifiers & given or rule.diagnoses & ill for rule in rows)

    def names_service(
        self, request_type: str, services: Callable[[], Iterable[tuple[str, str]]], *, state: str
    ) -> bool:
        """Say whether a row of a state makes requests with one of these services one of this type.

        Args:
            services: gives code system and benefit of each line; either one names it. Asked only where a state has a row.
        """
        rows = self._of_services(request_type, state)
        return bool(rows) and any(
            system.casefold() in rule.code_systems or benefit in rule.benefits
            for system, benefit in services()
            for rule in rows
        )

    def _rows_of_services(self, request_type: str, state: str) -> tuple[Rule, ...]:
        return tuple(
            rule
            for rule in self
            if request_type in rule.asked_as and state in rule.states and (rule.code_systems or rule.benefits)
        )

    def _marked_rows_of(self, request_type: str) -> tuple[Rule, ...]:
        return tuple(
            rule
            for rule in self
            if request_type in rule.request_type | rule.asked_as and (rule.modifiers or rule.diagnoses)
        )

    def _prefixes_of(self, request_type: str) -> tuple[str, ...]:
        return tuple(
            sorted(
                {
                    prefix
                    for rule in self
                    if request_type in rule.request_type | rule.asked_as
                    for prefix in rule.code_prefixes
                }
            )
        )

    def request_types(self, line_of_business: str) -> set[str]:
        """Return the request types that a bare question may name for a line of business."""
        return {
            request_type
            for (business, request_type), rules in self._by_business.items()
            if business == line_of_business and any(request_type in rule.asked_as for rule in rules)
        }

    def in_force(self, day: date, facts: Sequence[Fact] = ()) -> Mapping[str, Rule]:
        """Return the rows in force for a request of a day, by id; `facts` may name the date that governs some rows."""
        return self._in_force(day, tuple(plain_value(facts, kind) for kind in self._governors))

    def _rows_in_force(self, day: date, values: tuple[int | date | None, ...]) -> Mapping[str, Rule]:
        given = dict(zip(self._governors, values, strict=True))
        governing = {kind: value if isinstance(value, date) else day for kind, value in given.items()}
        return {rule.id: rule for rule in self if rule.effective_on(governing.get(rule.governed_by, day))}

    def switches(
        self, rule: Rule, *, line_of_business: str, state: str, received_on: date, facts: Sequence[Fact]
    ) -> Mapping[str, Rule]:
        """Return the rows to which an upgrade or downgrade leads, by the id that the row names.

        They are the rows that answer for such a request: a request that is not expedited is a standard one, and has
        the time of its state, of its rating period and of its levels.

        Raises:
            KeyError: a row to switch to was not in force.
        """
        rows = dict(self.in_force(received_on, facts))
        for name in filter(None, (rule.upgrades_to, rule.downgrades_to)):
            if rows[name].asked_as:
                rows[name] = self.answer_for(
                    line_of_business=line_of_business, request_type=min(rows[name].asked_as), state=state,
                    received_on=received_on, facts=facts,
                )  # fmt: skip
        return rows

    def obligations(
        self,
        *,
        line_of_business: str,
        request_type: str,
        state: str,
        received_on: date,
        received_at: datetime | None = None,
        facts: Sequence[Fact] = (),
        without: frozenset[Force] = frozenset(),
    ) -> list[Rule]:
        """Return every row that applies to a request: one for each obligation, several laws side by side.

        Args:
            line_of_business: in the words of the rows.
            request_type: in the words of the rows.
            state: the product's state; rows of other states are left out.
            received_on: the local day of receipt; it chooses the version unless the row names another date.
            received_at: the instant, for rows that ask how long a course still runs.
            facts: plain values and events that conditions look at.
            without: authorities that are switched off (an accreditation the plan does not hold).
        """
        applying = [
            rule
            for rule in self._by_business.get((line_of_business, request_type), ())
            if request_type in rule.request_type and _applies(rule, state, received_on, received_at, facts)
        ]
        if self._yields:
            laid_down = {rule.purpose for rule in applying if rule.force is Force.LAW}
            applying = [rule for rule in applying if not (rule.only_without_law and rule.purpose in laid_down)]
        return [rule for rule in applying if rule.force not in without] if without else applying

    def answer_for(
        self,
        *,
        line_of_business: str,
        request_type: str,
        state: str,
        received_on: date,
        received_at: datetime | None = None,
        facts: Sequence[Fact] = (),
    ) -> Rule:
        """Return the one row that a bare question names: a state's own row before the federal one, law before policy.

        Raises:
            KeyError: no row answers.
        """
        for rule in self._answering(line_of_business, request_type, state):
            by_name = request_type not in rule.request_type
            if _applies(rule, state, received_on, received_at, facts, by_name=by_name):
                return rule
        raise KeyError(f"No deadline row for {line_of_business}, {request_type}, state {state or 'none'}.")

    def _rows_that_answer(self, line_of_business: str, request_type: str, state: str) -> tuple[Rule, ...]:
        """Return the rows that a bare question may mean, at any date, the preferred ones first."""
        rows = self._by_business.get((line_of_business, request_type), ())
        answering = [row for row in rows if request_type in row.asked_as and (not row.states or state in row.states)]
        return tuple(sorted(answering, key=_preference))


def _preference(rule: Rule) -> tuple[bool, bool, bool, str]:
    return (rule.force is not Force.LAW, not rule.states, rule.purpose is not ClockPurpose.DECIDE, rule.id)


def _applies(
    rule: Rule,
    state: str,
    received_on: date,
    received_at: datetime | None,
    facts: Sequence[Fact],
    *,
    by_name: bool = False,
) -> bool:
    """Say whether a row applies; who asks `by_name` for its obligation says with it what nothing else tells."""
    if (rule.states and state not in rule.states) or state in rule.except_states:
        return False
    governing = plain_value(facts, rule.governed_by) if facts else None
    day = governing if isinstance(governing, date) else received_on
    return rule.effective_on(day) and all(
        _fits(condition, received_on, received_at, facts, by_name=by_name) for condition in rule.when
    )


def _fits(
    condition: Condition, received_on: date, received_at: datetime | None, facts: Sequence[Fact], *, by_name: bool
) -> bool:
    if condition.next_day_is_business_day is not None:
        return STANDARD_DAYS.counts(received_on + timedelta(days=1)) is condition.next_day_is_business_day
    if condition.equals is not None:
        value = plain_value(facts, condition.fact)
        return (by_name or condition.default == condition.equals) if value is None else value == condition.equals
    ends = [fact.at for fact in facts if fact.kind is condition.fact]
    if not ends or received_at is None:
        return condition.hours_left_less_than is not None
    left = ends[-1] - received_at
    if condition.hours_left_at_least is not None:
        return left >= timedelta(hours=condition.hours_left_at_least)
    return left < timedelta(hours=condition.hours_left_less_than or 0)


def _check_versions(versions: list[Rule]) -> None:
    versions.sort(key=lambda rule: rule.effective_from)
    if len({rule.version for rule in versions}) < len(versions):
        raise InvalidRule(f"{versions[0].id}: two rows have the same version.")
    for earlier, later in pairwise(versions):
        if earlier.effective_to is None or earlier.effective_to > later.effective_from:
            raise InvalidRule(f"{later.id}: versions {earlier.version} and {later.version} are in force together.")


def rows_of(text: str) -> list[dict[str, Any]]:
    """Return the rows of one YAML file, with the file's defaults and `same_as` filled in.

    Raises:
        InvalidRule: the file is not a mapping with `rules`, or `same_as` names no earlier row.
    """
    document = read_yaml(text)
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        raise InvalidRule("A deadline file is a mapping with a list of rules.")
    defaults = document.get("defaults") or {}
    rows: dict[str, dict[str, Any]] = {}
    result = []
    for given in document["rules"]:
        row = dict(given)
        base = row.pop("same_as", None)
        if base is not None and base not in rows:
            raise InvalidRule(f"{row.get('id')}: same_as names {base}, which no earlier row of this file has.")
        row = {**defaults, **(rows[base] if base else {}), **row}
        rows[str(row.get("id"))] = row
        result.append(row)
    return result


def read_book(directory: Path) -> RuleBook:
    """Read every YAML file of a directory into one book.

    Raises:
        InvalidRule: a row is wrong; the message names the row and the field.
    """
    paths = sorted(directory.glob("*.yaml"))
    return book_from_texts(path.read_text(encoding="utf-8") for path in paths)


def book_from_texts(texts: Iterable[str]) -> RuleBook:
    """Make a book of the texts of several YAML files."""
    return RuleBook(rule_from_row(row) for text in texts for row in rows_of(text))


def book_from_rows(rows: Iterable[Mapping[str, Any]]) -> RuleBook:
    """Make a book of complete rows, as they are kept in published policies."""
    return RuleBook(rule_from_row(row) for row in rows)
