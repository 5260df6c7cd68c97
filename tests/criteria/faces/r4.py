"""A small check of resources against the R4 StructureDefinitions: elements, how often, types, required codes."""

import json
import re
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[4] / "shared/ig/r4-core-4.0.1.tgz"
PRIMITIVES = {
    "id": r"[A-Za-z0-9\-\.]{1,64}", "uri": r"\S+", "url": r"\S+", "canonical": r"\S+", "code": r"[^\s]+( [^\s]+)*",
    "date": r"\d{4}(-\d\d(-\d\d)?)?", "dateTime": r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?",
    "base64Binary": r"(\s*([0-9a-zA-Z+/=]){4}\s*)+", "string": r"[\s\S]+", "markdown": r"[\s\S]+", "xhtml": r"<div[\s\S]+",
}  # fmt: skip


@cache
def definitions() -> dict[str, dict[str, Any]]:
    """Elements by type and path."""
    found: dict[str, dict[str, Any]] = {}
    with tarfile.open(PACKAGE) as package:
        for member in package:
            if re.search(r"/StructureDefinition-[A-Za-z]+\.json$", member.name):
                extracted = package.extractfile(member)
                assert extracted
                definition = json.load(extracted)
                if definition.get("derivation") != "constraint" and definition["kind"] != "logical":
                    found[definition["type"]] = {e["path"]: e for e in definition["snapshot"]["element"]}
    return found


def faults(resource: dict[str, Any]) -> list[str]:
    """What is wrong with a resource."""
    return list(_element(resource, resource["resourceType"], resource["resourceType"]))


def _children(kind: str, path: str) -> dict[str, dict[str, Any]]:
    depth = path.count(".") + 1
    return {
        name.rpartition(".")[2]: element
        for name, element in definitions()[kind].items()
        if name.startswith(f"{path}.") and name.count(".") == depth
    }


def _element(value: dict[str, Any], kind: str, path: str):
    known = _children(kind, path)
    single = {name: element for name, element in known.items() if not name.endswith("[x]")}
    choices = {name[:-3]: element for name, element in known.items() if name.endswith("[x]")}
    seen: set[str] = set()
    for name, inner in value.items():
        if name == "resourceType":
            continue
        if name.startswith("_"):
            yield from _element(inner, "Element", "Element")
            continue
        element, base = single.get(name), name
        types = [entry["code"] for entry in element.get("type", [])] if element else []
        if element is None:
            base = next((c for c in choices if name.startswith(c) and name[len(c) :][:1].isupper()), "")
            if not base:
                yield f"{path}.{name}: unknown"
                continue
            element = choices[base]
            wanted = name[len(base) :].casefold()
            types = [entry["code"] for entry in element["type"] if entry["code"].casefold() == wanted]
            if not types:
                yield f"{path}.{name}: this type is not allowed"
                continue
        seen.add(base)
        if (element["max"] not in {"0", "1"}) != isinstance(inner, list):
            yield f"{path}.{name}: list or not"
            continue
        for one in inner if isinstance(inner, list) else [inner]:
            yield from _value(one, element, types, f"{path}.{name}", kind, name)
    for name, element in known.items():
        plain = name.removesuffix("[x]")
        if element["min"] and plain not in seen:
            yield f"{path}.{plain}: missing"


def _value(value: Any, element: dict[str, Any], types: list[str], path: str, kind: str, name: str):
    reference = element.get("contentReference")
    if reference:
        yield from _element(value, kind, reference.lstrip("#"))
        return
    if not types:
        return
    code = types[0].rpartition("/")[2].replace("System.", "")
    code = {"String": "string"}.get(code, code)
    if code in {"BackboneElement", "Element"}:
        yield from _element(value, kind, f"{_root(kind, path)}")
    elif code in {"Resource", "DomainResource"}:
        yield from _element(value, value["resourceType"], value["resourceType"])
    elif isinstance(value, dict):
        yield from _element(value, code, code)
    elif code == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: no boolean"
    elif code in {"integer", "decimal", "unsignedInt", "positiveInt"}:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{path}: no number"
    elif not isinstance(value, str) or not re.fullmatch(PRIMITIVES.get(code, r"[\s\S]+"), value):
        yield f"{path}: {value!r} is no {code}"


def _root(kind: str, path: str) -> str:
    """The path of an inner element as the StructureDefinition spells it; nested items are told once."""
    parts = path.split(".")
    known = definitions()[kind]
    name = ".".join(parts)
    while name not in known and len(parts) > 2:
        del parts[-2]
        name = ".".join(parts)
    return name
