"""Every statement keeps the invariants as the guides write them, run by our FHIRPath."""

import csv
from datetime import date
from decimal import Decimal
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openum.adapters.fhir.crd.information import Statement, extension_of
from openum.adapters.fhir.crd.people import NO_COVERAGE, NO_MEMBER, NOT_ACTIVE, TECHNICAL
from openum.adapters.fhir.crd.versions import VERSIONS
from openum.cql.fhirpath import compile as compile_path
from openum.needs.reading import INFO_NEEDED, KINDS, PURPOSES
from openum.needs.rules import (
    Authorization,
    Balance,
    Covered,
    Detail,
    Documents,
    Need,
    RowId,
    Standing,
    exempted,
    satisfied,
)
from openum.needs.rules import Exemption as Exempt
from openum.needs.rules.lists import Conditions
from tests.adapters.crd import kit
from tests.adapters.crd.conftest import crd
from tests.conformance import tables

__all__ = ["crd"]
RULES = tables.SHARED / "ig" / "derived"
pytestmark = pytest.mark.skipif(not RULES.is_dir(), reason="the tables of the guides are not beside this checkout")
GUIDE = {"2.0": "2.0.1", "2.2": "2.2.1"}


@lru_cache
def _invariants(guide):
    """Return key and expression of each invariant that no terminology server is needed for."""
    with (RULES / f"crd-{guide}-invariants.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {
        row["key"]: row["fhirpath"]
        for row in rows
        if row["profile"] == "ext-coverage-information"
        and row["key"].startswith("crd-")
        and "memberOf" not in row["fhirpath"]
    }


@pytest.mark.parametrize("base", ["2.0", "2.2"])
@pytest.mark.parametrize("code", ["72148", "27447", "43775", "93798", "95810", "95806", "97110", "17380", "00000", ""])
@pytest.mark.parametrize("number", ["M-1", "X-9"])
def test_a_statement_keeps_the_invariants_of_its_guide(crd, base, code, number):
    prefetch = {"patient": kit.patient(), "coverage": kit.coverage(number)}
    answer = crd.ask(kit.call(kit.order(code), prefetch=prefetch), base=base)
    (action,) = answer["systemActions"]
    (made,) = [one for one in action["resource"]["extension"] if one["url"] == kit.URL]
    check_invariants(made, GUIDE[base])


def check_invariants(made, guide):
    """Run every invariant of the extension over a statement, and check codes and cardinalities."""
    rules = _invariants(guide)
    assert len(rules) >= 4
    broken = [
        key
        for key, path in rules.items()
        if compile_path(path).evaluate({"resourceType": "Extension", **made}) not in ([True], [])
    ]
    assert broken == []
    (parts,) = kit.information({"extension": [made]})
    kit.check_information(parts, guide)


@lru_cache
def _codes(guide, name):
    """Return the codes of a value set of the guide."""
    with (RULES / f"crd-{guide}-valuesets.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {code for row in rows if row["valueset"].endswith(f"/{name}") for code in row["codes"].split()}


@pytest.mark.parametrize("guide", ["2.0.1", "2.2.1"])
def test_the_codes_we_may_send_are_those_of_the_guide(guide):
    version = next(one for one in VERSIONS.values() if one.guide == guide)
    assert version.detail_codes == _codes(guide, "coverageDetail")
    assert version.listed_reasons == _codes(guide, "coverageAssertionReasons")
    assert kit.CODES[guide] == {
        "covered": _codes(guide, "coverageInfo"), "pa-needed": _codes(guide, "coveragePaDetail"),
        "doc-needed": _codes(guide, "AdditionalDocumentation"), "info-needed": _codes(guide, "informationNeeded"),
    }  # fmt: skip
    assert _codes(guide, "DocReason") == PURPOSES


@st.composite
def needs(draw):
    """Return an answer as the lists, authorizations and exemptions can make it."""
    covered = draw(st.sampled_from(Covered))
    authorization = draw(st.sampled_from([one for one in Authorization if one is not Authorization.SATISFIED]))
    is_conditional = covered is Covered.CONDITIONAL or authorization is Authorization.CONDITIONAL
    info = draw(st.lists(st.sampled_from(sorted(INFO_NEEDED)), min_size=1, unique=True)) if is_conditional else []
    documents = draw(
        st.none()
        | st.builds(
            Documents, kind=st.sampled_from(sorted(KINDS)),
            purposes=st.lists(st.sampled_from(sorted(PURPOSES)), min_size=1, unique=True).map(tuple),
        )
    )  # fmt: skip
    codes = sorted(set().union(*(one.detail_codes for one in VERSIONS.values())))
    details = st.builds(
        Detail, code=st.sampled_from(codes), value=st.sampled_from([True, 10, "P3M", "words", "https://plan.test/x"]),
        unit=st.sampled_from(["", "%", "visits"]), qualification=st.sampled_from(["", "In a year"]),
    )  # fmt: skip
    not_covered = covered is Covered.NOT_COVERED
    need = Need(
        covered=covered, authorization=None if not_covered else authorization, reason="Because.",
        rests_on=(RowId("list", "1", "row"),), info_needed=() if not_covered else tuple(info),
        reason_code=draw(st.sampled_from(["", "gold-card", "auth-out-network", "detail-code", "unheard-of"])),
        services=draw(st.sampled_from([(), (("CPT", "72148"),), (("SNOMED", "1"), ("HCPCS", "E0601"))])),
        documents=None if not_covered else documents, details=tuple(draw(st.lists(details, max_size=3))),
        how_to_ask="Ask for a determination." if not_covered else "", instructions=draw(st.sampled_from(["", "Send it."])),
        valid_days=draw(st.none() | st.integers(1, 400)), citation=draw(st.sampled_from(["", "42 CFR 1"])),
    )  # fmt: skip
    how = draw(st.sampled_from(["as it is", "exempted", "satisfied", "not known"]))
    if how == "exempted" and not not_covered:
        return exempted(need, Exempt(npi="1", conditions=Conditions(), reason="Exempt."))
    if how == "satisfied" and not not_covered:
        left = draw(st.decimals(min_value="0.001", max_value=12, places=3))
        return satisfied(need, Standing(
            number="A-26-1", last_day=draw(st.none() | st.just(date(2027, 1, 1))),
            balance=draw(st.none() | st.just(Balance(granted=Decimal(12), left=left, unit="VS"))),
        ))  # fmt: skip
    if how == "not known":
        trouble = draw(st.sampled_from([NO_MEMBER, NO_COVERAGE, NOT_ACTIVE, TECHNICAL]))
        return Need(
            covered=Covered.CONDITIONAL, authorization=Authorization.CONDITIONAL, reason="Not known.",
            reason_code=trouble, info_needed=("OTH",),
        )  # fmt: skip
    return need


@pytest.mark.parametrize("base", ["2.0", "2.2"])
@settings(max_examples=150)
@given(need=needs(), forms=st.sampled_from([(), ("https://plan.test/Questionnaire/x|1",)]))
def test_whatever_the_lists_say_the_statement_keeps_the_invariants(base, need, forms):
    statement = Statement(
        need=need, coverage={"reference": "Coverage/1"}, on=date(2026, 11, 16), questionnaires=forms, phone="555-0100",
        links=("https://plan.test/rule",), dependencies=("ServiceRequest/2",), subject="s",
        responses=("QuestionnaireResponse/1",) if forms else (),
    )  # fmt: skip
    check_invariants(extension_of(statement, VERSIONS[base]), GUIDE[base])
