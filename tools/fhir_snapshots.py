"""The elements of a profile, also of one that was published as differences only."""

from __future__ import annotations

import copy
from typing import Any

from tools.fhir_packages import Package, Packages

Json = dict[str, Any]


def snapshot_of(definition: Json, packages: Packages, package: Package) -> list[Json]:
    """Return the elements of a definition, each with its id and with what R4 says of it under `base`."""
    if "snapshot" in definition:
        return list(definition["snapshot"]["element"])
    found = packages.definition(definition["baseDefinition"], package)
    if found is None:
        raise ValueError(f"{definition['url']} rests on {definition['baseDefinition']}, which no package holds.")
    elements = [copy.deepcopy(one) for one in snapshot_of(found[0], packages, found[1])]
    by_id = {one["id"]: one for one in elements}
    for difference in definition["differential"]["element"]:
        identity = difference["id"]
        if identity not in by_id:
            by_id[identity] = {
                "id": identity,
                "path": difference["path"],
                "base": _base_of(difference["path"], by_id, packages, package),
            }
            elements.append(by_id[identity])
        held = by_id[identity]
        constraints = [*held.get("constraint", ()), *difference.get("constraint", ())]
        held.update(difference)
        if constraints:
            held["constraint"] = constraints
    return elements


def _base_of(path: str, by_id: dict[str, Json], packages: Packages, package: Package) -> Json:
    """Return the `base` of an element that the parent's snapshot does not spell out: a slice, or inside a data type."""
    plain = next((one for one in by_id.values() if one["path"] == path and one.get("base")), None)
    if plain is not None:
        return dict(plain["base"])
    owner, _, label = path.rpartition(".")
    holder = next((one for one in by_id.values() if one["path"] == owner and one.get("type")), None)
    code = holder["type"][0]["code"] if holder is not None else ""
    found = packages.definition(f"http://hl7.org/fhir/StructureDefinition/{code}", package)
    for element in found[0]["snapshot"]["element"] if found is not None else ():
        if element["path"] == f"{code}.{label}":
            return {"path": element["path"], "min": element["min"], "max": element["max"]}
    return {"path": path, "min": 0, "max": "*"}
