"""The public CQL suite: reading its files and comparing answers strictly.

Strict means: null is never false, a list is never its one element, an Integer is never a Decimal unless the suite
itself writes `1` for `1.0`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from openum.cql import CqlError, CqlRuntimeError, eval_expression

_PLACES, _STEP = Context(prec=60), Decimal("1e-8")
SPACE = "{http://hl7.org/fhirpath/tests}"
SUITE = Path(__file__).resolve().parents[3] / "shared" / "cql-tests"


# Tests of the suite that fail, with the reason and the place in the specification. They count as failures.
DISPUTED = {
    "RolledOutIntervals": "Date and DateTime elements have the common type DateTime, so the result is one of DateTime "
    "(CQL 1.5, Appendix B, Union; Author's Guide, Implicit Conversions).",
    "FloorIntegerGreaterThanMaxInteger": "2147483648 is no Integer literal, and nothing converts it to a Decimal "
    "(CQL 1.5, Appendix B, Types, Integer); Ceiling(2147483648) in the same file must fail.",
    "FloorIntegerLessThanMinInteger": "The same as FloorIntegerGreaterThanMaxInteger.",
    "DateTimeDurationBetweenUncertainInterval": "With the time of day unknown at least 16 whole days lie between (CQL "
    "1.5, Author's Guide, Uncertainty); the next test of the group doubles this very duration and expects 32, twice 16.",
    "IntegerIntervalProperlyIncludedInNullBoundaries": "An interval of two nulls has no point type, and `5 in "
    "Interval[null, null]` of the same file must be false, so it cannot include everything (CQL 1.5, Appendix B, In).",
}


class SuiteTest(NamedTuple):
    """One test of the suite."""

    file: str
    group: str
    name: str
    expression: str
    invalid: str
    outputs: tuple[str, ...]


def read(folder: Path) -> list[SuiteTest]:
    """Return every test of the suite's files."""
    found = []
    for path in sorted(folder.glob("*.xml")):
        for group in ET.parse(path).iter(f"{SPACE}group"):
            for test in group.iter(f"{SPACE}test"):
                expression = test.find(f"{SPACE}expression")
                assert expression is not None
                outputs = tuple((o.text or "").strip() for o in test.findall(f"{SPACE}output"))
                found.append(
                    SuiteTest(
                        path.stem,
                        group.get("name", ""),
                        test.get("name", ""),
                        expression.text or "",
                        expression.get("invalid", "") or test.get("invalid", ""),
                        outputs,
                    )
                )
    return found


def passes(test: SuiteTest) -> tuple[bool, str]:
    """Return whether a test passes, and what was answered."""
    try:
        answer = eval_expression(test.expression)
    except (CqlError, CqlRuntimeError) as error:
        return bool(test.invalid) and test.invalid != "false", f"error: {error}"
    if test.invalid and test.invalid != "false":
        return False, f"{answer} instead of an error"
    try:
        expected = [eval_expression(o) for o in test.outputs]
    except (CqlError, CqlRuntimeError) as error:
        return False, f"the expected output cannot be read: {error}"
    wanted = expected[0] if len(expected) == 1 else {"List": expected}
    return same(answer, wanted), f"{answer} instead of {wanted}"


def same(a: Any, b: Any) -> bool:
    """Compare two answers in the JSON form of eval_expression."""
    if a is None or b is None:
        return a is b
    (kind_a, x), (kind_b, y) = next(iter(a.items())), next(iter(b.items()))
    numeric = {"Integer", "Decimal"}
    if kind_a in numeric and kind_b in numeric:
        return _PLACES.quantize(Decimal(str(x)), _STEP) == _PLACES.quantize(Decimal(str(y)), _STEP)
    if kind_a != kind_b:
        return False
    if kind_a == "Quantity":
        return Decimal(x[0]) == Decimal(y[0]) and x[1] == y[1]
    if kind_a == "List":
        return len(x) == len(y) and all(map(same, x, y))
    if kind_a == "Tuple":
        x, y = ({k: v for k, v in t.items() if v is not None} for t in (x, y))
        return x.keys() == y.keys() and all(same(x[k], y[k]) for k in x)
    if kind_a == "Ratio":
        return all(map(same, x, y))
    if kind_a == "Interval":
        return _closed(x) == _closed(y) or (x[1] == y[1] and x[3] == y[3] and same(x[0], y[0]) and same(x[2], y[2]))
    return bool(x == y)


def _closed(bounds: list[Any]) -> tuple[Any, Any] | None:
    low, low_closed, high, high_closed = bounds
    if not low_closed:
        low = _step(low, 1)
    if not high_closed:
        high = _step(high, -1)
    if low is None or high is None:
        return None
    return repr(sorted(low.items())), repr(sorted(high.items()))


def _step(bound: Any, by: int) -> Any:
    if bound is not None and "Integer" in bound:
        return {"Integer": bound["Integer"] + by}
    return None
