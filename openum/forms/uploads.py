"""Forms that a payer wrote elsewhere: a Questionnaire with its libraries and value sets, read from files. Pure.

An adaptive form holds no questions of its own. They stand in Questionnaires that are derived from it (`derivedFrom`);
what a later one adds is asked after what an earlier one asks, and only while its conditions hold.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from openum import cql
from openum.cql import elm
from openum.forms.checking import Fault, faults_of
from openum.forms.items import read_form
from openum.forms.logic import Logic, cql_of, logic_of
from openum.vocabulary.canonical import canonical_json
from openum.vocabulary.errors import Invalid

Json = dict[str, Any]

QUESTIONNAIRE = "questionnaire"
"""The kind of the published policy rows that hold such forms."""
_KEPT = ("Questionnaire", "Library", "ValueSet", "CodeSystem")
_MOST_RESOURCES = 500


class FormInvalid(Invalid):
    """A form cannot be stored as it stands; each fault names its place and the cure."""

    code: ClassVar[str] = "form-invalid"

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults beside the sentence."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Upload:
    """A form that can be stored: its resources, the main Questionnaire first, and what one should know about it."""

    resources: tuple[Json, ...]
    warnings: tuple[Fault, ...] = ()

    @property
    def questionnaire(self) -> Json:
        """The form itself."""
        return self.resources[0]

    @property
    def body(self) -> Json:
        """Everything as one Bundle."""
        entries = [{"resource": one} for one in self.resources]
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    def of_kind(self, kind: str) -> list[Json]:
        """Return the resources of a type."""
        return [one for one in self.resources if one["resourceType"] == kind]


def read_upload(contents: Iterable[object]) -> Upload:
    """Read the contents of one or more files: resources, Bundles, or Parameters that hold Bundles.

    Raises:
        FormInvalid: there is no Questionnaire, or it has faults; all of them are named.
    """
    found = [one for content in contents for one in _resources(content)]
    forms = [one for one in found if one["resourceType"] == "Questionnaire"]
    main = next((one for one in forms if isinstance(one.get("url"), str) and not one.get("derivedFrom")), None)
    main = main or next((one for one in forms if isinstance(one.get("url"), str)), None)
    if main is None:
        raise FormInvalid([
            Fault("Questionnaire.url", "There is no Questionnaire with an address.", "Give it its canonical url.")
        ])  # fmt: skip
    stages = [one for one in forms if one is not main and main["url"] in map(_bare, one.get("derivedFrom") or ())]
    others = _with_elm([one for one in found if one["resourceType"] in _KEPT[1:]])
    if len(found) > _MOST_RESOURCES:
        raise FormInvalid([Fault("Bundle.entry", f"More than {_MOST_RESOURCES} resources.", "Load forms one by one.")])
    strangers = [
        Fault(f"Questionnaire({one.get('url', one.get('id', ''))})", "It is neither the form nor derived from it.",
              "Load it by itself.", severity="warning")
        for one in forms if one is not main and one not in stages
    ]  # fmt: skip
    upload = Upload((_with_version(main), *stages, *others))
    faults = [
        *strangers,
        *faults_of(upload.questionnaire, stages, upload.of_kind("Library"), upload.of_kind("ValueSet")),
    ]
    errors = [fault for fault in faults if fault.severity == "error"]
    if errors:
        raise FormInvalid(errors)
    return Upload(upload.resources, tuple(faults))


def read_package(content: object) -> list[Json]:
    """Return the first form of a package, with all that came with it, the form first; faults do not stand in the way.

    A form without an address gets one from its content.

    Raises:
        FormInvalid: there is no Questionnaire, or it asks nothing.
    """
    found = list(_resources(content))
    form = next((one for one in found if one["resourceType"] == "Questionnaire" and one.get("item")), None)
    if form is None:
        raise FormInvalid([
            Fault("Questionnaire", "The file holds no Questionnaire with questions.", "Choose a form, or its package.")
        ])  # fmt: skip
    if not isinstance(form.get("url"), str) or not form["url"]:
        form = form | {"url": f"urn:sha256:{hashlib.sha256(canonical_json(form)).hexdigest()}"}
    return [_with_version(form), *(one for one in found if one["resourceType"] in _KEPT[1:])]


def _resources(content: object, depth: int = 0) -> Iterable[Json]:
    if not isinstance(content, Mapping) or depth > 4:
        return
    kind = content.get("resourceType")
    if kind in _KEPT:
        yield dict(content)
    elif kind == "Bundle":
        for entry in content.get("entry") or ():
            if isinstance(entry, Mapping):
                yield from _resources(entry.get("resource"), depth + 1)
    elif kind == "Parameters":
        for parameter in content.get("parameter") or ():
            if isinstance(parameter, Mapping):
                yield from _resources(parameter.get("resource"), depth + 1)


def _with_elm(resources: list[Json]) -> list[Json]:
    """Add the compiled form to libraries that came as CQL alone, where the engine can write it."""
    logic = logic_of([one for one in resources if one["resourceType"] == "Library"], [])
    return [
        _compiled(one, logic) if one["resourceType"] == "Library" and isinstance(one.get("content"), list) else one
        for one in resources
    ]


def _compiled(library: Json, logic: Logic) -> Json:
    text = cql_of(library)
    if not text or len(library["content"]) != 1:
        return library
    others = {name: source for name, source in logic.sources.items() if source != text}
    try:
        compiled = elm.elm_of(text, others)
    except (elm.ElmError, cql.CqlError):
        return library
    data = base64.b64encode(orjson.dumps(compiled)).decode()
    return library | {"content": [*library["content"], {"contentType": elm.MEDIA_TYPE, "data": data}]}


def _with_version(questionnaire: Json) -> Json:
    """Return the form with a version; one without gets a name of its content, so that a change is another version."""
    if isinstance(questionnaire.get("version"), str) and questionnaire["version"]:
        return questionnaire
    return questionnaire | {"version": hashlib.sha256(canonical_json(questionnaire)).hexdigest()[:12]}


def _bare(canonical: object) -> str:
    return canonical.partition("|")[0] if isinstance(canonical, str) else ""


def stages_of(url: str, questionnaires: Iterable[Json]) -> list[list[Json]]:
    """Return the items of an adaptive form as they grow, stage by stage; each stage holds those before it.

    Args:
        url: the address of the adaptive form.
        questionnaires: Questionnaires, of which those derived from it count.
    """
    known = [one for one in questionnaires if url in map(_bare, one.get("derivedFrom") or ())]
    known.sort(key=lambda one: len(list(read_form(one).all_items())))
    stages: list[list[Json]] = []
    items: list[Json] = []
    for stage in known:
        items = _joined(items, stage.get("item") or [])
        stages.append(items)
    return stages


def _joined(first: list[Json], second: list[Json]) -> list[Json]:
    by_link = {item.get("linkId"): item for item in second}
    have = {item.get("linkId") for item in first}
    grown = [
        {**item, "item": _joined(item["item"], by_link[item["linkId"]].get("item") or [])}
        if item.get("item") and item.get("linkId") in by_link
        else item
        for item in first
    ]
    return [*grown, *(item for item in second if item.get("linkId") not in have)]
