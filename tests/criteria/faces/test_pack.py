"""The faces of every guideline of the pack: valid, complete, and read back as the form asks."""

from datetime import UTC, date, datetime
from functools import cache

import pytest

from openum import cql
from openum.criteria.document import assemble, heading_of
from openum.criteria.faces.fhir.bundle import Package
from openum.criteria.faces.flow import flow_svg
from openum.criteria.faces.policy import Shown, sections
from openum.criteria.faces.words import DOCUMENTS
from openum.criteria.facts import response_of
from openum.criteria.pack import guideline_files
from openum.criteria.program import Program, parameters_for, program_of
from tests.criteria.documents import POLICIES
from tests.criteria.faces import r4

FILES = {
    file.name: file for file in guideline_files(POLICIES) if heading_of(file.text, file=file.name).status == "published"
}
VALUES = (0.5, 7, 60, 500)


@cache
def program(name: str) -> Program:
    """The compiled document of a file."""
    file = FILES[name]
    return program_of(assemble(file.text, libraries=file.libraries, file=name, patients=file.patients))


@cache
def package(name: str) -> Package:
    """Its FHIR faces."""
    return Package(program(name), base="https://example.org")


def items(item):
    """All items of a form."""
    for each in item.get("item", []):
        yield each
        yield from items(each)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.skipif(not r4.PACKAGE.exists(), reason="needs the R4 package beside the checkout")
def test_every_fhir_face_is_valid_r4_and_every_library_has_its_elm(name):
    for kind, part in package(name).names():
        resource = package(name).resource(kind, part)
        assert resource is not None
        assert r4.faults(resource) == [], (kind, part)
        if kind == "Library":
            assert [each["contentType"] for each in resource["content"]] == ["text/cql", "application/elm+json"], part


@pytest.mark.parametrize("name", FILES)
def test_the_form_asks_every_question_once_and_fills_it_in_its_type(name):
    form = package(name).resource("Questionnaire")
    asked = [each for each in items(form) if each["type"] not in {"group", "display"}]
    assert sorted(each["linkId"] for each in asked) == sorted(program(name).guideline.answers)
    texts = package(name).sources()
    faces = package(name).places.faces
    compiled = cql.compile_library(texts[faces], includes={key: text for key, text in texts.items() if key != faces})
    types = {"boolean": "Boolean", "date": "Date", "quantity": "Quantity", "choice": "Code", "decimal": ("Decimal", "Integer"), "text": "String"}  # fmt: skip
    for each in asked:
        for extension in each.get("extension", []):
            if "valueExpression" in extension:
                definition = extension["valueExpression"]["expression"].partition(".")[2]
                assert compiled.result_type(definition).rpartition(".")[2] in types[each["type"]], each["linkId"]


@pytest.mark.parametrize("name", FILES)
def test_a_number_with_the_unit_of_the_form_is_read_as_the_number_alone(name):
    g = program(name).guideline
    form = package(name).resource("Questionnaire")
    day = date(2026, 6, 1)
    for each in items(form):
        if each["type"] != "quantity":
            continue
        unit = next(e["valueCoding"] for e in each["extension"] if e["url"].endswith("questionnaire-unitOption"))
        for value in VALUES:
            quantity = {"value": value, "unit": unit["display"], "system": unit["system"], "code": unit["code"]}
            found = [
                [answer.value for answer in program(name).run(
                    [response_of({each["linkId"]: said}, subject="Patient/p", on=day), {"resourceType": "Patient", "id": "p"}],
                    parameters=parameters_for(request_date=day, code=g.scope.services[0][1], side=None),
                    now=datetime(2026, 6, 1, 12, tzinfo=UTC),
                ).answers]
                for said in (value, {"valueQuantity": quantity})
            ]  # fmt: skip
            assert found[0] == found[1], (each["linkId"], value)


@pytest.mark.parametrize("name", FILES)
def test_the_page_and_the_drawing_are_made_and_every_paper_has_its_words(name):
    g = program(name).guideline
    assert len(sections(Shown(g, "", date(2026, 6, 1)))) == 10
    assert flow_svg(g).count('class="flow-leaf"') == len(g.leaves)
    assert {kind for leaf in g.leaves for kind in leaf.documents} <= set(DOCUMENTS)
