"""Tables of own expressions, one file a family of operators: each gives exactly the answer beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from openum.cql import CaseData, CqlError, CqlRuntimeError, compile_library, eval_expression
from openum.cql.expression import to_json
from tests.cql.kit import HEADER, NOW, VALUE_SETS
from tests.cql.records import RECORD
from tests.cql.shown import shown

TABLES, RECORD_TABLES = Path(__file__).parent / "tables", Path(__file__).parent / "record_tables"


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


def answered_over_the_record(expression: str) -> str:
    """Return what the engine says of an expression over the record."""
    library = compile_library(f'{HEADER}define "It":\n{expression}')
    answer = library.evaluate(CaseData.from_resources(RECORD), now=NOW, value_sets=VALUE_SETS)["It"]
    return f"fails: {answer.error}" if answer.error else shown(to_json(answer.value))


@pytest.mark.parametrize("path", sorted(RECORD_TABLES.glob("*.txt")), ids=lambda p: p.stem)
def test_every_expression_over_a_record_gives_the_answer_beside_it(path):
    wrong = [
        (text, answer, found) for text, answer in rows(path) if (found := answered_over_the_record(text)) != answer
    ]
    assert not wrong
    assert len(rows(path)) >= 7
