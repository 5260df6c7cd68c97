"""Write the table of the FHIR validator from the R4 definitions and the guides' packages.

    python -m tools.generate_fhir_definitions IG_FOLDER [OUTPUT]

IG_FOLDER holds the packages named below (HL7 FHIR R4 core and HL7 implementation guides, all CC0-1.0). Only facts are
kept: paths, cardinalities, types, slices, fixed and pattern values, codes of required bindings that can be listed,
targets of references, invariants. A profile keeps what it adds to R4. Codes of systems with a licence of their own
are left out; a binding to them is "not checked".

The table is one JSON object a line: first where it comes from, then value sets, then definitions, then packages.
`openum/adapters/fhir/validation/README.md` explains the short names.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from tools.fhir_packages import Package, Packages, read_package
from tools.fhir_snapshots import snapshot_of

Json = dict[str, Any]

CORE = "r4-core-4.0.1"
PACKAGES = (
    CORE, "us-core-3.1.1", "us-core-6.1.0", "us-core-7.0.0", "pas-2.0.1", "pas-2.2.1", "crd-2.0.1", "dtr-2.0.1",
    "compiled/crd-2.2.1-compiled", "compiled/dtr-2.2.0-compiled", "compiled/hrex-1.2.0-compiled",
    "compiled/sdc-4.0.0-compiled", "compiled/subscriptions-backport-r4-1.1.0-compiled", "compiled/cdex-2.1.0-source",
)  # fmt: skip
DEFAULT_OUTPUT = Path(__file__).resolve().parent.parent / "openum/adapters/fhir/validation/definitions.jsonl"
CORE_PROFILES = frozenset({"SimpleQuantity", "MoneyQuantity"})
"""Profiles of the core package that its own types use; its other profiles are examples. Extensions are all kept."""

NATIVE = frozenset({"ele-1", "ext-1"})
"""Invariants of every element and every extension: the validator has them as code."""

IS_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
BEST_PRACTICE = "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice"
IDS = frozenset({"Resource.id", "Element.id"})
"""Every resource and element has one; packages write its type in different ways."""

R4 = "http://hl7.org/fhir/StructureDefinition/"


def digest_of(ig_folder: Path) -> str:
    """Return a digest of all packages and of the programs that read them: the table is stale when it differs."""
    digest = hashlib.sha256()
    tools = Path(__file__).parent
    files = [ig_folder / f"{name}.tgz" for name in PACKAGES]
    files += [tools / name for name in ("generate_fhir_definitions.py", "fhir_packages.py", "fhir_snapshots.py")]
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def canonical(address: str) -> str:
    """Shorten an address of R4 itself to its name."""
    return address.removeprefix(R4).partition("|")[0] if address.startswith(R4) else address


def type_codes(element: Json) -> dict[str, Json]:
    """Return what an element allows by type: {"Reference": {"g": targets}, "Extension": {"p": profiles}}."""
    found: dict[str, Json] = {}
    for one in element.get("type", ()):
        code = one.get("code", "")
        if code.startswith("http://hl7.org/fhirpath/"):
            named = [e for e in one.get("extension", ()) if e["url"] == IS_TYPE]
            code = next((e.get("valueUrl") or e.get("valueUri") for e in named), "string")
        facts = found.setdefault(code, {})
        if one.get("profile"):
            facts.setdefault("p", []).extend(canonical(p) for p in one["profile"])
        if one.get("targetProfile"):
            facts.setdefault("g", []).extend(canonical(p) for p in one["targetProfile"])
    return found


def own_invariants(element: Json, known: set[str]) -> list[list[str]]:
    """Return [key, severity, sentence, FHIRPath] of the invariants that are not known already."""
    return [
        [one["key"], one.get("severity", "error"), " ".join(one.get("human", "").split()), expression_of(one)]
        for one in element.get("constraint", ())
        if one.get("expression")
        and one["key"] not in NATIVE
        and one["key"] not in known
        and not any(e["url"] == BEST_PRACTICE for e in one.get("extension", ()))
    ]


def expression_of(constraint: Json) -> str:
    """Return the FHIRPath with two errors of the guides mended.

    R4 writes the same function for txt-1 and txt-2; R5 tells the second apart. Two invariants test an element for a
    System type, which no element has (FHIRPath §10.2), where R5 names the FHIR type.
    """
    if constraint["key"] == "txt-2":
        return "htmlChecks2()"
    return str(constraint["expression"]).replace("is Boolean", "is boolean").replace("is DateTime ", "is dateTime ")


def valued(element: Json, prefix: str) -> Json:
    """Return {"fx": value} or {"pt": value} of a fixed[x] or pattern[x]."""
    short = {"fixed": "fx", "pattern": "pt"}[prefix]
    held = [value for key, value in element.items() if key.startswith(prefix) and key[len(prefix)].isupper()]
    return {short: held[0]} if held else {}


def cardinality(element: Json) -> Json:
    """Return {"min": n, "max": n}; no max when there is no limit."""
    found = {"min": element["min"]} if element.get("min") else {}
    if element.get("max", "*") != "*":
        found["max"] = int(element["max"])
    return found


class Compiler:
    """Turns the definitions of all packages into the lines of the table."""

    def __init__(self, packages: Packages) -> None:
        """Note what R4 itself says of each path."""
        self.packages = packages
        self.value_sets: dict[str, Json | None] = {}
        self.core: dict[str, Json] = {}
        self.known: set[str] = set()
        for definition in packages[CORE].definitions:
            if definition.get("derivation") == "constraint":
                continue
            for element in definition["snapshot"]["element"]:
                self.core[element["path"]] = element
                self.known |= {c["key"] for c in element.get("constraint", ())}

    def binding(self, element: Json, package: Package) -> str:
        """Return the key of a required value set whose codes can be listed, or empty."""
        held = element.get("binding", {})
        if held.get("strength") != "required" or not held.get("valueSet"):
            return ""
        address = held["valueSet"]
        found = self.packages.value_set(address, package)
        if found is None:
            return ""
        key = (
            f"{found.url}|{found.version or found.package}" if found.package != CORE else canonical_value_set(found.url)
        )
        if key not in self.value_sets:
            self.value_sets[key] = self.packages.expand(address, package)
        return key if self.value_sets[key] else ""

    # --- R4 itself -----------------------------------------------------------------------------------------------

    def base_line(self, definition: Json) -> Json:
        """Return the line of a type of R4: every element with its cardinality and types."""
        package = self.packages[CORE]
        inherited: set[str] = set()
        for name in ("Element", "BackboneElement", "Resource", "DomainResource"):
            if name != definition["type"]:
                inherited |= {c["key"] for c in self.core[name].get("constraint", ())}
        nodes: dict[str, Json] = {}
        for element in definition["snapshot"]["element"]:
            path = element["path"]
            node: Json = {}
            if "." in path:
                node = cardinality(element) | ({"t": type_codes(element)} if element.get("type") else {})
                if path == f"{definition['type']}.id" and definition["kind"] == "resource":
                    node["t"] = {"id": {}}
            if "contentReference" in element:
                node["c"] = element["contentReference"].rpartition("#")[2]
            if key := self.binding(element, package):
                node["b"] = key
            if invariants := own_invariants(element, inherited):
                node["i"] = invariants
            nodes[path] = node
            owner, _, label = path.rpartition(".")
            if owner:
                nodes[owner].setdefault("e", {})[label] = node
        return {
            "d": definition["url"], "t": definition["type"], "k": definition["kind"], "g": CORE,
            "r": nodes[definition["type"]],
        }  # fmt: skip

    # --- profiles ------------------------------------------------------------------------------------------------

    def profile_line(self, definition: Json, package: Package) -> Json:
        """Return the line of a profile or an extension: what it says beyond R4."""
        elements = snapshot_of(definition, self.packages, package)
        facts: dict[str, Json] = {}
        for element in elements:
            facts[element["id"]] = self._facts(element, package)
        for element in elements:
            plain = without_slices(element["id"])
            if plain != element["id"] and plain in facts:
                self._drop_repeated(element, facts[element["id"]], facts[plain])
        root: Json = {}
        for element in elements:
            self._place(root, element, facts)
        pruned(root)
        return {
            "d": definition["url"], "v": definition.get("version", ""), "n": definition["name"],
            "t": definition["type"], "k": "profile", "g": package.name, "r": root,
        }  # fmt: skip

    def _facts(self, element: Json, package: Package) -> Json:
        base = element.get("base", {})
        origin = self.core.get(base.get("path", ""), {})
        facts: Json = {}
        if element.get("min", 0) > base.get("min", 0):
            facts["min"] = element["min"]
        if "max" in element and element["max"] not in ("*", base.get("max", "*")):
            facts["max"] = int(element["max"])
        if "." in element["path"] and element.get("type") and base.get("path") not in IDS:
            types = type_codes(element)
            if types != type_codes(origin):
                facts["t"] = types
        facts |= valued(element, "fixed") | valued(element, "pattern")
        if element.get("binding") and element["binding"] != origin.get("binding"):
            key = self.binding(element, package)
            if key and key != self.binding(origin, self.packages[CORE]):
                facts["b"] = key
        if invariants := own_invariants(element, self.known):
            facts["i"] = invariants
        return facts

    @staticmethod
    def _drop_repeated(element: Json, facts: Json, plain: Json) -> None:
        """Drop from an element within a slice what holds for the unsliced element anyhow."""
        kept = {"min", "max"} if element.get("sliceName") else set()
        for name in list(facts):
            if name == "i":
                facts["i"] = [one for one in facts["i"] if one not in plain.get("i", ())]
                if not facts["i"]:
                    del facts["i"]
            elif name not in kept and facts[name] == plain.get(name) and name not in {"fx", "pt"}:
                del facts[name]

    @staticmethod
    def _place(root: Json, element: Json, facts: dict[str, Json]) -> None:
        """Hang the facts of an element into the tree, by the parts of its id."""
        node = root
        for part in element["id"].split(".")[1:]:
            label, _, slice_name = part.partition(":")
            node = node.setdefault("e", {}).setdefault(label, {})
            if slice_name:
                node = node.setdefault("s", {}).setdefault("s", {}).setdefault(slice_name, {})
        node.update(facts[element["id"]])
        if element.get("sliceName") and "." in element["id"]:
            node.update(cardinality(element))
        slicing = element.get("slicing")
        if slicing:
            held = node.setdefault("s", {})
            held["d"] = [[one["type"], one["path"]] for one in slicing.get("discriminator", ())]
            held["r"] = slicing.get("rules", "open")


def canonical_value_set(address: str) -> str:
    """Shorten the address of a value set of R4."""
    return address.removeprefix("http://hl7.org/fhir/ValueSet/")


def without_slices(identity: str) -> str:
    """Return the id of the same element outside slices."""
    return ".".join(part.partition(":")[0] for part in identity.split("."))


def pruned(node: Json) -> bool:
    """Remove branches without facts; tell whether anything is left."""
    if node.get("max") == 0:
        node.pop("e", None)
        node.pop("s", None)
    children = node.get("e", {})
    for name in [name for name, child in children.items() if not pruned(child)]:
        del children[name]
    if "e" in node and not children:
        del node["e"]
    slices = node.get("s", {}).get("s", {})
    for one in slices.values():
        pruned(one)
    if "s" in node and not slices:
        del node["s"]
    return bool(node)


def generate(ig_folder: Path) -> str:
    """Return the text of the table."""
    packages = Packages([read_package(ig_folder / f"{name}.tgz") for name in PACKAGES])
    compiler = Compiler(packages)
    lines: list[Json] = []
    for definition in packages[CORE].definitions:
        if definition.get("derivation") == "specialization" or definition["name"] in {"Element", "Resource"}:
            if definition["kind"] in {"resource", "complex-type"}:
                lines.append(compiler.base_line(definition))
        elif definition["type"] == "Extension" or definition["name"] in CORE_PROFILES:
            lines.append(compiler.profile_line(definition, packages[CORE]))
    for package in packages:
        if package.name != CORE:
            kept = [d for d in package.definitions if d["kind"] in {"resource", "complex-type"}]
            kept = [d for d in kept if d["type"] in compiler.core and d.get("derivation") == "constraint"]
            lines += [compiler.profile_line(definition, package) for definition in kept]
    sets = [{"s": key, "c": codes} for key, codes in sorted(compiler.value_sets.items()) if codes]
    head = {
        "source": "HL7 FHIR R4 core and HL7 implementation guides, StructureDefinition and ValueSet, HL7 International, "
        "CC0-1.0; facts only. Written by tools/generate_fhir_definitions.py; do not edit.",
        "packages": [Path(name).name.removesuffix("-compiled").removesuffix("-source") for name in PACKAGES],
        "digest": digest_of(ig_folder),
    }
    return "\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in [head, *sets, *lines]) + "\n"


def main(arguments: list[str]) -> int:
    """Run from the command line."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    output = Path(arguments[1]) if len(arguments) > 1 else DEFAULT_OUTPUT
    output.write_text(generate(Path(arguments[0])), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
