"""A small structural validator over the flat element tables of the guide: cardinality, value types, fixed values.

It reads the tables at run time from beside the checkout and holds none of their content. What it cannot see
(terminology, invariants in FHIRPath) is left to others.
"""

import csv
import json
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"
DERIVED = SHARED / "ig" / "derived"
PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
_TYPE = re.compile(r"^(?P<name>[\w/:.]+)(?:\((?P<profiles>[^)]*)\))?$")
_PRIMITIVES = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "positiveInt": lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0,
    "decimal": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "date": lambda value: isinstance(value, str) and re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", value),
    "dateTime": lambda value: (
        isinstance(value, str) and re.fullmatch(r"\d{4}(-\d\d(-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?)?)?", value)
    ),
    "instant": lambda value: (
        isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value)
    ),
}
_TEXTS = {"string", "code", "uri", "url", "id", "canonical", "markdown"}


@cache
def rows(version):
    """Return the element rows of a guide version by profile."""
    found = defaultdict(list)
    with (DERIVED / f"pas-{version}-elements.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            found[row["profile"]].append(row)
    return found


def _types(row):
    for one in (row["types"] or "").split(";"):
        match = _TYPE.match(one.strip())
        if match:
            names = (match["profiles"] or "").split("|")
            yield match["name"], next((name for name in names if name.startswith(("extension-", "profile-"))), "")


def _extension_profile(row):
    return next((profile for name, profile in _types(row) if name == "Extension" and profile), "")


def _children(parent, name):
    """Return the child values of one element name; a choice gives every spelling with its type."""
    if name.endswith("[x]"):
        stem = name[:-3]
        return [(key[len(stem):], value) for key, value in parent.items() if key.startswith(stem) and key != stem
                and key[len(stem)].isupper()]  # fmt: skip
    value = parent.get(name)
    return [("", one) for one in (value if isinstance(value, list) else [] if value is None else [value])]


def _instances(resource, path):
    """Return every instance of a path without slices, with its place."""
    found = [(resource, path.split(".")[0])]
    for name in path.split(".")[1:]:
        found = [
            (value, f"{place}.{name}") for parent, place in found if isinstance(parent, dict)
            for _, value in _children(parent, name)
        ]  # fmt: skip
    return found


def problems(resource, profile, version):
    """Return what breaks the table of a profile, as sentences."""
    table = rows(version)
    if profile not in table:
        return [f"no table for {profile}"]
    found = []
    slices = defaultdict(dict)
    for row in table[profile]:
        element = row["element"]
        if "." not in element:
            continue
        parent_path, _, name = element.rpartition(".")
        if ":" in parent_path:
            continue
        base, _, slice_name = name.partition(":")
        if slice_name and base == "extension":
            slices[parent_path][PAS + _extension_profile(row)] = row
        elif not slice_name:
            found += _check_element(resource, parent_path, base, row)
    for parent_path, known in slices.items():
        found += _check_extensions(resource, parent_path, known, version)
    return found


def _check_element(resource, parent_path, name, row):
    found = []
    for parent, place in _instances(resource, parent_path):
        if not isinstance(parent, dict):
            continue
        held = _children(parent, name)
        low, high = int(row["min"]), row["max"]
        if len(held) < low or (high != "*" and len(held) > int(high)):
            found.append(f"{place}.{name}: {len(held)} found, {low}..{high} allowed")
        found += [f"{place}.{name}: {sentence}" for kind, value in held for sentence in _wrong_value(kind, value, row)]
    return found


def _wrong_value(kind, value, row):
    allowed = [name for name, _ in _types(row)]
    names = (
        [kind[0].lower() + kind[1:] if kind and kind[0].lower() + kind[1:] in allowed else kind] if kind else allowed
    )
    if kind and names[0] not in allowed and allowed:
        yield f"type {kind} is not among {allowed}"
        return
    for name in names[:1] if kind or len(names) == 1 else ():
        check = _PRIMITIVES.get(name) or ((lambda one: isinstance(one, str) and one != "") if name in _TEXTS else None)
        if check and not check(value):
            yield f"{value!r} is not a {name}"
    fixed = row["fixed_or_pattern"] or ""
    match = re.match(r"^(fixed|pattern)(Code|Uri|CodeableConcept)=(.*)$", fixed)
    if match:
        wanted = json.loads(match[3])
        held = value if not isinstance(wanted, dict) else {"coding": [
            {key: coding.get(key) for key in wanted["coding"][0]} for coding in value.get("coding", [])
        ]}  # fmt: skip
        if held != wanted:
            yield f"{held!r} is not {wanted!r}"


def _check_extensions(resource, parent_path, known, version):
    found = []
    for parent, place in _instances(resource, parent_path):
        if not isinstance(parent, dict):
            continue
        held = defaultdict(list)
        for one in parent.get("extension", []):
            held[one["url"]].append(one)
            if one["url"].startswith(PAS) and one["url"] not in known:
                found.append(f"{place}: extension {one['url']} is not declared here")
        for url, row in known.items():
            count = len(held[url])
            if count < int(row["min"]) or (row["max"] != "*" and count > int(row["max"])):
                found.append(f"{place}: {count} of {url}, {row['min']}..{row['max']} allowed")
        found += [
            f"{place}: {one}" for group in held.values() for ext in group for one in extension_problems(ext, version)
        ]
    return found


def extension_problems(extension, version):
    """Return what breaks the table of one extension of the guide, its parts included."""
    name = extension["url"].rpartition("/")[2]
    table = rows(version).get(name)
    if not extension["url"].startswith(PAS):
        return []
    if not table:
        return [f"no extension {name} in {version}"]
    found, parts = [], {}
    for row in table:
        if row["element"].startswith("Extension.extension:") and "." not in row["element"].removeprefix("Extension."):
            short = row["element"].partition(":")[2]
            profile = _extension_profile(row)
            parts[PAS + profile if profile else short] = (short, row)
        if row["element"] == "Extension.value[x]":
            found += _check_element(extension, "Extension", "value[x]", row)
    held = defaultdict(int)
    for one in extension.get("extension", []):
        held[one["url"]] += 1
        if one["url"] not in parts:
            found.append(f"{name}: part {one['url']} is not declared")
            continue
        short, _ = parts[one["url"]]
        value = next((row for row in table if row["element"] == f"Extension.extension:{short}.value[x]"), None)
        found += _check_element(one, "Extension", "value[x]", value) if value else extension_problems(one, version)
    for url, (_, row) in parts.items():
        if held[url] < int(row["min"]) or (row["max"] != "*" and held[url] > int(row["max"])):
            found.append(f"{name}: {held[url]} of {url}, {row['min']}..{row['max']} allowed")
    return found


def is_present(resource, path, profile, version):
    """Say whether a must-support path of the test kit is present in a resource, slices of extensions included."""
    nodes = [resource]
    walked = path.split(".")[0]
    for name in path.split(".")[1:]:
        base, _, slice_name = name.partition(":")
        following = []
        for node in nodes:
            if not isinstance(node, dict):
                continue
            values = [value for _, value in _children(node, base)]
            if slice_name:
                values = [value for value in values if _in_slice(value, base, f"{walked}.{name}", profile, version)]
            following += values
        nodes, walked = following, f"{walked}.{name}"
    return bool(nodes)


def _in_slice(value, base, element, profile, version):
    if base == "extension":
        row = next((one for one in rows(version)[profile] if one["element"] == element), None)
        wanted = PAS + _extension_profile(row) if row is not None and _extension_profile(row) else None
        name = element.rpartition(":")[2]
        return value.get("url") == wanted or (
            wanted is None and name.lower() in value.get("url", "").lower().replace("-", "")
        )
    if base == "identifier" and element.endswith(":PI"):
        return any(one.get("code") == "payerid" for one in value.get("type", {}).get("coding", []))
    if base == "identifier":
        return {"NPI": "us-npi", "TIN": "USEIN"}.get(element.rpartition(":")[2], "?") in value.get("system", "")
    if base == "input":
        code = value["type"]["coding"][0]["code"].replace("-", "")
        return code == element.rpartition(":")[2].lower()
    if base == "entry":
        return value["resource"]["resourceType"] == element.rpartition(":")[2]
    return True
