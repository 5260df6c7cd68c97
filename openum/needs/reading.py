"""Reads a requirement list from YAML, naming each fault with its place. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, TypeVar

from openum.criteria.codes import SYSTEMS, short_system
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
PURPOSES = frozenset({"withpa", "withclaim", "withorder", "retain-doc", "OTH"})
_CONDITIONS = frozenset({
    "services", "value_sets", "products", "lines_of_business", "states", "provider_status", "places", "ages",
    "diagnoses", "effective",
})  # fmt: skip
_ROW = _CONDITIONS | {
    "key", "covered", "authorization", "reason", "reason_code", "info_needed", "documents", "alternatives", "companions",
    "depends_on", "details", "references", "instructions", "valid_days", "citation",
}  # fmt: skip


class RequirementsInvalid(Invalid):
    """A requirement list cannot be published as it stands."""

    code: ClassVar[str] = "requirements-invalid"


def read_requirements(text: str) -> Requirements:
    """Read one list.

    Raises:
        RequirementsInvalid: naming the first fault and where it stands.
    """
    front = read_yaml(text)
    if not isinstance(front, dict) or not front.get("key"):
        raise RequirementsInvalid("A requirement list is a YAML mapping with a key, a version and rows.")
    key, version = str(front["key"]), str(front.get("version") or "")
    sets = {name: _services(codes, f"value set {name}") for name, codes in (front.get("value_sets") or {}).items()}
    rows = tuple(_row(block, sets, key, version) for block in front.get("rows") or ())
    keys = [row.key for row in rows]
    twice = sorted({one for one in keys if keys.count(one) > 1}) if len(set(keys)) < len(keys) else []
    if twice:
        raise RequirementsInvalid(f"{key}: the row {twice[0]} stands in the list twice. Give each row its own key.")
    return Requirements(
        key=key,
        version=version,
        rows=rows,
        never_reviewed=tuple(_never_reviewed(block, sets, key, version) for block in front.get("never_reviewed") or ()),
        never_excluded=tuple(
            NeverExcluded(
                conditions=_conditions(block, sets, "never_excluded"),
                reason=_needed(block, "reason", "never_excluded"),
                citation=_needed(block, "citation", "never_excluded"),
                id=RowId(key, version, f"never_excluded-{number}"),
            )
            for number, block in enumerate(front.get("never_excluded") or (), start=1)
        ),
        formal_determinations=tuple(
            FormalDetermination(
                conditions=_conditions(block, sets, "formal_determination"),
                text=_needed(block, "text", "formal_determination"),
                citation=_needed(block, "citation", "formal_determination"),
            )
            for block in front.get("formal_determination") or ()
        ),
        exemptions=tuple(
            Exemption(
                npi=_needed(block, "npi", "exemptions"),
                conditions=_conditions(block, sets, f"exemption {block.get('npi')}"),
                reason=_needed(block, "reason", "exemptions"),
                id=RowId(key, version, f"exemption-{number}"),
            )
            for number, block in enumerate(front.get("exemptions") or (), start=1)
        ),
    )


def _row(block: Block, sets: Mapping[str, frozenset[Service]], list_key: str, version: str) -> Row:
    key = _needed(block, "key", "a row")
    where = f"row {key}"
    unknown = sorted(set(block) - _ROW)
    if unknown:
        raise RequirementsInvalid(f"{where}: nothing is called {unknown[0]}. Known: {', '.join(sorted(_ROW))}.")
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
        conditions=_conditions(block, sets, where),
        covered=covered,
        authorization=authorization,
        reason=_needed(block, "reason", where),
        reason_code=str(block.get("reason_code") or ""),
        info_needed=info,
        documents=_documents(block.get("documents"), where),
        alternatives=tuple(_alternative(one, where) for one in block.get("alternatives") or ()),
        companions=tuple(_companion(one, where) for one in block.get("companions") or ()),
        depends_on=_codes_and_sets(block.get("depends_on") or (), sets, where),
        details=tuple(
            Detail(
                code=_needed(one, "code", where),
                value=one["value"],
                unit=str(one.get("unit") or ""),
                qualification=str(one.get("qualification") or ""),
                category=str(one.get("category") or "cat-limitation"),
            )
            for one in block.get("details") or ()
        ),
        references=tuple(
            Reference(label=_needed(one, "label", where), url=_needed(one, "url", where))
            for one in block.get("references") or ()
        ),
        instructions=str(block.get("instructions") or ""),
        valid_days=block.get("valid_days"),
        citation=str(block.get("citation") or ""),
        id=RowId(list_key, version, key),
    )


def _never_reviewed(block: Block, sets: Mapping[str, frozenset[Service]], list_key: str, version: str) -> NeverReviewed:
    key = _needed(block, "key", "never_reviewed")
    conditions = _conditions(block, sets, key)
    circumstances = frozenset(_among(block.get("circumstances"), CIRCUMSTANCES, f"{key}, circumstances"))
    if not (circumstances or conditions.services or conditions.places):
        raise RequirementsInvalid(f"{key}: name a circumstance, a service or a place; else nothing would be reviewed.")
    if "inpatient_stay" in circumstances and not conditions.diagnoses:
        raise RequirementsInvalid(f"{key}: an inpatient stay is free of review for named diagnoses only.")
    return NeverReviewed(
        key=key,
        conditions=conditions,
        circumstances=circumstances,
        reason=_needed(block, "reason", key),
        citation=_needed(block, "citation", key),
        instructions=str(block.get("instructions") or ""),
        id=RowId(list_key, version, key),
    )


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
