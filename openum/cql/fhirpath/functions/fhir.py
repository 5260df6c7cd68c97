"""The functions FHIR adds: extensions, references, profiles, terminology, narrative."""

from __future__ import annotations

from typing import Any, Final

from openum.cql.fhirpath import model, narrative
from openum.cql.fhirpath.errors import Fault
from openum.cql.fhirpath.items import Items, Node, plain, resource_node, single, step, text
from openum.cql.fhirpath.registry import Run, items_function, value_function

_BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
_ORDINALS: Final = frozenset({_BASE + "ordinalValue", _BASE + "itemWeight"})


@items_function("extension", least=1)
def extension(run: Run, items: Items, url: Items) -> Items:
    """The extensions with an address."""
    wanted = text(url)
    found: Items = []
    for item in items:
        step(item, "extension", found)
    return [e for e in found if isinstance(e.value, dict) and e.value.get("url") == wanted]


@value_function("hasValue")
def has_value(items: Items) -> bool:
    """Whether this is one primitive with a value, not only with extensions."""
    return len(items) == 1 and _is_primitive(items[0])


def _is_primitive(item: Any) -> bool:
    return item.value is not None and type(item.value) is not dict if type(item) is Node else True


@items_function("getValue")
def get_value(run: Run, items: Items) -> Items:
    """The System value of one primitive."""
    if len(items) != 1 or not _is_primitive(items[0]):
        return []
    value = plain(items[0])
    return [] if value is None else [value]


@items_function("resolve")
def resolve(run: Run, items: Items) -> Items:
    """The resources that references, or addresses, lead to; what cannot be found is left out."""
    out: Items = []
    for item in items:
        value = item.value if type(item) is Node else item
        address = value.get("reference") if isinstance(value, dict) else value
        found = _find(run, address) if isinstance(address, str) else None
        if found is not None:
            out.append(found)
    return out


def _find(run: Run, address: str) -> Node | None:
    known = run.memo.get(("resolve", address))
    if known is None:
        known = run.memo["resolve", address] = (_look_up(run, address),)
    return known[0]


def _look_up(run: Run, address: str) -> Node | None:
    if address.startswith("#"):
        for item in (*run.resource, *run.root):
            found = _contained(item, address[1:])
            if found is not None:
                return found
        return None
    for item in run.root:
        found = _entry(item, address)
        if found is not None:
            return found
    if run.hooks.resolve is not None:
        resource = run.hooks.resolve(address)
        if resource is not None:
            return resource_node(dict(resource))
    return None


def _contained(item: Any, name: str) -> Node | None:
    if type(item) is not Node or not isinstance(item.value, dict):
        return None
    if not name:
        return item
    inside: Items = []
    step(item, "contained", inside)
    return next((c for c in inside if c.value.get("id") == name), None)


def _entry(item: Any, address: str) -> Node | None:
    if type(item) is not Node or item.type != "Bundle" or not isinstance(item.value, dict):
        return None
    entries = item.value.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            full = entry.get("fullUrl")
            named = f"{resource.get('resourceType')}/{resource.get('id')}"
            if address in (full, named) or (isinstance(full, str) and full.endswith("/" + address)):
                return resource_node(resource)
    return None


@value_function("ordinal", "weight")
def ordinal(items: Items) -> Any:
    """The score an answer or a coding carries as an extension."""
    found: Items = []
    for item in items:
        step(item, "extension", found)
    for one in found:
        if one.value.get("url") in _ORDINALS:
            values: Items = []
            step(one, "value", values)
            return single(values)
    return None


@items_function("conformsTo", least=1)
def conforms_to(run: Run, items: Items, profile: Items) -> Items:
    """Whether the one item conforms to a profile; a base type is told here, others by the hook."""
    url = text(profile)
    if url is None or not items:
        return []
    single(items)
    item = items[0]
    if type(item) is not Node:
        raise Fault("“conformsTo” takes a FHIR resource or element.")
    if run.hooks.conforms_to is not None:
        answer = run.hooks.conforms_to(item.value, url)
        if answer is not None:
            return [answer]
    base = url.partition("|")[0].removeprefix(_BASE)
    if not url.startswith(_BASE) or not model.is_type(base):
        raise Fault("The profile that “conformsTo” names is not known.")
    return [model.is_a(item.type, base)]


@items_function("memberOf", least=1)
def member_of(run: Run, items: Items, value_set: Items) -> Items:
    """Whether a code, Coding or CodeableConcept is in a value set; empty when the value set is not known."""
    url = text(value_set)
    if url is None or len(items) != 1 or run.hooks.member_of is None:
        return []
    item = items[0]
    answer = run.hooks.member_of(item.value if type(item) is Node else item, url)
    return [] if answer is None else [answer]


@items_function("subsumes", least=1)
def subsumes(run: Run, items: Items, other: Items) -> Items:
    """Whether one code subsumes another; empty when no one knows."""
    if len(items) != 1 or len(other) != 1 or run.hooks.subsumes is None:
        return []
    values = [i.value if type(i) is Node else i for i in (items[0], other[0])]
    answer = run.hooks.subsumes(*values)
    return [] if answer is None else [answer]


@items_function("subsumedBy", least=1)
def subsumed_by(run: Run, items: Items, other: Items) -> Items:
    """Whether another code subsumes this one."""
    return subsumes(run, other, items)


@items_function("checkModifiers", least=0, most=20)
def check_modifiers(run: Run, items: Items, *known: Items) -> Items:
    """The items, when none has a modifier extension other than those named."""
    allowed = {text(k) for k in known}
    for item in items:
        found: Items = []
        step(item, "modifierExtension", found)
        if any(e.value.get("url") not in allowed for e in found):
            raise Fault("An element has a modifier extension that is not known here.")
    return items


@value_function("htmlChecks", "htmlChecks1")
def html_checks(items: Items) -> bool | None:
    """Whether narrative holds only the elements and attributes FHIR allows, and says something."""
    value = text(items)
    return None if value is None else narrative.is_allowed(value)


@value_function("htmlChecks2")
def html_checks_2(items: Items) -> bool | None:
    """Whether narrative has text or an image."""
    value = text(items)
    return None if value is None else narrative.has_content(value)


@items_function("elementDefinition")
def element_definition(run: Run, items: Items) -> Items:
    """Definitions are not at hand here: empty."""
    return []


@items_function("slice", least=2)
def slice_(run: Run, items: Items, structure: Items, name: Items) -> Items:
    """Slices are known to the validator, not here."""
    raise Fault("“slice” needs the definition of the profile, which is not at hand.")
