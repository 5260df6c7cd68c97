"""Reads a requirement list from YAML, naming each fault with its place. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, TypeVar

from openum.criteria.codes import SYSTEMS, short_system
from openum.needs import shapes
from openum.needs.rules import (
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
from openum.vocabulary.errors import Invalid
from openum.vocabulary.identifiers import npi_is_valid
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineOfBusiness

Block = Mapping[str, Any]
_T = TypeVar("_T")
_RANGE = re.compile(r"^([A-Z]?)(\d+)-([A-Z]?)(\d+)$")
MOST_OF_A_RANGE = 10_000
CIRCUMSTANCES = frozenset({
    "emergency", "post_stabilization", "inpatient_stay", "maternity_stay", "inpatient_substance_use",
})  # fmt: skip
KINDS = frozenset({"clinical", "admin", "both", "patient"})
INFO_NEEDED = frozenset({"performer", "location", "timeframe", "contract-window", "detail-code", "OTH"})
CATEGORIES = frozenset({"cat-limitation", "cat-decisional", "cat-other"})
PURPOSES = frozenset({"withpa", "withclaim", "withorder", "retain-doc", "OTH"})


class RequirementsInvalid(Invalid):
    """A requirement list cannot be published as it stands."""

    code: ClassVar[str] = "requirements-invalid"


def read_requirements(text: str) -> Requirements:
    """Read one list.

    Raises:
        RequirementsInvalid: naming the first fault and where it stands.
    """
    front = read_front(text)
    reader = Reader(front)
    found = {name: tuple(reader.blocks(name, front.get(name))) for name in SECTIONS}
    keys = Counter(row.key for row in found["rows"])
    twice = sorted(key for key, count in keys.items() if count > 1)
    if twice:
        raise RequirementsInvalid(
            f"{reader.key}: the row {twice[0]} stands in the list twice. Give each row its own key."
        )
    return Requirements(
        key=reader.key,
        version=reader.version,
        rows=found["rows"],
        never_reviewed=found["never_reviewed"],
        never_excluded=found["never_excluded"],
        formal_determinations=found["formal_determination"],
        exemptions=found["exemptions"],
        spanish=reader.spanish,
    )


def read_front(text: str) -> dict[str, Any]:
    """Return the mapping that a list is.

    Raises:
        RequirementsInvalid: it is none, or a part of it has the wrong form.
    """
    front = read_yaml(text)
    if not isinstance(front, dict) or not front.get("key"):
        raise RequirementsInvalid("A requirement list is a YAML mapping with a key, a version and rows.")
    _shaped(front, shapes.LIST_ITSELF, str(front["key"]))
    return front


class Reader:
    """Reads the blocks of one list; each reading raises RequirementsInvalid with the block's name."""

    def __init__(self, front: Block) -> None:
        self.key, self.version = str(front["key"]), str(front.get("version") or "")
        self.sets: dict[str, frozenset[Service]] = {}
        self.spanish: dict[str, str] = {}
        for name, codes in (front.get("value_sets") or {}).items():
            self.sets[name] = value_set(name, codes)

    def blocks(self, name: str, blocks: Sequence[Block] | None) -> Iterator[Any]:
        """Yield the entries of a section."""
        for number, block in enumerate(blocks or (), start=1):
            yield self.block(name, block, number)

    def block(self, name: str, block: Block, number: int) -> Any:
        """Return one entry of a section."""
        return SECTIONS[name](self, shapes.in_english(block, self.spanish), number)

    def row(self, block: Block, number: int) -> Row:
        """Read one requirement."""
        key = _needed(block, "key", f"row number {number}")
        where = f"row {key}"
        _shaped(block, shapes.ROW, where)
        covered = _word(Covered, block.get("covered", "covered"), where)
        authorization = _word(Authorization, block.get("authorization", "no-auth"), where)
        if authorization is Authorization.SATISFIED:
            raise RequirementsInvalid(f"{where}: a list cannot say satisfied; that follows from an authorization.")
        info = _among(block.get("info_needed"), INFO_NEEDED, f"{where}, info_needed")
        is_conditional = covered is Covered.CONDITIONAL or authorization is Authorization.CONDITIONAL
        if is_conditional != bool(info):
            raise RequirementsInvalid(f"{where}: info_needed stands exactly where something is conditional.")
        return Row(
            key=key,
            conditions=_conditions(block, self.sets, where),
            covered=covered,
            authorization=authorization,
            reason=_needed(block, "reason", where),
            reason_code=str(block.get("reason_code") or ""),
            info_needed=info,
            documents=_documents(block.get("documents"), where),
            alternatives=tuple(_alternative(one, where) for one in block.get("alternatives") or ()),
            companions=tuple(_companion(one, where) for one in block.get("companions") or ()),
            depends_on=_codes_and_sets(block.get("depends_on") or (), self.sets, where),
            details=tuple(_detail(one, where) for one in block.get("details") or ()),
            references=tuple(_reference(one, where) for one in block.get("references") or ()),
            instructions=str(block.get("instructions") or ""),
            valid_days=block.get("valid_days"),
            citation=str(block.get("citation") or ""),
            id=RowId(self.key, self.version, key),
        )

    def never_reviewed(self, block: Block, number: int) -> NeverReviewed:
        """Read care that is free of review."""
        key = _needed(block, "key", f"never_reviewed number {number}")
        _shaped(block, shapes.NEVER_REVIEWED, key)
        conditions = _conditions(block, self.sets, key)
        circumstances = frozenset(_among(block.get("circumstances"), CIRCUMSTANCES, f"{key}, circumstances"))
        if not (circumstances or conditions.services or conditions.places):
            raise RequirementsInvalid(
                f"{key}: name a circumstance, a service or a place; else nothing would be reviewed."
            )
        if "inpatient_stay" in circumstances and not conditions.diagnoses:
            raise RequirementsInvalid(f"{key}: an inpatient stay is free of review for named diagnoses only.")
        return NeverReviewed(
            key=key,
            conditions=conditions,
            circumstances=circumstances,
            reason=_needed(block, "reason", key),
            citation=_needed(block, "citation", key),
            instructions=str(block.get("instructions") or ""),
            id=RowId(self.key, self.version, key),
        )

    def never_excluded(self, block: Block, number: int) -> NeverExcluded:
        """Read whom no exclusion ends a request for."""
        where = f"never_excluded-{number}"
        _shaped(block, shapes.NEVER_EXCLUDED, where)
        return NeverExcluded(
            conditions=_conditions(block, self.sets, where),
            reason=_needed(block, "reason", where),
            citation=_needed(block, "citation", where),
            id=RowId(self.key, self.version, where),
        )

    def formal_determination(self, block: Block, number: int) -> FormalDetermination:
        """Read how to ask for a decision."""
        where = f"formal_determination-{number}"
        _shaped(block, shapes.FORMAL_DETERMINATION, where)
        return FormalDetermination(
            conditions=_conditions(block, self.sets, where),
            text=_needed(block, "text", where),
            citation=_needed(block, "citation", where),
        )

    def exemption(self, block: Block, number: int) -> Exemption:
        """Read a provider who need not ask."""
        where = f"exemption-{number}"
        _shaped(block, shapes.EXEMPTION, where)
        npi = _needed(block, "npi", where)
        if not npi_is_valid(npi):
            raise RequirementsInvalid(f"{where}: {npi} is no provider number: ten digits, the last a check digit.")
        return Exemption(
            npi=npi,
            conditions=_conditions(block, self.sets, where),
            reason=_needed(block, "reason", where),
            id=RowId(self.key, self.version, where),
        )


SECTIONS: dict[str, Callable[[Reader, Block, int], Any]] = {
    "rows": Reader.row,
    "never_reviewed": Reader.never_reviewed,
    "never_excluded": Reader.never_excluded,
    "formal_determination": Reader.formal_determination,
    "exemptions": Reader.exemption,
}
"""The sections of a list, and how their entries are read."""


def value_set(name: str, codes: object) -> frozenset[Service]:
    """Return the codes of a named value set."""
    if not isinstance(codes, list):
        raise RequirementsInvalid(f"value set {name}: its codes must be a list: write [{codes}].")
    return _services(codes, f"value set {name}")


def _shaped(block: object, shape: Mapping[str, str], where: str) -> None:
    for fault in shapes.faults_of_form(block, shape, where):
        raise RequirementsInvalid(fault)


def _conditions(block: Block, sets: Mapping[str, frozenset[Service]], where: str) -> Conditions:
    services = _services(block.get("services") or (), where)
    services |= _codes_and_sets(block.get("value_sets") or (), sets, where)
    effective = block.get("effective") or {}
    ages = block.get("ages") or {}
    starts, ends = effective.get("from", date.min), effective.get("to")
    if ends is not None and ends <= starts:
        raise RequirementsInvalid(f"{where}: it ends before it starts.")
    return Conditions(
        services=services,
        products=frozenset(map(str, block.get("products") or ())),
        lines_of_business=frozenset(
            _word(LineOfBusiness, word, where) for word in block.get("lines_of_business") or ()
        ),
        states=frozenset(map(str, block.get("states") or ())),
        statuses=frozenset(_word(Status, word, where) for word in block.get("provider_status") or ()),
        places=frozenset(map(str, block.get("places") or ())),
        ages=Ages(first=ages.get("from"), end=ages.get("to")),
        diagnoses=tuple(str(code).replace(".", "").upper() for code in block.get("diagnoses") or ()),
        effective_from=starts,
        effective_to=ends,
    )


def _codes_and_sets(names: Iterable[str], sets: Mapping[str, frozenset[Service]], where: str) -> frozenset[Service]:
    """Return the codes of value sets; an entry with a bar is a code of its own."""
    found: frozenset[Service] = frozenset()
    for name in names:
        if "|" not in name and name not in sets:
            raise RequirementsInvalid(f"{where}: the list has no value set called {name}.")
        found |= _services([name], where) if "|" in name else sets[name]
    return found


def _services(entries: Iterable[str], where: str) -> frozenset[Service]:
    """Read entries such as `CPT|11111 22222` or `HCPCS|A1000-A1009`."""
    found: set[Service] = set()
    for entry in entries:
        system, bar, codes = str(entry).partition("|")
        short = short_system(system)
        if not bar or short not in SYSTEMS:
            raise RequirementsInvalid(f"{where}: “{entry}” must read SYSTEM|code; systems: {', '.join(SYSTEMS)}.")
        for code in codes.split():
            found.update((short, one) for one in _codes(code, where))
    return frozenset(found)


def _codes(text: str, where: str) -> Iterable[str]:
    match = _RANGE.match(text)
    if match is None:
        return (text,)
    letter, first, other, last = match.groups()
    count = int(last) - int(first) + 1
    if letter != other or len(first) != len(last) or not 0 < count <= MOST_OF_A_RANGE:
        raise RequirementsInvalid(
            f"{where}: the range {text} must run upwards, in one form, over at most {MOST_OF_A_RANGE} codes."
        )
    return (f"{letter}{number:0{len(first)}}" for number in range(int(first), int(last) + 1))


def _documents(block: object, where: str) -> Documents | None:
    if not isinstance(block, dict):
        return None
    kind = _needed(block, "kind", where)
    if kind not in KINDS:
        raise RequirementsInvalid(f"{where}: the kind of documents is one of: {', '.join(sorted(KINDS))}.")
    purposes = _among(block.get("purposes") or ["withpa"], PURPOSES, f"{where}, purposes")
    forms = block.get("questionnaires") or []
    if not isinstance(forms, list) or not all(isinstance(one, str) and ":" in one for one in forms):
        raise RequirementsInvalid(f"{where}: questionnaires is a list of canonical addresses.")
    return Documents(
        kind=kind, purposes=purposes, guideline=str(block.get("guideline") or ""), questionnaires=tuple(forms)
    )


def _alternative(block: Block, where: str) -> Alternative:
    services = sorted(_services([block["service"]], where)) if block.get("service") else []
    return Alternative(
        label=_needed(block, "label", where),
        service=services[0] if services else None,
        display=str(block.get("display") or ""),
        place=str(block.get("place") or ""),
        npi=str(block.get("npi") or ""),
        is_required=bool(block.get("required", False)),
    )


def _detail(block: Block, where: str) -> Detail:
    if block.get("value") is None:
        raise RequirementsInvalid(f"{where}: “value” of a detail is missing.")
    category = str(block.get("category") or "cat-limitation")
    if category not in CATEGORIES:
        raise RequirementsInvalid(f"{where}: “{category}” is none of: {', '.join(sorted(CATEGORIES))}.")
    return Detail(
        code=_needed(block, "code", where), value=block["value"], unit=str(block.get("unit") or ""),
        qualification=str(block.get("qualification") or ""), category=category,
    )  # fmt: skip


def _reference(block: Block, where: str) -> Reference:
    url = _needed(block, "url", where)
    if not url.startswith(("/", "https://")):
        raise RequirementsInvalid(
            f"{where}: the address {url} must begin with https:// or, for a page of ours, with /."
        )
    return Reference(label=_needed(block, "label", where), url=url)


def _companion(block: Block, where: str) -> Companion:
    services = sorted(_services([_needed(block, "service", where)], where))
    label = _needed(block, "label", where)
    return Companion(label=label, service=services[0], display=str(block.get("display") or label))


def _needed(block: Block, name: str, where: str) -> str:
    value = block.get(name) if isinstance(block, dict) else None
    if not value:
        raise RequirementsInvalid(f"{where}: “{name}” is missing.")
    return str(value)


def _among(words: object, known: frozenset[str], where: str) -> tuple[str, ...]:
    found = tuple(map(str, words)) if isinstance(words, list) else ()
    for word in found:
        if word not in known:
            raise RequirementsInvalid(f"{where}: “{word}” is none of: {', '.join(sorted(known))}.")
    return found


def _word(words: type[_T], value: object, where: str) -> _T:
    try:
        return words(value)  # type: ignore[call-arg]
    except ValueError:
        known = ", ".join(str(one) for one in words)  # type: ignore[attr-defined]
        raise RequirementsInvalid(f"{where}: “{value}” is none of: {known}.") from None
