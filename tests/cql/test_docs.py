"""docs/cql.md: its examples run, its figures are those of a run."""

from __future__ import annotations

import re

import pytest

from tests.cql import suite
from tools import generate_cql_docs


def test_the_examples_of_the_page_run():
    blocks = re.findall(r"```python\n(.*?)```", generate_cql_docs.PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    exec("\n".join(blocks), {})


@pytest.mark.skipif(not suite.SUITE.is_dir(), reason="the public CQL suite is not beside this checkout")
def test_the_conformance_of_the_page_is_that_of_a_run():
    assert generate_cql_docs.page_with(generate_cql_docs.conformance()) == generate_cql_docs.PAGE.read_text("utf-8")


def test_every_failure_of_the_page_cites_the_specification():
    assert "not explained" not in generate_cql_docs.PAGE.read_text("utf-8")
    assert all("CQL 1.5" in why or why.startswith("The same as") for why in suite.DISPUTED.values())
