"""Faults carry a kind, a place and a way out."""

from __future__ import annotations

import pytest

from openum.cql import fhirpath
from openum.cql.errors import CqlError
from openum.cql.fhirpath import FhirPathError

PATIENT = {"resourceType": "Patient", "name": [{"given": ["Jo", "Ann"]}, {"family": "Doe"}]}


def fault(text: str, *, strict: bool = False) -> FhirPathError:
    with pytest.raises(FhirPathError) as caught:
        fhirpath.compile(text, strict=strict).evaluate(PATIENT)
    return caught.value


@pytest.mark.parametrize(
    ("text", "kind", "line", "column"),
    [
        ("name.", "syntax", 1, 6),
        ("name.where(", "syntax", 1, 12),
        ("(1 + 2", "syntax", 1, 7),
        ("1 +\n + * 2", "syntax", 2, 4),
        ("'open", "syntax", 1, 1),
        ("{1}", "syntax", 1, 2),
        ('"name"', "syntax", 1, 1),
        ("name.wher(use = 'x')", "semantic", 1, 6),
        ("name.first(1)", "semantic", 1, 6),
        ("name.ofType(HumanNam)", "semantic", 1, 13),
        ("name.single()", "execution", 1, 6),
        ("true and\n name.given.substring(0)", "execution", 2, 13),
        ("name.given + 'x'", "execution", 1, 12),
        ("%unknown", "execution", 1, 1),
        ("1 > 'a'", "execution", 1, 3),
        ("@2026-01-01 + 1 'a'", "execution", 1, 13),
        ("defineVariable('a').defineVariable('a')", "execution", 1, 21),
        ("'a'.matches('(')", "execution", 1, 5),
    ],
)
def test_a_fault_names_its_kind_and_place(text: str, kind: str, line: int, column: int):
    found = fault(text)
    assert (found.kind, found.line, found.column) == (kind, line, column)
    assert found.message.endswith(".")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name.wher(use = 'x')", "Did you mean “where”?"),
        ("name is HumanNames or name.ofType(HumanNames).exists()", "Did you mean “HumanName”?"),
        ('"name"', "backticks"),
    ],
)
def test_a_fault_suggests_what_was_meant(text: str, words: str):
    assert words in str(fault(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name.famly", "FHIR.HumanName has no element “famly”. Did you mean “family”?"),
        ("Encounter.status", "starts at Encounter, but its input is FHIR.Patient"),
        ("Patient.deceasedBoolean", "Write “deceased”"),
        ("children().first()", "have no order of their own"),
        ("iif(name.given.first(), 1, 2)", "is a Boolean, not FHIR.string"),
        ("name.where(givn = 'x')", "has no element “givn”"),
        ("(multipleBirth as integer).code", "FHIR.integer has no element “code”"),
    ],
)
def test_strict_mode_finds_what_no_type_has(text: str, words: str):
    found = fault(text, strict=True)
    assert words in str(found)
    assert found.kind == "semantic"


@pytest.mark.parametrize(
    "text",
    [
        "contained.contained.empty()",
        "contained.where(id.exists()).ofType(Organization).name",
        "name.given.extension.value.as(string)",
        "descendants().where(reference = '#').exists()",
        "Patient.name.select(given | family).distinct()",
        "managingOrganization.resolve().name",
        "DomainResource.text.status",
        "birthDate.extension('x').value.is(dateTime)",
    ],
)
def test_strict_mode_lets_pass_what_a_type_may_have(text: str):
    fhirpath.compile(text, strict=True).evaluate(PATIENT)


def test_faults_are_cql_errors_and_hold_no_values_of_the_record():
    found = fault("name.given.substring(0)")
    assert isinstance(found, CqlError)
    assert "Ann" not in str(found)


def test_another_model_is_refused():
    with pytest.raises(FhirPathError, match="R4"):
        fhirpath.compile("name", model="R5")
