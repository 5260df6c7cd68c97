"""Requirement lists: which row answers for a service. Pure: rows and facts in, one answer with its reason out.

Order of the answer, first that holds:
1. care that is never reviewed (emergency and the like, special rules of the law);
2. the narrowest row of the lists in force: by code, then product, line of business, state, provider status, place, age;
3. what a list says about everything it does not name.
Then an exemption of the provider, an authorization that stands, and what may never be excluded are applied.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from openum.needs.rules.lists import (
    Ages,
    Alternative,
    Authorization,
    Companion,
    Conditions,
    Covered,
    Detail,
    Documents,
    Exemption,
    FormalDetermination,
    NeverExcluded,
    NeverReviewed,
    Reference,
    Requirements,
    Row,
    RowId,
    Service,
    Status,
)
from openum.vocabulary.terms import LineOfBusiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The facts of one service that decide what it needs."""

    services: tuple[Service, ...]
    """The same service in every coding the order gives; empty: the order names no code."""
    billing_options: tuple[Service, ...] = ()
    """The codes of which one will be billed, where the order names them; they come before its own codings."""
    product: str
    line_of_business: LineOfBusiness
    state: str
    on: date
    age: int | None = None
    place: str = ""
    """Place-of-service code, two digits; empty: not known."""
    status: Status = Status.UNKNOWN
    npis: frozenset[str] = frozenset()
    circumstances: frozenset[str] = frozenset()
    diagnoses: frozenset[str] = frozenset()
    """ICD-10-CM codes without their point."""

    @property
    def service(self) -> Service | None:
        """The first code of the request."""
        return next(iter(self.billing_options or self.services), None)


_FEW = Decimal("0.2")
_UNITS = {"": "units", "UN": "units", "DA": "days", "VS": "visits", "HH": "hours", "MO": "months"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What is left of the units of an authorization; `unit` is the code it was asked in (UN, DA, VS, HH, MO)."""

    granted: Decimal
    left: Decimal
    unit: str = ""

    @property
    def is_low(self) -> bool:
        """Say whether it is nearly used up: some is used, and one unit or a fifth of them is left."""
        return self.left < self.granted and (self.left <= 1 or self.left <= self.granted * _FEW)

    @property
    def unit_words(self) -> str:
        """What is counted, in English."""
        return _UNITS.get(self.unit, self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An authorization in force for the service; `balance` is None where it sets no number of units."""

    number: str
    last_day: date | None = None
    balance: Balance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The answer: what a service needs, why, and where that is written."""

    covered: Covered
    authorization: Authorization | None
    """None where the service is not covered: there is nothing to authorize."""
    reason: str
    rests_on: tuple[RowId, ...] = ()
    """The entries of lists that were applied, the deciding one first; empty: no list speaks."""
    reason_code: str = ""
    citation: str = ""
    service: Service | None = None
    """The code the answer was found by."""
    services: tuple[Service, ...] = ()
    """All codes of the order that get this answer."""
    info_needed: tuple[str, ...] = ()
    documents: Documents | None = None
    alternatives: tuple[Alternative, ...] = ()
    companions: tuple[Companion, ...] = ()
    depends_on: frozenset[Service] = frozenset()
    details: tuple[Detail, ...] = ()
    references: tuple[Reference, ...] = ()
    instructions: str = ""
    valid_days: int | None = None
    how_to_ask: str = ""
    standing: Standing | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What people read of the answer, in English."""
        links = (one.label for one in self.references)
        proposals = (*(one.label for one in self.alternatives), *(one.label for one in self.companions))
        return (self.reason, self.instructions, self.how_to_ask, *proposals, *links)

    @property
    def row(self) -> str:
        """The key of the deciding entry, or empty."""
        return self.rests_on[0].row if self.rests_on else ""


@dataclass(frozen=True, slots=True)
class Index:
    """Requirement lists made ready for questions: one look-up for a code, whatever the number of rows."""

    by_service: Mapping[Service, tuple[Row, ...]]
    for_any: tuple[Row, ...]
    never_reviewed: tuple[NeverReviewed, ...]
    never_excluded: tuple[NeverExcluded, ...]
    formal_determinations: tuple[FormalDetermination, ...]
    exemptions: Mapping[str, tuple[Exemption, ...]] = field(default_factory=dict)
    spanish: Mapping[str, str] = field(default_factory=dict)
    """The Spanish of the sentences of the lists, by the English."""

    def answer(self, asked: Asked) -> Need:
        """Say what a service needs, not yet counting exemptions and authorizations."""
        free = self.never_review(asked)
        if free is not None:
            return free
        found = self._rows(asked.billing_options, asked) or self._rows(asked.services, asked)[:1]
        if len({(row.covered, row.authorization) for row, _service in found}) > 1:
            return _depends_on_code(found, asked)
        row = found[0][0] if found else _narrowest(self.for_any, asked)
        if row is None:
            return _nothing_said(asked)
        need = Need(
            covered=row.covered,
            authorization=None if row.covered is Covered.NOT_COVERED else row.authorization,
            reason=row.reason,
            rests_on=(row.id,),
            reason_code=row.reason_code,
            citation=row.citation,
            service=found[0][1] if found else asked.service,
            services=tuple(service for _row, service in found),
            info_needed=row.info_needed,
            documents=row.documents,
            alternatives=row.alternatives,
            companions=row.companions,
            depends_on=row.depends_on,
            details=row.details,
            references=row.references,
            instructions=row.instructions,
            valid_days=row.valid_days,
        )
        return self._not_covered(need, asked) if row.covered is Covered.NOT_COVERED else need

    def never_review(self, asked: Asked) -> Need | None:
        """Return the answer for care that is never reviewed, or None."""
        for rule in self.never_reviewed:
            named = bool(rule.circumstances & asked.circumstances) or (
                not rule.circumstances and bool(rule.conditions.services or rule.conditions.places)
            )
            if named and _hold(rule.conditions, asked):
                return Need(
                    covered=Covered.COVERED, authorization=Authorization.NONE, reason=rule.reason, rests_on=(rule.id,),
                    citation=rule.citation, instructions=rule.instructions,
                    service=asked.service,
                )  # fmt: skip
        return None

    def exemption(self, asked: Asked) -> Exemption | None:
        """Return the exemption of a provider of the order for this service."""
        held = (one for npi in sorted(asked.npis) for one in self.exemptions.get(npi, ()))
        return next((one for one in held if _hold(one.conditions, asked)), None)

    def _rows(self, services: Iterable[Service], asked: Asked) -> list[tuple[Row, Service]]:
        """Return the narrowest row of each service that a list names."""
        narrowest = ((_narrowest(self.by_service.get(service, ()), asked), service) for service in services)
        return [(row, service) for row, service in narrowest if row is not None]

    def _not_covered(self, need: Need, asked: Asked) -> Need:
        """Never let "not covered" be the last word: say how to ask, and keep to who may not be excluded."""
        kept = next((rule for rule in self.never_excluded if _hold(rule.conditions, asked)), None)
        if kept is not None:
            return replace(
                need, covered=Covered.CONDITIONAL, authorization=Authorization.NEEDED, reason=kept.reason,
                reason_code="", citation=kept.citation, info_needed=("OTH",),
                documents=need.documents or Documents(kind="clinical"), rests_on=(kept.id, *need.rests_on),
            )  # fmt: skip
        way = next((one for one in self.formal_determinations if _hold(one.conditions, asked)), None)
        return replace(need, how_to_ask=way.text if way else "", documents=None)


def compile_index(lists: Iterable[Requirements]) -> Index:
    """Bring published lists into the form that is asked."""
    by_service: dict[Service, list[Row]] = {}
    for_any: list[Row] = []
    exemptions: dict[str, list[Exemption]] = {}
    kept = list(lists)
    for one in kept:
        for row in one.rows:
            for service in row.conditions.services:
                by_service.setdefault(service, []).append(row)
            if not row.conditions.services:
                for_any.append(row)
        for exemption in one.exemptions:
            exemptions.setdefault(exemption.npi, []).append(exemption)
    return Index(
        by_service={service: tuple(rows) for service, rows in by_service.items()},
        for_any=tuple(for_any),
        never_reviewed=tuple(rule for one in kept for rule in one.never_reviewed),
        never_excluded=tuple(rule for one in kept for rule in one.never_excluded),
        formal_determinations=tuple(rule for one in kept for rule in one.formal_determinations),
        exemptions={npi: tuple(held) for npi, held in exemptions.items()},
        spanish={english: said for one in kept for english, said in one.spanish.items()},
    )


def exempted(need: Need, exemption: Exemption) -> Need:
    """Return the answer for a provider who need not ask."""
    return replace(
        need, authorization=Authorization.NONE, reason=exemption.reason, reason_code="gold-card",
        rests_on=(exemption.id, *need.rests_on), documents=None, info_needed=need.info_needed if need.covered is Covered.CONDITIONAL else (),
    )  # fmt: skip


def satisfied(need: Need, standing: Standing) -> Need:
    """Return the answer for a service that has been authorized already."""
    return replace(
        need, covered=Covered.COVERED, authorization=Authorization.SATISFIED, standing=standing, documents=None,
        info_needed=(), reason_code="", reason=f"Authorization {standing.number} covers this service.",
        instructions="", alternatives=(), companions=(), details=(*need.details, *_nearly_used_up(standing)),
    )  # fmt: skip


def _nearly_used_up(standing: Standing) -> tuple[Detail, ...]:
    """Return what is left of an authorization, where that is little."""
    held = standing.balance
    if held is None or not held.is_low:
        return ()
    words = f"Left of the {held.granted.normalize():f} {held.unit_words} of authorization {standing.number}"
    return (Detail(code="allowed-quantity", value=held.left, unit=held.unit_words, qualification=words),)


def may_be_satisfied(need: Need) -> bool:
    """Say whether an authorization could change the answer."""
    return need.authorization in {Authorization.NEEDED, Authorization.CONDITIONAL, Authorization.BY_PERFORMER}


def _nothing_said(asked: Asked) -> Need:
    """Answer where no list speaks: coverage follows the benefits, and nobody is told that nothing is needed."""
    words = (
        "No published requirement speaks of this service. Ask the plan."
        if asked.service
        else "The order names no code that the plan can look up. Add a procedure, supply or drug code."
    )
    return Need(
        covered=Covered.CONDITIONAL, authorization=Authorization.CONDITIONAL, reason=words,
        info_needed=("OTH",) if asked.service else ("detail-code",),
        service=asked.service,
    )  # fmt: skip


def _depends_on_code(found: Sequence[tuple[Row, Service]], asked: Asked) -> Need:
    """Answer where the codes that may be billed have different answers."""
    return Need(
        covered=Covered.CONDITIONAL, authorization=Authorization.CONDITIONAL, info_needed=("detail-code",),
        reason="It depends on which of the codes is billed. Order the exact service.", service=asked.service,
        rests_on=tuple(dict.fromkeys(row.id for row, _service in found)),
    )  # fmt: skip


def _narrowest(rows: Sequence[Row], asked: Asked) -> Row | None:
    held = [row for row in rows if _hold(row.conditions, asked)]
    return max(
        held, key=lambda row: (_narrowness(row.conditions), row.conditions.effective_from, row.key), default=None
    )


def _hold(conditions: Conditions, asked: Asked) -> bool:
    c = conditions
    return (
        c.effective_from <= asked.on
        and (c.effective_to is None or asked.on < c.effective_to)
        and (not c.services or any(one in c.services for one in (*asked.billing_options, *asked.services)))
        and (not c.products or asked.product in c.products)
        and (not c.lines_of_business or asked.line_of_business in c.lines_of_business)
        and (not c.states or asked.state in c.states)
        and (not c.statuses or asked.status in c.statuses)
        and (not c.places or asked.place in c.places)
        and c.ages.hold(asked.age)
        and (not c.diagnoses or any(code.startswith(c.diagnoses) for code in asked.diagnoses))
    )


def _narrowness(conditions: Conditions) -> tuple[bool, ...]:
    c = conditions
    return (
        bool(c.products), bool(c.lines_of_business), bool(c.states), bool(c.statuses), bool(c.places), c.ages != Ages(),
        bool(c.diagnoses),
    )  # fmt: skip


def rows_may_meet(one: Row, other: Row) -> bool:
    """Say whether two rows can hold for the same request without one being narrower than the other."""
    a, b = one.conditions, other.conditions
    if _narrowness(a) != _narrowness(b):
        return False
    sets = (
        (a.products, b.products), (a.lines_of_business, b.lines_of_business), (a.states, b.states),
        (a.statuses, b.statuses), (a.places, b.places),
    )  # fmt: skip
    if any(left and right and not left & right for left, right in sets):
        return False
    return _overlap(a.ages.first, a.ages.end, b.ages.first, b.ages.end) and _overlap(
        a.effective_from.toordinal(), _ordinal(a.effective_to), b.effective_from.toordinal(), _ordinal(b.effective_to)
    )


def _overlap(first: int | None, end: int | None, other_first: int | None, other_end: int | None) -> bool:
    """Say whether two half-open spans share anything; None is open."""
    return (end is None or (other_first or 0) < end) and (other_end is None or (first or 0) < other_end)


def _ordinal(day: date | None) -> int | None:
    return day.toordinal() if day is not None else None
