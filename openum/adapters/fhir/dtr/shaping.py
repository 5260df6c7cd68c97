"""Forms, libraries and value sets as each version of the guide wants them."""

import re
from collections.abc import Callable
from typing import Any

import orjson

from openum.adapters.fhir.dtr.shelf import Found
from openum.adapters.fhir.dtr.versions import DTR, Version
from openum.adapters.fhir.elements import rows

Json = dict[str, Any]

LARGE = 40
"""From how many codes on a value set is left to ValueSet/$expand."""
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
_LIBRARY_PROFILE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-library"
_CORE = "http://hl7.org/fhir/StructureDefinition/"
_ALGORITHMS = "http://hl7.org/fhir/version-algorithm"
_SEMVER = re.compile(r"^\d+\.\d+\.\d+([-+].*)?$")
_SECONDS_PER_QUESTION = 10


def shaped(found: Found, version: Version, *, base_url: str) -> Json:
    """Return a resource of the shelf in the shape of a version.

    Args:
        found: the resource.
        version: the version of the guide.
        base_url: the FHIR base under which it is handed out.
    """
    resource = found.resource
    make = _SHAPES[found.label.kind]
    return make(resource, found, version, base_url)


def _questionnaire(resource: Json, found: Found, version: Version, base_url: str) -> Json:
    extensions: list[Json] = []
    for one in rows(resource.get("extension")):
        if one.get("url") == f"{_CORE}cqf-library" and not version.pins_libraries:
            extensions.append({**one, "valueCanonical": _bare(one.get("valueCanonical"))})
        elif one.get("url") == f"{_SDC}questionnaireAdaptive":
            extensions.append({"url": one["url"], "valueUrl": base_url})
        else:
            extensions.append(one)
    if version.has_facts_of_use and found.volume.guideline is not None:
        extensions += facts_of_use(resource, questions=len(found.volume.guideline.answers))
    elif version.has_facts_of_use and resource.get("version"):
        extensions += [
            one for one in _algorithm(resource) if one["url"] not in {held.get("url") for held in extensions}
        ]
    return {**resource, "extension": extensions} if extensions else resource


def facts_of_use(resource: Json, *, questions: int) -> list[Json]:
    """Return for whom a form of ours is, how long it takes at most, and how its versions are compared."""
    seconds = questions * _SECONDS_PER_QUESTION
    word = next((word for most, word in _TIMES if seconds < most), "over-5min")
    return [
        {"url": f"{DTR}questionnaireAudience", "valueCode": "clinical"},
        {
            "url": f"{DTR}estimated-completion-time",
            "extension": [{"url": "clinicalTime", "valueCode": word}, {"url": "totalTime", "valueCode": word}],
        },
        {"url": f"{DTR}request-specific", "valueBoolean": False},
        *_algorithm(resource),
    ]


_TIMES = ((60, "under-1min"), (180, "under-3min"), (300, "under-5min"))


def _algorithm(resource: Json) -> list[Json]:
    """Say how versions are compared (invariant sdc-2)."""
    code = "semver" if _SEMVER.match(str(resource.get("version", ""))) else "natural"
    coding = {"system": _ALGORITHMS, "code": code}
    return [{"url": f"{_CORE}artifact-versionAlgorithm", "valueCoding": coding}]


def _library(resource: Json, found: Found, version: Version, base_url: str) -> Json:
    if version.has_facts_of_use and found.volume.guideline is not None:
        extensions = [*rows(resource.get("extension")), *_algorithm(resource)]
        return {**resource, "meta": {"profile": [_LIBRARY_PROFILE]}, "extension": extensions}
    if version.pins_libraries or not resource.get("relatedArtifact"):
        return resource
    related = [{**one, "resource": _bare(one.get("resource"))} for one in rows(resource.get("relatedArtifact"))]
    return {**resource, "relatedArtifact": related}


def _value_set(resource: Json, found: Found, version: Version, base_url: str) -> Json:
    expansion = resource.get("expansion")
    contains = expansion.get("contains", ()) if isinstance(expansion, dict) else ()
    if version.leaves_large_sets and len(contains) >= LARGE:
        return {name: value for name, value in resource.items() if name != "expansion"}
    return resource


def _bare(canonical: object) -> str:
    return canonical.partition("|")[0] if isinstance(canonical, str) else ""


_SHAPES: dict[str, Callable[[Json, Found, Version, str], Json]] = {
    "Questionnaire": _questionnaire,
    "Library": _library,
    "ValueSet": _value_set,
}

_WRITTEN: dict[tuple[str, str, str, str], orjson.Fragment] = {}
_MOST_WRITTEN = 5_000


def written(found: Found, version: Version, *, base_url: str) -> orjson.Fragment:
    """Return a resource already written as JSON, once per process: what is published never changes."""
    identity = (found.volume.policy.digest, found.label.kind + found.label.id, version.base, base_url)
    if identity not in _WRITTEN:
        if len(_WRITTEN) >= _MOST_WRITTEN:
            _WRITTEN.clear()
        _WRITTEN[identity] = orjson.Fragment(orjson.dumps(shaped(found, version, base_url=base_url)))
    return _WRITTEN[identity]
