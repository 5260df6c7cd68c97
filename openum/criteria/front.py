"""Reads the front matter of a guideline document and what other policy files share with it. Pure."""

import re
from collections.abc import Mapping
from datetime import date

from openum.criteria.codes import SYSTEMS
from openum.criteria.faults import Lined, Reader
from openum.criteria.guideline import Answer, Authority, CodeList, Scope, Source
from openum.criteria.tree import Text
from openum.vocabulary.terms import LineOfBusiness

STATUSES = ("draft", "reviewed", "approved", "published", "retired")
AUTHORITY_KINDS = ("NCD", "LCD", "statute")
"""Medicare's own rules that take a guideline's place."""
BASIS_KINDS = ("law", "NCD", "LCD", "state", "plan-policy", "licensed-set")
"""What criteria may rest on."""
ANSWER_KINDS = ("yes-no", "date", "number", "choice", "text")

_FRONT_KEYS = (
    "id", "version", "status", "title", "summary", "effective", "owner", "scope", "authority", "sources", "answers",
    "value_sets",
)  # fmt: skip
_SCOPE_KEYS = (
    "services", "service_value_sets", "code_families", "lines_of_business", "products", "jurisdictions", "places", "ages",
    "fully_established_by",
)  # fmt: skip


def read_front_matter(reader: Reader, text: str) -> Lined | None:
    """Return the settings between the two “---” lines, or note what is wrong."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        reader.fault(1, "The file must begin with front matter: a line “---”, the settings, and a line “---”.")
        return None
    end = next((index for index, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), None)
    if end is None:
        reader.fault(1, "The front matter has no end; add a line “---” after the settings.")
        return None
    front = reader.yaml("\n".join(lines[1:end]), first_line=2)
    if not isinstance(front, Lined):
        if not reader.faults:
            reader.fault(2, "The front matter must be “name: value” lines.")
        return None
    reader.known_keys(front, _FRONT_KEYS, what="the front matter")
    return front


def effective_dates(reader: Reader, block: Lined) -> tuple[date | None, date | None]:
    """Read “effective: {from: DATE, to: DATE}”; `to` is the first day it no longer holds."""
    inner = reader.block(block, "effective", what="the document")
    if inner is None:
        return None, None
    reader.known_keys(inner, ("from", "to"), what="“effective”")
    start, end = inner.get("from"), inner.get("to")
    if not isinstance(start, date):
        reader.fault(inner.line, "“effective” needs “from” as a date, like 2030-01-31.")
        return None, None
    if end is not None and not isinstance(end, date):
        reader.fault(inner.lines["to"], "“to” must be a date, like 2030-01-31, or absent.")
        return start, None
    if end is not None and end <= start:
        reader.fault(inner.lines["to"], "“to” is the first day it no longer holds; it must come after “from”.")
    return start, end


def services_of(reader: Reader, block: Lined, key: str, *, what: str) -> tuple[tuple[str, str], ...]:
    """Read a list of “SYSTEM|code code …” entries as (short system, code) pairs."""
    pairs: list[tuple[str, str]] = []
    for entry in reader.texts(block, key, what=what):
        system, bar, codes = entry.partition("|")
        if not bar or not codes.split():
            reader.fault(block.lines[key], f"“{entry}” must read SYSTEM|code, for example CPT|12345.")
        elif system not in SYSTEMS:
            reader.fault(block.lines[key], f"The code system “{system}” is none of: {', '.join(SYSTEMS)}.")
        else:
            pairs += [(system, code) for code in codes.split()]
    return tuple(pairs)


def lines_of_business_of(reader: Reader, block: Lined, *, what: str) -> tuple[LineOfBusiness, ...]:
    """Read a list of lines of business."""
    known = {item.value for item in LineOfBusiness}
    words = reader.texts(block, "lines_of_business", what=what)
    for word in words:
        if word not in known:
            reader.fault(block.lines["lines_of_business"], f"“{word}” is none of: {', '.join(sorted(known))}.")
    return tuple(LineOfBusiness(word) for word in words if word in known)


def read_scope(reader: Reader, front: Lined, value_sets: Mapping[str, tuple[tuple[str, str], ...]]) -> Scope | None:
    """Read what the guideline decides about; its value sets of services are opened."""
    what = "“scope”"
    block = reader.block(front, "scope", what="the front matter")
    if block is None:
        return None
    reader.known_keys(block, _SCOPE_KEYS, what=what)
    services = services_of(reader, block, "services", what=what)
    names = reader.texts(block, "service_value_sets", what=what)
    for name in names:
        if name not in value_sets:
            reader.fault(
                block.lines["service_value_sets"], f"“{name}” is no value set; list its codes under “value_sets”."
            )
        services += tuple(pair for pair in value_sets.get(name, ()) if pair not in services)
    if not services:
        reader.fault(block.line, "“scope” needs “services” or “service_value_sets”: the codes it decides about.")
    places = reader.texts(block, "places", what=what)
    for place in places:
        if not re.fullmatch(r"\d\d", place):
            reader.fault(block.lines["places"], f'“{place}” is no place-of-service code; it has two digits, like "11".')
    ages = reader.block(block, "ages", what=what, required=False) or Lined()
    if ages:
        reader.known_keys(ages, ("from", "to"), what="“ages”")
        for key in ages:
            if not isinstance(ages[key], int):
                reader.fault(ages.lines[key], f"“{key}” of “ages” must be a whole number of years.")
    authorities = tuple(
        _authority(reader, entry, block) for entry in reader.items(block, "fully_established_by", what=what)
    )
    return Scope(
        services=services,
        service_value_sets=names,
        places=places,
        code_families=reader.texts(block, "code_families", what=what),
        lines_of_business=lines_of_business_of(reader, block, what=what),
        products=reader.texts(block, "products", what=what),
        jurisdictions=reader.texts(block, "jurisdictions", what=what),
        age_from=ages.get("from"),
        age_to=ages.get("to"),
        fully_established_by=authorities,
    )


def _authority(reader: Reader, entry: object, block: Lined) -> Authority:
    if not isinstance(entry, Lined):
        reader.fault(block.lines["fully_established_by"], "Each entry needs authority, kind, states and verified.")
        return Authority("", "", (), verified=False)
    what = "“fully_established_by”"
    reader.known_keys(entry, ("authority", "kind", "states", "verified"), what=what)
    kind = reader.text(entry, "kind", what=what)
    if kind and kind not in AUTHORITY_KINDS:
        reader.fault(entry.lines["kind"], f"The kind “{kind}” is none of: {', '.join(AUTHORITY_KINDS)}.")
    states = reader.texts(entry, "states", what=what)
    if kind == "LCD" and not states:
        reader.fault(entry.line, "An LCD holds in some states only; list them under “states”.")
    return Authority(reader.text(entry, "authority", what=what), kind, states, verified=entry.get("verified") is True)


def read_authorities(reader: Reader, front: Lined) -> tuple[Authority, ...]:
    """Read what the criteria rest on."""
    return tuple(_basis(reader, entry, front) for entry in reader.items(front, "authority", what="the front matter"))


def _basis(reader: Reader, entry: object, front: Lined) -> Authority:
    if not isinstance(entry, Lined):
        reader.fault(front.lines["authority"], "Each entry of “authority” needs kind, reference, section and verified.")
        return Authority("", "", (), verified=False)
    what = "“authority”"
    reader.known_keys(entry, ("kind", "reference", "section", "states", "verified"), what=what)
    kind = reader.text(entry, "kind", what=what)
    if kind and kind not in BASIS_KINDS:
        reader.fault(entry.lines["kind"], f"The kind “{kind}” is none of: {', '.join(BASIS_KINDS)}.")
    states = reader.texts(entry, "states", what=what)
    if kind in ("LCD", "state") and not states:
        reader.fault(entry.line, f"An authority of kind {kind} holds in some states only; list them under “states”.")
    if not isinstance(entry.get("verified"), bool):
        reader.fault(entry.line, "An authority needs “verified”: yes when somebody compared it with the original.")
    return Authority(
        name=reader.text(entry, "reference", what=what),
        kind=kind,
        states=states,
        verified=entry.get("verified") is True,
        section=reader.text(entry, "section", what=what, required=False),
    )


def read_source(reader: Reader, entry: object, front: Lined) -> Source:
    """Read where a criterion comes from."""
    if not isinstance(entry, Lined):
        reader.fault(front.lines["sources"], "Each source needs title, section and verified.")
        return Source("", "", "", verified=False)
    what = "a source"
    reader.known_keys(entry, ("title", "section", "url", "verified"), what=what)
    if not isinstance(entry.get("verified"), bool):
        reader.fault(entry.line, "A source needs “verified”: yes when somebody compared it with the original, else no.")
    return Source(
        title=reader.text(entry, "title", what=what),
        section=reader.text(entry, "section", what=what),
        url=reader.text(entry, "url", what=what, required=False),
        verified=entry.get("verified") is True,
    )


def read_value_sets(
    reader: Reader, front: Lined, *, version: str
) -> tuple[dict[str, tuple[tuple[str, str], ...]], dict[str, CodeList]]:
    """Read the code lists by name, and the edition of each; without one it is the version of the guideline."""
    block = reader.block(front, "value_sets", what="the front matter", required=False)
    if block is None:
        return {}, {}
    sets: dict[str, tuple[tuple[str, str], ...]] = {}
    editions: dict[str, CodeList] = {}
    for name in block:
        what = f"the value set “{name}”"
        inner = block[name]
        if isinstance(inner, Lined):
            reader.known_keys(inner, ("version", "source", "codes"), what=what)
            sets[name] = services_of(reader, inner, "codes", what=what) if "codes" in inner else ()
            edition = reader.text(inner, "version", what=what)
            editions[name] = CodeList(edition, reader.text(inner, "source", what=what, required=False))
        else:
            sets[name] = services_of(reader, block, name, what=what)
            editions[name] = CodeList(version)
        if not sets[name]:
            reader.fault(block.lines[name], f"The value set “{name}” is empty.")
    return sets, editions


def read_text(reader: Reader, block: Lined, key: str, *, what: str, required: bool = True) -> Text | None:
    """Read a sentence for people; both languages are required, Spanish is complete from the first release."""
    inner = reader.block(block, key, what=what, required=required)
    if inner is None:
        return None
    reader.known_keys(inner, ("en", "es"), what=f"“{key}”")
    sentences = {name: reader.text(inner, name, what=f"“{key}” of {what}") for name in ("en", "es")}
    return Text(**sentences)


def read_answers(reader: Reader, front: Lined) -> dict[str, Answer]:
    """Read the questions of the form by their link."""
    block = reader.block(front, "answers", what="the front matter", required=False)
    if block is None:
        return {}
    return {link: _answer(reader, link, block) for link in block}


def _answer(reader: Reader, link: str, block: Lined) -> Answer:
    what = f"the answer “{link}”"
    if not re.fullmatch(r"[a-z]+\.[a-z0-9-]+", link):
        reader.fault(block.lines[link], f"The link “{link}” must read guideline.question in small letters.")
    entry = reader.block(block, link, what="“answers”") or Lined()
    if not entry:
        return Answer(link, "text", Text(""))
    reader.known_keys(entry, ("kind", "label", "unit", "options", "prefill"), what=what)
    kind = reader.text(entry, "kind", what=what)
    if kind and kind not in ANSWER_KINDS:
        reader.fault(entry.lines["kind"], f"The kind “{kind}” is none of: {', '.join(ANSWER_KINDS)}.")
    options = reader.block(entry, "options", what=what, required=kind == "choice") or Lined()
    return Answer(
        link=link,
        kind=kind,
        label=read_text(reader, entry, "label", what=what) or Text(""),
        unit=reader.text(entry, "unit", what=what, required=False),
        options=tuple((code, read_text(reader, options, code, what=what) or Text("")) for code in options),
        prefill=reader.text(entry, "prefill", what=what, required=False),
    )
