"""Our packages against the element tables and invariants of DTR 2.0.1 and 2.2.0, for every guideline of the pack."""

import base64
import json
from pathlib import Path

import orjson
import pytest

from openum.cql import fhirpath
from tests.adapters.dtr.conftest import answers, dtr, of_kind, order, package_input, parameters, split
from tests.conformance import dtr_tables, tables

__all__ = ["dtr"]
pytestmark = pytest.mark.skipif(not tables.DERIVED.is_dir(), reason="the guide's tables are not beside this checkout")

GUIDELINES = sorted(
    folder.name for folder in (Path(__file__).resolve().parents[2] / "policies" / "guidelines").iterdir()
    if folder.is_dir() and folder.name != "libraries"
)  # fmt: skip
VERSIONS = [("2.0", "2.0.1"), ("2.2", "2.2.0")]
_QUESTIONNAIRE = {"2.0.1": "dtr-std-questionnaire", "2.2.0": "dtr-std-questionnaire"}


def canonical(guideline, name=""):
    return f"http://testserver/policies/{guideline}/fhir/Questionnaire{name}"


def broken(resource, profile, guide, kind):
    """Return the error invariants of a profile that a resource breaks."""
    found = []
    for (held, element), rules in dtr_tables.invariants(guide).items():
        if held != profile:
            continue
        nodes = [resource] if element == kind else None
        if element == f"{kind}.item":
            nodes = list(dtr_tables._items(resource))
        for node in nodes or ():
            for key, path in rules:
                expression = fhirpath.compile(path)
                options = {"environment": {"resource": resource}}
                if node is not resource:
                    options["type"] = f"{kind}.Item"
                if expression.holds(node, **options) is False:
                    found.append((key, node.get("linkId", kind)))
    return found


@pytest.mark.parametrize(("base", "guide"), VERSIONS)
@pytest.mark.parametrize("guideline", GUIDELINES)
def test_a_package_keeps_the_profiles(dtr, guideline, base, guide):
    body = package_input(order("T1019"), questionnaire=canonical(guideline))
    answer = dtr.package(body, base=base)
    bundles, _issues = split(answer)
    if answer["resourceType"] == "Parameters":
        assert dtr_tables.problems(answer, "dtr-qpackage-output-parameters", guide) == []
    assert len(bundles) == 1
    bundle = bundles[0]
    assert dtr_tables.problems(bundle, "DTR-QPackageBundle", guide) == []
    (questionnaire,), (response,) = of_kind(bundle, "Questionnaire"), of_kind(bundle, "QuestionnaireResponse")
    assert bundle["entry"][0]["resource"] == questionnaire
    assert {entry["resource"]["resourceType"] for entry in bundle["entry"]} <= {
        "Questionnaire", "Library", "ValueSet", "QuestionnaireResponse",
    }  # fmt: skip
    for resource, profile, kind in (
        (questionnaire, _QUESTIONNAIRE[guide], "Questionnaire"),
        (response, "dtr-questionnaireresponse", "QuestionnaireResponse"),
    ):
        assert dtr_tables.problems(resource, profile, guide) == []
        assert broken(resource, profile, guide, kind) == []
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(bundle["entry"])


def _retrieved(elm):
    """Return the addresses of the value sets by which compiled logic chooses records."""
    sets = {one["name"]: one["id"] for one in elm["library"].get("valueSets", {}).get("def", [])}
    found, waiting = set(), [elm["library"].get("statements", {})]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and node.get("type") == "Retrieve":
            found.add(sets.get(node.get("codes", {}).get("name")))
        waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return found - {None}


@pytest.mark.parametrize(("base", "guide"), VERSIONS)
@pytest.mark.parametrize("guideline", GUIDELINES)
def test_logic_and_lists_of_a_package_are_complete(dtr, guideline, base, guide):
    bundles, _issues = dtr.bundles(package_input(order("T1019"), questionnaire=canonical(guideline)), base=base)
    bundle = bundles[0]
    questionnaire = bundle["entry"][0]["resource"]
    libraries, sets = of_kind(bundle, "Library"), of_kind(bundle, "ValueSet")
    known = {one["url"] for one in libraries} | {f"{one['url']}|{one['version']}" for one in libraries}
    known_sets = {one["url"] for one in sets} | {f"{one['url']}|{one['version']}" for one in sets}
    named = [one["valueCanonical"] for one in questionnaire["extension"] if one["url"].endswith("cqf-library")]
    assert named
    assert set(named) <= ({one["url"] for one in libraries} if guide == "2.0.1" else known)
    assert len({one["name"] for one in libraries}) == len(libraries)
    for library in libraries:
        assert [one["contentType"] for one in library["content"]] == ["text/cql", "application/elm+json"]
        for one in library.get("relatedArtifact", []):
            assert one["resource"] in known | known_sets
            assert (one["url"], bool(one["display"])) == (one["resource"].partition("|")[0], True)
            if guide == "2.0.1":
                assert "|" not in one["resource"]
        chosen = [each["valueSet"] for one in library.get("dataRequirement", []) for each in one.get("codeFilter", [])]
        assert set(chosen) <= known_sets
        retrieved = _retrieved(json.loads(base64.b64decode(library["content"][1]["data"])))
        assert {one.partition("|")[0] for one in chosen} == retrieved & known_sets
        assert not {one["url"] for one in library.get("relatedArtifact", [])} & retrieved
    for one in sets:
        codes = one.get("expansion", {}).get("contains", [])
        left = guide == "2.2.0" and "expansion" not in one
        listed = sum(len(group.get("concept", [])) for group in one["compose"]["include"])
        assert codes or (left and listed >= 40)
    statements = {}
    for library in libraries:
        elm = json.loads(base64.b64decode(library["content"][1]["data"]))["library"]
        statements[library["name"]] = {one["name"] for one in elm["statements"]["def"]}
    for item in dtr_tables._items(questionnaire):
        if "answerValueSet" in item:
            assert item["answerValueSet"] in known_sets
        for one in item.get("extension", []):
            if "valueExpression" in one:
                assert one["valueExpression"]["language"] == "text/cql"
                library, _, name = one["valueExpression"]["expression"].partition(".")
                assert name in statements[library.strip('"')]


@pytest.mark.parametrize(("base", "guide"), VERSIONS)
@pytest.mark.parametrize("guideline", GUIDELINES)
def test_an_adaptive_form_keeps_the_profiles_in_every_round(dtr, guideline, base, guide):
    address = canonical(guideline, "/adaptive")
    bundles, _issues = dtr.bundles(package_input(order("T1019"), questionnaire=address), base=base)
    questionnaire = bundles[0]["entry"][0]["resource"]
    assert dtr_tables.problems(questionnaire, "dtr-questionnaire-adapt-search", guide) == []
    assert "item" not in questionnaire
    (draft,) = of_kind(bundles[0], "QuestionnaireResponse")
    response = draft | {"contained": [questionnaire | {"id": "form"}], "questionnaire": "#form"}
    for _round in range(60):
        response = dtr.next(response, base=base)
        contained = response["contained"][0]
        assert dtr_tables.problems(contained, "dtr-questionnaire-adapt", guide) == []
        if guide == "2.2.0":
            assert dtr_tables.problems(response, "dtr-questionnaireresponse-adapt", guide) == []
            assert broken(contained, "dtr-questionnaire-adapt", guide, "Questionnaire") == []
        assert contained["derivedFrom"] == [f"{address}|{questionnaire['version']}"]
        if response["status"] == "completed":
            break
    assert response["status"] == "completed"


@pytest.mark.parametrize(("base", "guide"), VERSIONS)
def test_a_wrapped_next_question_is_answered_in_the_shape_of_its_version(dtr, base, guide):
    bundles, _issues = dtr.bundles(
        package_input(order("T1019"), questionnaire=canonical("LBP-MRI", "/adaptive")), base=base
    )
    questionnaire = bundles[0]["entry"][0]["resource"]
    response = {
        "resourceType": "QuestionnaireResponse", "status": "in-progress", "questionnaire": "#form",
        "contained": [questionnaire | {"id": "form"}], "subject": {"reference": "Patient/p1"},
        "authored": "2026-11-16T17:00:00Z",
        "extension": of_kind(bundles[0], "QuestionnaireResponse")[0]["extension"],
    }  # fmt: skip
    answer = dtr.next(parameters(("questionnaire-response", response)), base=base)
    if guide == "2.0.1":
        assert answer["resourceType"] == "QuestionnaireResponse"
    else:
        assert dtr_tables.problems(answer, "dtr-next-question-output-parameters", guide) == []
        assert answer["parameter"][0]["resource"]["contained"][0]["item"]
    assert answers(response) == {}
    assert orjson.dumps(answer)


@pytest.mark.parametrize(
    ("guide", "profile", "resource", "told"),
    [
        ("2.0.1", "dtr-questionnaireresponse", {"status": "completed", "item": [{"text": "x"}]}, "linkId"),
        ("2.0.1", "dtr-questionnaire-adapt", {"title": "x", "url": "urn:x", "status": "draft"}, ".url: 1 found"),
        ("2.2.0", "dtr-questionnaireresponse", {"extension": [], "item": []}, "qr-coverage"),
        ("2.2.0", "DTR-QPackageBundle", {"type": "collection", "entry": []}, "entry:questionnaire"),
    ],
)  # fmt: skip
def test_the_tables_find_what_is_wrong(guide, profile, resource, told):
    assert any(told.lower() in one.lower().replace("r.x", "") for one in dtr_tables.problems(resource, profile, guide))
