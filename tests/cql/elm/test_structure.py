"""The shape of our ELM: what every engine may rely on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from openum.cql import CqlError
from openum.cql.elm import elm_libraries, elm_of, helpers
from tests.cql.elm import cases
from tests.cql.elm.records import DEFINITIONS, INCLUDED

# Expressions and clauses of ELM r1 that this engine writes.
TYPES = frozenset(
    """Abs Add After AliasRef And AnyInValueSet AnyTrue AllTrue As Avg Before ByColumn ByDirection ByExpression
    CalculateAge CalculateAgeAt CanConvertQuantity Case Ceiling Children Coalesce Code CodeRef CodeSystemRef Collapse
    Combine Concatenate ConceptRef Contains ConvertQuantity Count CqlToElmInfo Date DateFrom DateTime
    DateTimeComponentFrom Descendents DifferenceBetween Distinct Divide DurationBetween End Ends EndsWith Equal
    Equivalent Except Exists Exp Expand ExpandValueSet ExpressionRef First Flatten Floor FunctionDef FunctionRef
    GeometricMean Greater GreaterOrEqual HighBoundary IdentifierRef If Implies In InCodeSystem InValueSet Includes
    IncludedIn IndexOf Indexer Instance Intersect Interval Is IsFalse IsNull IsTrue Last LastPositionOf Length Less
    LessOrEqual List Literal Ln Log LowBoundary Lower Matches Max Median Meets MeetsAfter MeetsBefore Message Min Mode
    Modulo Multiply Negate Not Now Null OperandRef Or Overlaps OverlapsAfter OverlapsBefore ParameterRef PointFrom
    PopulationStdDev PopulationVariance PositionOf Power Precision Predecessor Product ProperContains ProperIn
    ProperIncludedIn ProperIncludes Property Quantity Query QueryLetRef Ratio ReplaceMatches Retrieve Round SameAs
    SameOrAfter SameOrBefore SingletonFrom Size Slice Split SplitOnMatches Start Starts StartsWith StdDev Substring
    Subtract Successor Sum Time TimeFrom TimeOfDay TimezoneOffsetFrom ToBoolean ToChars ToConcept ToDate ToDateTime
    ToDecimal ToInteger ToList ToLong ToQuantity ToRatio ToString ToTime Today Truncate TruncatedDivide Tuple Union
    Upper ValueSetRef Variance Width With Without Xor ListTypeSpecifier IntervalTypeSpecifier ChoiceTypeSpecifier
    TupleTypeSpecifier NamedTypeSpecifier""".split()  # noqa: SIM905 - read as words
)
SECTIONS = {
    "ParameterRef": "parameters",
    "ValueSetRef": "valueSets",
    "CodeRef": "codes",
    "ConceptRef": "concepts",
    "CodeSystemRef": "codeSystems",
    "ExpressionRef": "statements",
    "FunctionRef": "statements",
}


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def names(library: dict[str, Any], section: str) -> set[str]:
    return {d["name"] for d in library["library"].get(section, {}).get("def", ())}


def check(libraries: list[dict[str, Any]]) -> None:
    """Check types, references, scopes and ids of a set of libraries."""
    by_name = {one["library"]["identifier"]["id"]: one for one in libraries}
    for one in libraries:
        body = one["library"]
        assert body["schemaIdentifier"] == {"id": "urn:hl7-org:elm", "version": "r1"}
        includes = {i["localIdentifier"]: by_name[i["path"]] for i in body.get("includes", {}).get("def", ())}
        ids = [n["localId"] for n in nodes(body) if "localId" in n]
        assert len(ids) == len(set(ids))
        for node in nodes(body):
            kind = node.get("type")
            if isinstance(kind, str):
                assert kind in TYPES, kind
            if kind in SECTIONS:
                home = includes[node["libraryName"]] if "libraryName" in node else one
                assert node["name"] in names(home, SECTIONS[kind]), node["name"]
        for statement in body.get("statements", {}).get("def", ()):
            operands = {o["name"] for o in statement.get("operand", ())}
            scoped(statement.get("expression"), operands, set())


def scoped(node: Any, operands: set[str], aliases: set[str]) -> None:
    """Check that every alias and operand is declared around its use."""
    if isinstance(node, list):
        for inner in node:
            scoped(inner, operands, aliases)
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    if kind == "OperandRef":
        assert node["name"] in operands
    if kind in ("AliasRef", "QueryLetRef"):
        assert node["name"] in aliases, node["name"]
    if kind == "Property" and "scope" in node:
        assert node["scope"] in aliases
    if kind == "Query":
        aliases = aliases | {s["alias"] for s in node["source"]} | {x["identifier"] for x in node.get("let", ())}
        aliases |= {node["aggregate"]["identifier"]} if "aggregate" in node else set()
    if kind in ("With", "Without"):
        aliases = aliases | {node["alias"]}
    for inner in node.values():
        scoped(inner, operands, aliases)


@pytest.mark.parametrize("case", [*cases.families(), *cases.records()], ids=lambda c: c.id)
def test_references_scopes_and_types_hold_together(case: cases.Case):
    check(elm_libraries(case.source, case.includes))


def test_the_logic_of_the_policy_pack_holds_together():
    for source, includes in {c.source: c.includes for c in cases.guidelines()}.items():
        check(elm_libraries(source, includes))


def test_a_library_carries_its_header_and_declarations():
    body = elm_of(DEFINITIONS, {"Shared": INCLUDED})["library"]
    assert body["identifier"] == {"id": "Records", "version": "1"}
    fhir = {"localIdentifier": "FHIR", "uri": "http://hl7.org/fhir", "version": "4.0.1"}
    assert fhir in body["usings"]["def"]
    assert body["includes"]["def"] == [
        {"localIdentifier": "FHIRHelpers", "path": "FHIRHelpers", "version": "4.0.1"},
        {"localIdentifier": "S", "path": "Shared", "version": "2"},
    ]
    ordered, limit = body["parameters"]["def"]
    assert ordered["parameterTypeSpecifier"]["name"] == "{urn:hl7-org:elm-types:r1}Date"
    assert limit["default"]["value"] == "30"
    assert {"name": "Leg Pain", "id": "urn:vs:leg-pain"}.items() <= body["valueSets"]["def"][0].items()
    systolic = next(c for c in body["codes"]["def"] if c["name"] == "Systolic")
    assert (systolic["id"], systolic["codeSystem"]) == ("systolic", {"name": "Own"})
    assert body["concepts"]["def"][0]["code"] == [{"name": "Systolic"}, {"name": "Smoker"}]
    assert body["contexts"]["def"] == [{"name": "Patient"}]


def test_definitions_have_context_type_and_place():
    body = elm_of("define private \"A b\": 1 + 2\ndefine C: { 'x' }")["library"]
    first, second = body["statements"]["def"]
    assert (first["name"], first["context"], first["accessLevel"], first["locator"]) == (
        "A b",
        "Patient",
        "Private",
        "1:1",
    )
    assert first["resultTypeName"] == "{urn:hl7-org:elm-types:r1}Integer"
    assert first["expression"]["type"] == "Add"
    assert [o["value"] for o in first["expression"]["operand"]] == ["1", "2"]
    assert second["resultTypeSpecifier"]["elementType"]["name"] == "{urn:hl7-org:elm-types:r1}String"


def test_there_is_one_elm_for_each_library_and_the_helpers_where_they_are_needed():
    found = [one["library"]["identifier"]["id"] for one in elm_libraries(DEFINITIONS, {"Shared": INCLUDED})]
    assert found == ["Records", "Shared", "FHIRHelpers"]
    assert [one["library"]["identifier"]["id"] for one in elm_libraries("library Plain define A: 1")] == ["Plain"]


def test_the_helpers_convert_every_type_that_has_a_system_type():
    functions = [s for s in helpers()["library"]["statements"]["def"] if s.get("type") == "FunctionDef"]
    have = {(f["name"], f["operand"][0]["operandTypeSpecifier"]["name"].rpartition("}")[2]) for f in functions}
    assert {("ToConcept", "CodeableConcept"), ("ToInterval", "Period"), ("ToQuantity", "Quantity")} <= have
    assert ("ToString", "AdministrativeGender") in have
    check([helpers()])


def test_a_library_without_a_model_names_none_and_one_that_uses_it_does():
    body = elm_of("define A: 1")["library"]
    assert [u["localIdentifier"] for u in body["usings"]["def"]] == ["System"]
    assert [d["name"] for d in body["statements"]["def"]] == ["A"]
    body = elm_of("define A: Patient.birthDate")["library"]
    assert [u["localIdentifier"] for u in body["usings"]["def"]] == ["System", "FHIR"]
    assert [d["name"] for d in body["statements"]["def"]] == ["Patient", "A"]


def test_conversions_are_explicit():
    def expression(text: str) -> dict[str, Any]:
        found: dict[str, Any] = elm_of(f"using FHIR version '4.0.1'\ncontext Patient\ndefine X: {text}")
        return next(d for d in found["library"]["statements"]["def"] if d["name"] == "X")["expression"]

    assert [o["type"] for o in expression("1 + 2.5")["operand"]] == ["ToDecimal", "Literal"]
    called = expression("Patient.gender = 'male'")["operand"][0]
    assert (called["type"], called["name"], called["libraryName"]) == ("FunctionRef", "ToString", "FHIRHelpers")
    assert expression("Coalesce(null, 1)")["operand"][0]["asType"] == "{urn:hl7-org:elm-types:r1}Integer"
    offset = expression("@2024-01-01 3 days or less before @2024-01-03")
    assert [o["type"] for o in offset["operand"]] == ["Before", "SameOrAfter"]


def test_elm_is_json_and_the_same_each_time():
    first, second = (json.dumps(elm_libraries(DEFINITIONS, {"Shared": INCLUDED})) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("text", ["define A: 1 +", "define A: Missing", "include Nothing called N define A: 1"])
def test_what_does_not_compile_has_no_elm(text: str):
    with pytest.raises(CqlError) as caught:
        elm_of(text)
    assert caught.value.line == 1


def test_a_function_elm_does_not_have_is_declared_external():
    body = elm_of("define A: Replace('abc', 'b', 'x')")["library"]
    declared = next(s for s in body["statements"]["def"] if s["name"] == "Replace")
    assert declared["external"] is True
    assert len(declared["operand"]) == 3
