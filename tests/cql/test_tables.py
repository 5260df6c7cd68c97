"""Tables of own expressions, one file a family of operators: each gives exactly the answer beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from openum.cql import CqlError, CqlRuntimeError, eval_expression
from tests.cql.kit import NOW
from tests.cql.shown import shown

TABLES = Path(__file__).parent / "tables"


def rows(path: Path) -> list[tuple[str, str]]:
    """Return the expressions of a table with their answers."""
    lines = path.read_text("utf-8").splitlines()
    return [tuple(line.split("   →   ")) for line in lines if line and not line.startswith("# ")]


def answered(expression: str) -> str:
    """Return what the engine says, an error of the source as “error: …”, one of the evaluation as “fails: …”."""
    try:
        return shown(eval_expression(expression, now=NOW))
    except CqlError as error:
        return "error: " + re.sub(r"^Line \d+, column \d+: ", "", str(error))
    except CqlRuntimeError as error:
        return f"fails: {error}"


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.txt")), ids=lambda p: p.stem)
def test_every_expression_of_a_table_gives_the_answer_beside_it(path):
    wrong = [(text, answer, found) for text, answer in rows(path) if (found := answered(text)) != answer]
    assert not wrong
    assert len(rows(path)) >= 7
