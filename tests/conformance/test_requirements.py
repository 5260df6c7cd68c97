"""The coverage table names only tests that exist, and says why where there is none."""

import pytest

from tools import requirements


def test_every_requirement_is_proven_or_says_why_not():
    for guide in requirements.guides():
        ids = [row["id"] for row in guide["requirements"]]
        assert len(ids) == len(set(ids))
        for row in guide["requirements"]:
            assert row["says"].endswith("."), row["id"]
            assert row["section"], row["id"]


@pytest.mark.parametrize(
    "row",
    [
        {"id": "X", "tests": ["conformance/test_requirements.py::test_that_is_not_there"]},
        {"id": "X", "tests": ["nowhere/test_none.py"]},
        {"id": "X"},
        {"id": "X", "tests": ["conformance/test_requirements.py"], "not_tested": "both"},
    ],
)
def test_a_row_that_promises_what_nobody_runs_is_an_error(row):
    with pytest.raises(requirements.NoSuchTest):
        requirements._check(row)
