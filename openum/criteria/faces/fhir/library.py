"""The logic as FHIR Libraries: the guideline's own, the shared ones it includes, and one generated for form and tree.

The published CQL is turned only where FHIR needs it: value sets get their canonical address, every library the version
of the guideline (so that one name and version always means one content), and the request date a default.
"""

import base64
import json
import re
from collections.abc import Collection, Mapping
from importlib.resources import files
from typing import Any

from openum.cql import elm
from openum.criteria.faces.fhir.addresses import Addresses, Resource, header, slug, told
from openum.criteria.guideline import Answer, Guideline
from openum.criteria.program import VALUE_SET_PREFIX
from openum.criteria.tree import Group, Leaf, Mode, Node, Text, groups_of

HELPERS = "http://fhir.org/guides/cqf/common/Library/FHIRHelpers|4.0.1"
HELPERS_NAME = "FHIRHelpers"
MET = "CriteriaMet"
UCUM: Mapping[str, str] = {
    "years": "a", "months": "mo", "weeks": "wk", "days": "d", "hours": "h", "minutes": "min", "midnights": "d",
    "percent": "%", "points": "{score}", "events": "{events}", "sessions": "{sessions}", "changes": "{changes}", "events an hour": "/h",
    "events per hour": "/h", "mm Hg": "mm[Hg]", "pounds": "[lb_av]", "inches": "[in_i]",
}  # fmt: skip
"""Words for units in documents and their UCUM codes; any other unit is taken to be UCUM already."""

_VALUE_SET = re.compile(rf"'{re.escape(VALUE_SET_PREFIX)}([^']+)'")
_HEADER = re.compile(r'^(\s*library\s+"?[\w.]+"?)(?:\s+version\s+\'[^\']*\')?', re.MULTILINE)
_INCLUDE = re.compile(r'^(\s*include\s+"?([\w.]+)"?)(?:\s+version\s+\'[^\']*\')?', re.MULTILINE)
_REQUEST_DATE = re.compile(r'^(\s*parameter\s+"Request Date"\s+Date)\s*$', re.MULTILINE)


def sources(places: Addresses, types: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the CQL of every library by name, the guideline's own first, the generated one second.

    Args:
        places: addresses of the version.
        types: CQL result types of the definitions that fill the form, where they are known.
    """
    g = places.guideline
    own = {places.logic: published(places, g.cql), places.faces: faces_cql(places, types or {})}
    return own | {name: published(places, text) for name, text in g.libraries.items()}


def published(places: Addresses, cql: str) -> str:
    """Return published CQL as it is handed to other systems."""
    g = places.guideline
    text = _VALUE_SET.sub(lambda found: f"'{places.url('ValueSet', slug(found.group(1)))}'", cql)
    text = _HEADER.sub(rf"\g<1> version '{g.version}'", text, count=1)
    text = _INCLUDE.sub(
        lambda found: f"{found.group(1)} version '{g.version if found.group(2) in g.libraries else '4.0.1'}'", text
    )
    return _REQUEST_DATE.sub(r"\g<1> default Today()", text)


def fill_name(link: str) -> str:
    """Return the definition that fills a question of the form."""
    return f"Fill_{re.sub(r'[^A-Za-z0-9]', '_', link)}"


def criterion_name(key: str) -> str:
    """Return the definition that answers a criterion."""
    return f"Criterion_{re.sub(r'[^A-Za-z0-9]', '_', key)}"


def group_name(key: str) -> str:
    """Return the definition that answers a group; the whole tree without a key."""
    return f"Group_{re.sub(r'[^A-Za-z0-9]', '_', key)}" if key else MET


def faces_cql(places: Addresses, types: Mapping[str, str]) -> str:
    """Write the library that other systems call: what fills the form, each criterion, each group, the whole."""
    g = places.guideline
    lines = [
        "// Generated from the guideline document: what fills the form, and the answer of each criterion and group.",
        f"library {places.faces} version '{g.version}'",
        "",
        "using FHIR version '4.0.1'",
        "",
        "include FHIRHelpers version '4.0.1' called FHIRHelpers",
        f"include {places.logic} version '{g.version}' called Guideline",
        "",
        "context Patient",
        "",
    ]
    for link, answer in g.answers.items():
        if answer.prefill:
            lines += [f'define "{fill_name(link)}":', f"  {_filled(places, answer, types)}", ""]
    for leaf in g.leaves:
        lines += [f'define "{criterion_name(leaf.key)}": {_quoted(leaf.definition)}', ""]
    for group in reversed(list(groups_of(g.root))):
        if group.key:
            lines += [f'define "{group_name(group.key)}":', f"  {_joined(group)}", ""]
    root = _joined(g.root) if isinstance(g.root, Group) else f'"{criterion_name(g.root.key)}"'
    if isinstance(g.root, Group) and g.root.key:
        root = f'"{group_name(g.root.key)}"'
    return "\n".join([*lines, f'define "{MET}":', f"  {root}", ""])


def _quoted(definition: str) -> str:
    return f'Guideline."{definition}"'


def _joined(group: Group) -> str:
    """Write a group in CQL; its three-valued logic is Kleene's, as the tree's is."""
    names = [_name(child) for child in group.children]
    if group.mode is Mode.ALL:
        return "\n    and ".join(names)
    if group.mode is Mode.ANY:
        return "\n    or ".join(names)
    if group.mode is Mode.NOT:
        return f"not {names[0]}"
    parts = f"{{ {', '.join(names)} }}"
    too_many = len(names) - group.count
    return (
        f"if Count({parts} X where X) >= {group.count} then true\n"
        f"    else if Count({parts} X where X is false) > {too_many} then false\n"
        "    else null as Boolean"
    )


def _name(node: Node) -> str:
    if isinstance(node, Leaf):
        return f'"{criterion_name(node.key)}"'
    return f'"{group_name(node.key)}"' if node.key else f"({_joined(node)})"


def unit_of(answer: Answer) -> str:
    """Return the UCUM code of a number's unit, or nothing."""
    return UCUM.get(answer.unit, answer.unit)


def answer_system(places: Addresses, link: str) -> str:
    """Return the address of the code system of a question's answers."""
    return places.url("CodeSystem", slug(link))


def _filled(places: Addresses, answer: Answer, types: Mapping[str, str]) -> str:
    """Write the value of a question in the type its item takes."""
    value = _quoted(answer.prefill)
    kind = types.get(answer.prefill, "").rpartition(".")[2]
    if answer.kind == "date" and kind == "DateTime":
        return f"date from {value}"
    if answer.kind == "number" and answer.unit and kind != "Quantity":
        number = f"ToDecimal({value})" if kind == "Integer" else value
        return (
            f"if {value} is null then null as System.Quantity\n"
            f"    else System.Quantity {{ value: {number}, unit: '{unit_of(answer)}' }}"
        )
    if answer.kind == "choice" and kind != "Code":
        system = answer_system(places, answer.link)
        return (
            f"if {value} is null then null as System.Code\n    else System.Code {{ code: {value}, system: '{system}' }}"
        )
    return value


def elm_of(source: str, *, includes: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the ELM of a library, or None where ELM has no form for what it says; the CQL then stands alone."""
    try:
        return elm.elm_of(source, dict(includes))
    except elm.ElmError:
        return None


def library(places: Addresses, name: str, texts: Mapping[str, str]) -> Resource:
    """Return one library with its CQL, and its ELM where the engine emits it.

    Raises:
        KeyError: the guideline has no library of that name.
    """
    g = places.guideline
    text = texts[name]
    others = {other: cql for other, cql in texts.items() if other != name}
    resource = header(places, "Library", name) | {"name": name, "subjectCodeableConcept": _PATIENT}
    titles = {
        places.logic: Text(f"Logic: {g.title.en}", f"Lógica: {g.title.es}"),
        places.faces: Text(f"Form and tree: {g.title.en}", f"Formulario y árbol: {g.title.es}"),
    }
    told(resource, "title", titles.get(name, Text(f"Shared logic: {name}", f"Lógica compartida: {name}")))
    resource["type"] = {"coding": [_LOGIC]}
    compiled = elm_of(text, includes=others)
    needed = requirements_of(compiled or {}, {places.url("ValueSet", slug(each)) for each in g.value_sets}, g.version)
    filtered = {one["valueSet"] for each in needed for one in each.get("codeFilter", ())}
    resource["relatedArtifact"] = [
        {"type": "depends-on", "display": shown, "url": canonical.partition("|")[0], "resource": canonical}
        for canonical, shown in _dependencies(places, text, g)
        if canonical not in filtered
    ]
    if not resource["relatedArtifact"]:
        del resource["relatedArtifact"]
    if needed:
        resource["dataRequirement"] = needed
    resource["content"] = [{"contentType": "text/cql", "data": _data(text)}]
    if compiled is not None:
        resource["content"].append(_elm(compiled))
    return resource


def requirements_of(compiled: Mapping[str, Any], value_sets: Collection[str], version: str) -> list[Resource]:
    """Return the data that compiled logic reads: each type once, with the value set that chooses among its records.

    A value set that records are only compared with later chooses no data; the library depends on it instead.

    Args:
        compiled: the ELM of the library.
        value_sets: addresses of the value sets that are handed out.
        version: of those value sets.
    """
    held = compiled.get("library", {})
    addresses = {one["name"]: one["id"] for one in held.get("valueSets", {}).get("def", ())}
    found: dict[tuple[str, str, str], Resource] = {}
    waiting: list[Any] = [held.get("statements", {})]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            waiting += node.values()
            if node.get("type") == "Retrieve":
                kind = node["dataType"].rpartition("}")[2]
                codes = node.get("codes", {})
                address = addresses.get(codes.get("name", ""), "") if codes.get("type") == "ValueSetRef" else ""
                requirement: Resource = {"type": kind, "profile": [node["templateId"]]}
                if address in value_sets:
                    chosen = {"path": node["codeProperty"], "valueSet": f"{address}|{version}"}
                    requirement["codeFilter"] = [chosen]
                found.setdefault((kind, node.get("codeProperty", ""), address), requirement)
    return [found[key] for key in sorted(found)]


def _elm(compiled: dict[str, Any]) -> Resource:
    return {"contentType": elm.MEDIA_TYPE, "data": _data(json.dumps(compiled, separators=(",", ":")))}


def helpers(places: Addresses) -> Resource:
    """Return FHIRHelpers, which every library includes, under its own canonical address and version."""
    url, _bar, version = HELPERS.partition("|")
    text = files("openum.cql.elm").joinpath("FHIRHelpers.cql").read_text("utf-8")
    return {
        "resourceType": "Library",
        "id": places.id("Library-FHIRHelpers"),
        "language": "en",
        "url": url,
        "version": version,
        "name": HELPERS_NAME,
        "title": "FHIRHelpers",
        "status": "active",
        "type": {"coding": [_LOGIC]},
        "content": [{"contentType": "text/cql", "data": _data(text)}, _elm(elm.helpers())],
    }


_LOGIC = {
    "system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "logic-library", "display": "Logic Library",
}  # fmt: skip
"""As the SDC profile of libraries fixes it, its words included."""
_PATIENT = {"coding": [{"system": "http://hl7.org/fhir/resource-types", "code": "Patient"}]}


def _dependencies(places: Addresses, text: str, g: Guideline) -> list[tuple[str, str]]:
    """Return the canonical and the name of every library and value set that a library names."""
    found = [
        (HELPERS if name == HELPERS_NAME else places.canonical("Library", name), name)
        for _line, name in _INCLUDE.findall(text)
    ]
    return found + [
        (places.canonical("ValueSet", slug(name)), name)
        for name in g.value_sets
        if f"'{places.url('ValueSet', slug(name))}'" in text
    ]


def _data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
