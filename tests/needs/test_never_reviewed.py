"""Care that the law keeps free of review, row by row, as the shipped list has it, and the nearest care that it does not."""

from datetime import date
from pathlib import Path

import pytest

from openum.needs.reading import read_requirements
from openum.needs.rules import Asked, Authorization, Status, compile_index
from openum.vocabulary.terms import LineOfBusiness

SHIPPED = Path(__file__).resolve().parents[2] / "policies" / "requirements"
LISTS = [read_requirements(path.read_text(encoding="utf-8")) for path in sorted(SHIPPED.glob("*.yaml"))]
INDEX = compile_index(LISTS)
BED = (("REVENUE", "0120"),)
"""A service that needs authorization when nothing keeps it free of review."""


def need(**facts):
    """Return the answer to a bare question about a bed in Medicare Advantage."""
    given = {"services": BED, "product": "any", "state": "EX", "on": date(2026, 3, 1), **facts}
    return INDEX.answer(Asked(**{"line_of_business": LineOfBusiness.MEDICARE_ADVANTAGE, **given}))


FREE = {
    "emergency": {"circumstances": frozenset({"emergency"})},
    "emergency-place": {"place": "23"},
    "emergency-visit": {"services": (("CPT", "99283"),)},
    "post-stabilization": {"circumstances": frozenset({"post_stabilization"})},
    "maternity-stay": {"circumstances": frozenset({"maternity_stay"})},
    "maternity-stay-by-diagnosis": {
        "circumstances": frozenset({"inpatient_stay"}), "diagnoses": frozenset({"Z370"}),
    },
    "new-york-substance-use-by-diagnosis": {
        "circumstances": frozenset({"inpatient_stay"}), "diagnoses": frozenset({"F1020"}), "state": "NY",
        "line_of_business": LineOfBusiness.COMMERCIAL_STATE, "status": Status.IN_NETWORK,
    },
    "new-york-substance-use": {
        "circumstances": frozenset({"inpatient_substance_use"}), "state": "NY",
        "line_of_business": LineOfBusiness.COMMERCIAL_STATE, "status": Status.IN_NETWORK,
    },
    "early-screening": {
        "services": (("CPT", "99392"),), "line_of_business": LineOfBusiness.MEDICAID_MANAGED_CARE,
        "age": 6,
    },
}  # fmt: skip

ALMOST = {
    "emergency": {"circumstances": frozenset({"elective"})},
    "emergency-place": {"place": "22"},
    "emergency-visit": {"services": (("CPT", "99215"),)},
    "post-stabilization": {"circumstances": frozenset()},
    "maternity-stay": {"circumstances": frozenset({"inpatient_substance_use"})},
    "maternity-stay-by-diagnosis": {**FREE["maternity-stay-by-diagnosis"], "diagnoses": frozenset({"I509"})},
    "new-york-substance-use-by-diagnosis": {
        **FREE["new-york-substance-use-by-diagnosis"],
        "diagnoses": frozenset({"F17200"}),
    },
    "new-york-substance-use": {**FREE["new-york-substance-use"], "state": "EX"},
    "early-screening": {**FREE["early-screening"], "age": 21},
}


def test_every_shipped_row_is_told_here():
    assert {row.key for one in LISTS for row in one.never_reviewed} == set(FREE) == set(ALMOST)


@pytest.mark.parametrize("key", FREE)
def test_care_that_is_never_reviewed_needs_no_authorization_and_names_its_law(key):
    found = need(**FREE[key])
    assert (found.authorization, found.row) == (Authorization.NONE, key)
    assert found.citation
    assert found.reason


@pytest.mark.parametrize("key", ALMOST)
def test_what_only_looks_like_it_is_answered_by_the_other_rows(key):
    assert need(**ALMOST[key]).row != key
