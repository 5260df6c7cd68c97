"""No denial of many at once, and no score of people from the proof of their diligence: looked for in the code itself."""

import ast
import inspect
from pathlib import Path

import pytest

import openum
from openum.determination import services
from openum.determination.services import adverse
from openum.review.models import EvidenceOpened, Review

ROOT = Path(openum.__file__).parent
SOURCES = {
    path: ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(ROOT.rglob("*.py"))
    if "migrations" not in path.parts and "cql" not in path.parts
}
ADVERSE = {
    "deny_line", "partially_approve_line", "approve_as_documented", "end_early", "close_administratively",
    "record_intent_to_deny",
}  # fmt: skip
INSIDE = {"say_no", "decide_appeal", "keep_outside_no"}
"""Says no as well, below those or outside this folder."""
LOOPS = ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def calls_in(node, names):
    return [
        each
        for each in ast.walk(node)
        if isinstance(each, ast.Call)
        and (each.func.id if isinstance(each.func, ast.Name) else getattr(each.func, "attr", "")) in names
    ]


def test_no_loop_says_no():
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in SOURCES.items()
        for loop in ast.walk(tree)
        if isinstance(loop, LOOPS)
        for call in calls_in(loop, ADVERSE | INSIDE)
    ]
    assert found == []


def test_a_loop_that_says_no_would_be_found():
    loop = ast.parse("for line in lines:\n    services.deny_line(line=line)")
    assert [call.lineno for node in ast.walk(loop) if isinstance(node, LOOPS) for call in calls_in(node, ADVERSE)] == [
        2
    ]


@pytest.mark.parametrize("name", sorted(ADVERSE))
def test_an_adverse_service_takes_one_line(name):
    parameters = inspect.signature(getattr(services, name)).parameters
    assert parameters["line"].annotation.__name__ == "ServiceLine"
    assert not {"lines", "line_ids", "cases", "queryset"} & set(parameters)


def test_a_decision_is_written_by_one_function_only():
    makers = {
        str(path.relative_to(ROOT))
        for path, tree in SOURCES.items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _makes(call, "Determination")
    }
    assert makers == {"determination/services/record.py"}
    assert "record_decision" in inspect.getsource(adverse)


def _makes(call, model):
    function, arguments = call.func, call.args
    if isinstance(function, ast.Name) and function.id == model:
        return True
    if isinstance(function, ast.Attribute) and function.attr in {
        "create",
        "bulk_create",
        "get_or_create",
        "update_or_create",
    }:
        return ast.unparse(function.value).startswith(f"{model}.objects")
    is_new = isinstance(function, ast.Attribute) and function.attr == "new"
    return is_new and bool(arguments) and isinstance(arguments[0], ast.Name) and arguments[0].id == model


COUNTING = {"Count", "Avg", "Sum", "Min", "Max", "aggregate", "annotate", "count", "Window", "Rank"}


@pytest.mark.parametrize("model", [EvidenceOpened, Review])
def test_the_proof_of_diligence_is_never_counted_by_person(model):
    """Time spent and documents opened are kept with each decision; no query sums, averages or ranks them."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in SOURCES.items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in COUNTING
        and f"{model.__name__}.objects" in ast.unparse(call.func.value)
    ]
    assert found == []
