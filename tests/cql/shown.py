"""Answers of eval_expression as short text, for tables of expressions."""

from __future__ import annotations

from typing import Any

_MARKS = {"Date": "@", "DateTime": "@@", "Time": "@T"}


def shown(answer: dict[str, Any] | None) -> str:
    """Return an answer in one line, its type visible."""
    if answer is None:
        return "null"
    ((kind, value),) = answer.items()
    if kind == "Boolean":
        return str(value).lower()
    if kind == "String":
        return repr(value)
    if kind == "Long":
        return f"{value}L"
    if kind in _MARKS:
        return f"{_MARKS[kind]}{value}"
    if kind == "Quantity":
        return f"{value[0]} '{value[1]}'"
    if kind == "Ratio":
        return f"{shown(value[0])}:{shown(value[1])}"
    if kind == "Interval":
        low, low_closed, high, high_closed = value
        return f"{'[' if low_closed else '('}{shown(low)}, {shown(high)}{']' if high_closed else ')'}"
    if kind == "List":
        return "{" + ", ".join(map(shown, value)) + "}"
    if kind == "Tuple":
        return "T{" + ", ".join(f"{name}: {shown(part)}" for name, part in value.items()) + "}"
    return str(value)
