"""FHIRPath beyond the public suite: values exact, each name a sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from openum.cql import fhirpath
from openum.cql.fhirpath import FhirPathError, Hooks, Item, TypeInfo
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import Date, DateTime

NOW = datetime(2026, 11, 22, 9, 12, 4, tzinfo=UTC)
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "birthDate": "1958-04-12",
    "_birthDate": {"extension": [{"url": "urn:birth-time", "valueDateTime": "1958-04-12T06:30:00+01:00"}]},
    "name": [
        {
            "use": "official",
            "family": "Doe",
            "given": ["Jo", None],
            "_given": [None, {"extension": [{"url": "urn:x"}]}],
        },
        {"use": "nickname", "given": ["Joey"]},
    ],
    "deceasedBoolean": False,
    "multipleBirthInteger": 2,
    "contained": [{"resourceType": "Organization", "id": "o1", "name": "Plan"}],
    "managingOrganization": {"reference": "#o1"},
    "generalPractitioner": [{"reference": "Practitioner/d1"}, {"identifier": {"value": "9"}}],
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "39156-5"}]},
    "valueQuantity": {"value": 31.5, "unit": "kg/m2", "system": "http://unitsofmeasure.org", "code": "kg/m2"},
    "component": [{"code": {"text": "a"}, "valueInteger": 3}, {"code": {"text": "b"}, "valueString": "x"}],
}


def answer(text: str, value: Any = PATIENT, **more: Any) -> list[Any]:
    return fhirpath.compile(text).evaluate(value, now=NOW, **more)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name.given", ["Jo", None, "Joey"]),
        ("name.given.where(hasValue())", ["Jo", "Joey"]),
        ("name[0].given[1].extension.url", ["urn:x"]),
        ("Patient.deceased", [False]),
        ("deceased is boolean", [True]),
        ("multipleBirth.ofType(integer) + 1", [3]),
        ("multipleBirth.ofType(boolean)", []),
        ("birthDate.extension('urn:birth-time').value.ofType(dateTime) > @1958-04-12T05:00:00Z", [True]),
        ("birthDate", [Date((1958, 4, 12))]),
        ("birthDate.toString()", ["1958-04-12"]),
        ("today()", [Date((2026, 11, 22))]),
        ("now() > birthDate + 68 years", [True]),
        ("managingOrganization.resolve().name", ["Plan"]),
        ("name.select(use & ':' & given.first())", ["official:Jo", "nickname:Joey"]),
        ("name.where(use = 'official').exists() implies active", [True]),
        ("name.given.where($this.startsWith('Jo')).count()", [2]),
        ("name.select($index)", [0, 1]),
        ("descendants().ofType(code)", ["official", "nickname"]),
        ("contained.ofType(Organization).id.type()", [TypeInfo("FHIR", "id")]),
        ("contained.ofType(DomainResource).count()", [1]),
        ("defineVariable('n', name.count()).name.select(use & %n.toString())", ["official2", "nickname2"]),
        ("%resource.id | %context.id | %`vs-x`", ["p1", "http://hl7.org/fhir/ValueSet/x"]),
        ("name.given.coalesce('a')", ["a"]),
        ("(2 | 3 | 4).sum() / 2", [Decimal("4.5")]),
        ("'a1b22'.replaceMatches('[0-9]+', '#')", ["a#b#"]),
        ("name.sort(-use).use", ["official", "nickname"]),
        ("1 year ~ 1 'a'", [True]),
        ("1 year = 1 'a'", []),
        ("1 'kg' + 500 'g'", [Quantity(Decimal(1500), "g")]),
        ("@2012-01-31 + 1 month", [Date((2012, 2, 29))]),
        ("@2012-01-01T10:00:00 = @2012-01-01T10:00:00Z", []),
        ("@2012-01-01T10:00:00 < @2012-01-03T10:00:00Z", [True]),
        ("{} and false", [False]),
        ("2147483647 + 1", []),
        ("-7 div 2", [-3]),
        ("-7 mod 3", [-1]),
    ],
)
def test_an_expression_gives_exactly_these_values(text: str, expected: list[Any]):
    assert answer(text) == expected


def test_a_choice_element_has_one_name_for_all_types():
    assert answer("value.unit", OBSERVATION) == ["kg/m2"]
    assert answer("value > 30 'kg/m2' and value.value <= 31.5", OBSERVATION) == [True]
    assert answer("component.where(value is integer).value", OBSERVATION) == [3]
    with pytest.raises(FhirPathError, match=r"valueQuantity.*“value”"):
        answer("valueQuantity.unit", OBSERVATION)


def test_items_name_their_types():
    items = fhirpath.compile("value | status | 1 'mg' | component.first()").items(OBSERVATION)
    assert [i.type for i in items] == ["FHIR.Quantity", "FHIR.code", "System.Quantity", "FHIR.Observation.Component"]
    assert items[1] == Item("FHIR.code", "final")
    assert items[0].value == OBSERVATION["valueQuantity"]


def test_an_element_is_evaluated_with_its_type_and_the_resource_around_it():
    invariant = fhirpath.compile("start <= end and %resource.id = 'p1'")
    around = {"resource": PATIENT}
    assert invariant.holds({"start": "2026-01", "end": "2026-02"}, type="Period", environment=around) is True
    assert invariant.holds({"start": "2026-03", "end": "2026-02"}, type="Period", environment=around) is False
    assert invariant.holds({"start": "2026-02", "end": "2026-02-03"}, type="Period", environment=around) is None


def test_a_primitive_with_only_extensions_has_no_value():
    expression = fhirpath.compile("hasValue().not() and extension.exists()")
    assert expression.holds(None, type="string", extra={"extension": [{"url": "urn:x"}]}) is True


def test_python_values_go_in_as_variables():
    more = {"due": date(2026, 5, 1), "at": NOW, "share": 0.1, "names": ["a", "b"]}
    assert answer("%due + 1 day", environment=more) == [Date((2026, 5, 2))]
    assert answer("%at", environment=more) == [DateTime((2026, 11, 22, 9, 12, 4, 0), 0)]
    assert answer("%share * 3 = 0.3", environment=more) == [True]
    assert answer("%names.count()", environment=more) == [2]


def test_references_lead_to_the_bundle_around_and_then_to_the_hook():
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": PATIENT},
            {
                "fullUrl": "https://x.test/fhir/Practitioner/d1",
                "resource": {"resourceType": "Practitioner", "id": "d1"},
            },
        ],
    }
    text = "entry.resource.ofType(Patient).generalPractitioner.resolve().id"
    assert answer(text, bundle) == ["d1"]
    known = {"Practitioner/d1": {"resourceType": "Practitioner", "id": "elsewhere"}}
    assert answer("generalPractitioner.resolve().id", hooks=Hooks(resolve=known.get)) == ["elsewhere"]


def test_value_sets_profiles_and_traces_come_from_hooks():
    seen: list[tuple[str, int]] = []
    hooks = Hooks(
        conforms_to=lambda value, url: url == "urn:profile" and value["id"] == "p1",
        member_of=lambda code, url: code in ("official", "usual") if url == "urn:vs" else None,
        trace=lambda name, count: seen.append((name, count)),
    )
    assert answer("conformsTo('urn:profile')", hooks=hooks) == [True]
    assert answer("name.select(use.memberOf('urn:vs'))", hooks=hooks) == [True, False]
    assert answer("name.first().use.memberOf('urn:other')", hooks=hooks) == []
    assert answer("name.trace('names').count()", hooks=hooks) == [2]
    assert seen == [("names", 2)]


def test_narrative_is_checked_for_elements_attributes_and_content():
    good = {"resourceType": "Patient", "text": {"div": '<div xmlns="http://www.w3.org/1999/xhtml"><b>x</b></div>'}}
    script = {"resourceType": "Patient", "text": {"div": "<div><script>x</script></div>"}}
    click = {"resourceType": "Patient", "text": {"div": '<div><b onclick="x">x</b></div>'}}
    link = {"resourceType": "Patient", "text": {"div": '<div><a href=" javascript:x">x</a></div>'}}
    blank = {"resourceType": "Patient", "text": {"div": "<div> <br/> </div>"}}
    assert [answer("text.`div`.htmlChecks()", r) for r in (good, script, click, link)] == [
        [True],
        [False],
        [False],
        [False],
    ]
    assert [answer("text.`div`.htmlChecks2()", r) for r in (good, blank)] == [[True], [False]]


def test_an_input_of_unknown_type_is_read_as_its_json_shows():
    assert answer("a.b.c", {"a": {"b": [{"c": 1}, {"c": 2}]}}) == [1, 2]
