"""The structural check of `tables.py` over the element tables of DTR: cardinality, value types, fixed values, extensions."""

import csv
import re
from collections import defaultdict
from functools import cache

from tests.conformance.tables import DERIVED, _check_element, _children, _instances

_PROFILE = re.compile(r"Extension\(([\w.-]+)\)")


@cache
def rows(version):
    """Return the element rows of a version of DTR by profile."""
    found = defaultdict(list)
    with (DERIVED / f"dtr-{version}-elements.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            found[row["profile"]].append(row)
    return found


def problems(resource, profile, version):
    """Return what breaks the table of a profile, as sentences. Items are checked at every depth."""
    table = rows(version)[profile]
    assert table, profile
    found, extensions = [], defaultdict(dict)
    for row in table:
        parent, _, name = row["element"].rpartition(".")
        if not parent or ":" in parent or parent.endswith(".value"):
            continue
        base, _, piece = name.partition(":")
        if piece and base == "extension":
            match = _PROFILE.search(row["types"])
            extensions[parent][match[1] if match else piece] = row
        elif piece and base == "entry":
            found += _entries(resource, piece, row)
        elif not piece:
            for node in _everywhere(resource, parent):
                found += _check_element({"x": node}, "R.x", base, row)
    for parent, known in extensions.items():
        for node in _everywhere(resource, parent):
            for name, row in known.items():
                held = [one for one in node.get("extension", []) if one["url"].rpartition("/")[2] == name]
                if len(held) < int(row["min"]) or (row["max"] != "*" and len(held) > int(row["max"])):
                    found.append(f"{parent}: {len(held)} of {name}, {row['min']}..{row['max']} allowed")
                found += [one for ext in held for one in extension_problems(ext, version)]
    return found


def _everywhere(resource, path):
    """Return the objects at a path; `item` stands for items at any depth."""
    if ".item" not in path:
        return [node for node, _ in _instances(resource, path) if isinstance(node, dict)]
    tail = path.split(".item", 1)[1].lstrip(".")
    items = list(_items(resource))
    return items if not tail else [
        node for item in items for node, _ in _instances({"resourceType": "x"} | item, f"x.{tail}")
        if isinstance(node, dict)
    ]  # fmt: skip


def _items(node):
    for item in node.get("item", []):
        yield item
        yield from _items(item)
        for answer in item.get("answer", []):
            yield from _items(answer)


def _entries(bundle, piece, row):
    kind = piece[0].upper() + piece[1:]
    count = sum(entry["resource"]["resourceType"] == kind for entry in bundle["entry"])
    if count < int(row["min"]) or (row["max"] != "*" and count > int(row["max"])):
        yield f"Bundle.entry:{piece}: {count} found, {row['min']}..{row['max']} allowed"


def extension_problems(extension, version):
    """Return what breaks the table of an extension of the guide, its parts included."""
    name = extension["url"].rpartition("/")[2]
    table = rows(version).get(name)
    if "davinci-dtr" not in extension["url"]:
        return []
    if not table:
        return [f"no extension {name} in {version}"]
    found = []
    for row in table:
        if row["element"] == "Extension.value[x]":
            held = _children(extension, "value[x]")
            if len(held) < int(row["min"]) or (row["max"] == "0" and held):
                found.append(f"{name}.value[x]: {len(held)} found")
        match = re.fullmatch(r"Extension\.extension:([\w-]+)", row["element"])
        if match:
            count = sum(one["url"] == match[1] for one in extension.get("extension", []))
            if count < int(row["min"]) or (row["max"] != "*" and count > int(row["max"])):
                found.append(f"{name}.{match[1]}: {count} found, {row['min']}..{row['max']} allowed")
    return found


@cache
def invariants(version):
    """Return the invariants of a version by profile and element: key and FHIRPath."""
    found = defaultdict(list)
    with (DERIVED / f"dtr-{version}-invariants.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["severity"] == "error" and "htmlChecks" not in row["fhirpath"]:
                found[row["profile"], row["element"]].append((row["key"], row["fhirpath"]))
    return found
