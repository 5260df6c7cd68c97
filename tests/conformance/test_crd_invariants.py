"""Every statement keeps the invariants as the guides write them, run by our FHIRPath."""

import csv

import pytest

from openum.cql.fhirpath import compile as compile_path
from tests.adapters.crd import kit
from tests.adapters.crd.conftest import crd
from tests.conformance import tables

__all__ = ["crd"]
RULES = tables.SHARED / "ig" / "derived"
pytestmark = pytest.mark.skipif(not RULES.is_dir(), reason="the tables of the guides are not beside this checkout")
GUIDE = {"2.0": "2.0.1", "2.2": "2.2.1"}


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
    rules = _invariants(GUIDE[base])
    assert len(rules) >= 4
    broken = [
        key
        for key, path in rules.items()
        if compile_path(path).evaluate({"resourceType": "Extension", **made}) not in ([True], [])
    ]
    assert broken == []
