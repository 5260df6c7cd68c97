"""One expression without a library or data, for conformance runs and experiments."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openum.cql.errors import CqlRuntimeError
from openum.cql.library import compile_expression
from openum.cql.operators.comparison import untag
from openum.cql.parser import nodes, parse_expression
from openum.cql.run.data import CaseData
from openum.cql.values.codes import Code, CodeSystemRef, Concept, Instance, Tagged, ValueSetRef
from openum.cql.values.interval import Interval
from openum.cql.values.numbers import Long, decimal_text, decimal_with_point
from openum.cql.values.quantity import Quantity, Ratio
from openum.cql.values.temporal import DateTime, Temporal, offset_text
from openum.cql.values.uncertainty import Uncertainty

Json = dict[str, Any] | None


def parse(source: str) -> nodes.Node:
    """Parse one expression.

    Raises:
        CqlError: with the position of the first fault.
    """
    return parse_expression(source)


def eval_expression(text: str, *, now: datetime | None = None) -> Json:
    """Evaluate one expression and return it as JSON: None, or a dict whose one key is the CQL type.

    Raises:
        CqlError: the text is not valid.
        CqlRuntimeError: it cannot be evaluated.
    """
    answer = compile_expression(text).evaluate(CaseData(()), now=now or datetime.now(UTC))["Result"]
    if answer.error is not None:
        raise CqlRuntimeError(answer.error)
    return to_json(answer.value)


def to_json(value: Any) -> Json:
    """Return a CQL value as JSON that names its type."""
    if value is None:
        return None
    if isinstance(value, Tagged):
        return to_json(untag(value)) if untag(value) is not value.raw else {"String": str(value.raw)}
    if isinstance(value, bool):
        return {"Boolean": value}
    if isinstance(value, Long):
        return {"Long": str(int(value))}
    if isinstance(value, int):
        return {"Integer": value}
    if isinstance(value, Decimal):
        return {"Decimal": decimal_with_point(value)}
    if isinstance(value, float):  # a number inside a whole FHIR resource
        return {"Decimal": decimal_with_point(Decimal(repr(value)))}
    if isinstance(value, str):
        return {"String": value}
    if isinstance(value, Temporal):
        return {value.type_name: _temporal_text(value)}
    if isinstance(value, Uncertainty):
        return {"Interval": [to_json(value.low), True, to_json(value.high), True]}
    if isinstance(value, Quantity):
        return {"Quantity": [decimal_text(value.value), value.unit]}
    if isinstance(value, Ratio):
        return {"Ratio": [to_json(value.numerator), to_json(value.denominator)]}
    if isinstance(value, Interval):
        return {"Interval": [to_json(value.low), value.low_closed, to_json(value.high), value.high_closed]}
    if isinstance(value, list):
        return {"List": [to_json(v) for v in value]}
    if isinstance(value, Code | ValueSetRef | CodeSystemRef):
        return {"Tuple": {k: to_json(v) for k, v in value._asdict().items() if v is not None}}
    if isinstance(value, Concept):
        parts = {"codes": to_json(list(value.codes)), "display": to_json(value.display)}
        return {"Tuple": {k: v for k, v in parts.items() if v is not None}}
    if isinstance(value, Instance | dict):
        return {"Tuple": {k: to_json(v) for k, v in value.items()}}
    raise CqlRuntimeError(f"A {type(value).__name__} has no JSON form.")


def _temporal_text(value: Temporal) -> str:
    if isinstance(value, DateTime) and value.offset is None and len(value.fields) > 3:
        return value.text() + offset_text(value.minutes_east)
    return value.text()
