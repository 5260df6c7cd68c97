"""The operators of the engine's table as ELM expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from openum.cql.compile.types import Type
from openum.cql.elm.build import choose, integer, literal, null, operator
from openum.cql.elm.types import Json

NUMBERS: Final = ("Integer", "Long", "Decimal", "Quantity")

# Names that are the same in ELM, with all arguments as operands.
SAME: Final = frozenset(
    """Add Subtract Multiply Divide TruncatedDivide Modulo Power Abs Negate Ceiling Floor Truncate Ln Exp Log Successor
    Predecessor Precision HighBoundary LowBoundary Equal Equivalent Less LessOrEqual Greater GreaterOrEqual Not IsNull
    IsTrue IsFalse Concatenate Length Upper Lower StartsWith EndsWith Indexer Matches ReplaceMatches Exists Distinct
    Flatten SingletonFrom Union Intersect Except Start End Width Size PointFrom DateFrom TimeFrom ToConcept ToList
    ToChars ToString ToBoolean ToInteger ToLong ToDecimal ToDate ToDateTime ToTime ToQuantity ToRatio ConvertQuantity
    CanConvertQuantity Meets MeetsBefore MeetsAfter Overlaps OverlapsBefore OverlapsAfter Starts Ends Contains In
    ProperContains ProperIn""".split()  # noqa: SIM905 - read as words
)
AGGREGATES: Final = frozenset(
    """Count Min Max Sum Product Avg Median GeometricMean Variance PopulationVariance StdDev PopulationStdDev Mode
    AllTrue AnyTrue""".split()  # noqa: SIM905 - read as words
)
CLOCK: Final = frozenset({"Now", "Today", "TimeOfDay"})
# Names whose arguments are named in ELM.
NAMED: Final = {
    "First": ("source",), "Last": ("source",), "IndexOf": ("source", "element"), "Combine": ("source", "separator"),
    "Split": ("stringToSplit", "separator"), "SplitOnMatches": ("stringToSplit", "separatorPattern"),
    "PositionOf": ("pattern", "string"), "LastPositionOf": ("pattern", "string"),
    "Substring": ("stringToSub", "startIndex", "length"), "Round": ("operand", "precision"),
    "Message": ("source", "condition", "code", "severity", "message"),
}  # fmt: skip
PARTS: Final = {
    "DateTime": ("year", "month", "day", "hour", "minute", "second", "millisecond", "timezoneOffset"),
    "Date": ("year", "month", "day"),
    "Time": ("hour", "minute", "second", "millisecond"),
}

Kinds = list[Type]


def write(name: str, args: list[Json], kinds: Kinds, precision: str) -> Json | None:
    """Return an operator of the engine in ELM, or None when ELM has none.

    Args:
        name: as in the operator table.
        args: the arguments, converted to `kinds`.
        kinds: the types the overload takes.
        precision: of a timing phrase, or "".
    """
    words = {"precision": precision.capitalize() if precision else None}
    if name in _RELATIONS:
        return _RELATIONS[name](name, args, kinds, words)
    if name == "Add" and kinds[0].name == "String":
        name = "Concatenate"
    if name in SAME:
        return operator(name, *args, **words)
    if name in CLOCK:
        return {"type": name}
    if name in AGGREGATES:
        return {"type": name, "source": args[0]}
    if name in NAMED:
        return {"type": name, **dict(zip(NAMED[name], args, strict=False))}
    if name in PARTS:
        return {"type": name, **dict(zip(PARTS[name], args, strict=False))}
    special = _SPECIAL.get(name)
    return None if special is None else special(args, kinds)


def _has_interval(kind: Type) -> bool:
    return kind.name == "Interval"


def _order(name: str, args: list[Json], kinds: Kinds, words: dict[str, str | None]) -> Json:
    """before, after and their kin: an interval beside a point is compared by the bound that matters."""
    left, right = kinds
    earlier = name in ("Before", "SameOrBefore")
    if left.name != "Interval" or right.name != "Interval":
        first, second = args
        if left.name == "Interval":
            first = operator("End" if earlier else "Start", first)
        if right.name == "Interval":
            second = operator("Start" if earlier else "End", second)
        point = left.item if left.name == "Interval" else left
        if point.name in NUMBERS:
            return operator(_OF_NUMBERS[name], first, second)
        args = [first, second]
    return operator(name, *args, **words)


_OF_NUMBERS: Final = {
    "Before": "Less", "After": "Greater", "SameOrBefore": "LessOrEqual", "SameOrAfter": "GreaterOrEqual",
    "SameAs": "Equal",
}  # fmt: skip


def _same_as(name: str, args: list[Json], kinds: Kinds, words: dict[str, str | None]) -> Json:
    left, right = kinds
    if left.name == right.name == "Interval":
        if left.item.name in NUMBERS:
            return operator("Equal", *args)
        return operator(name, *args, **words)
    if left.name == "Interval" or right.name == "Interval":
        whole, point = (args[0], args[1]) if left.name == "Interval" else (args[1], args[0])
        kind = left.item if left.name == "Interval" else right.item
        return operator(
            "And", *(_same_as(name, [operator(s, whole), point], [kind, kind], words) for s in ("Start", "End"))
        )
    return operator("Equal", *args) if left.name in NUMBERS else operator(name, *args, **words)


def _inclusion(name: str, args: list[Json], kinds: Kinds, words: dict[str, str | None]) -> Json:
    left, right = kinds
    whole, part = (left, right) if name.endswith("Includes") else (right, left)
    of_element = part.name != whole.name if whole.name == "Interval" else part != whole
    return operator(_OF_ELEMENT[name] if of_element else name, *args, **words)


_OF_ELEMENT: Final = {
    "Includes": "Contains", "IncludedIn": "In", "ProperIncludes": "ProperContains", "ProperIncludedIn": "ProperIn",
}  # fmt: skip
_RELATIONS: Final[dict[str, Callable[[str, list[Json], Kinds, dict[str, str | None]], Json]]] = {
    **dict.fromkeys(("Before", "After", "SameOrBefore", "SameOrAfter"), _order),
    "SameAs": _same_as,
    **dict.fromkeys(_OF_ELEMENT, _inclusion),
}


def _text_or_empty(value: Json) -> Json:
    return operator("Coalesce", value, literal("String", ""))


def _between(name: str) -> Callable[[list[Json], Kinds], Json]:
    return lambda args, _: {"type": name, "operand": args[:2], "precision": _word(args[2])}


def _word(precision: Json) -> str:
    return str(precision["value"]).capitalize()


def _component(args: list[Json], kinds: Kinds) -> Json:
    return {"type": "DateTimeComponentFrom", "operand": args[0], "precision": _word(args[1])}


def _age_at(args: list[Json], kinds: Kinds) -> Json:
    kind = kinds[0].name
    second = operator("ToDateTime", args[1]) if kind == "DateTime" and kinds[1].name == "Date" else args[1]
    first = args[0]
    if kind == "Date" and kinds[1].name == "DateTime":
        second = operator("DateFrom", second)
    return {"type": "CalculateAgeAt", "operand": [first, second], "precision": _word(args[2])}


def _collapse(name: str) -> Callable[[list[Json], Kinds], Json]:
    def build(args: list[Json], kinds: Kinds) -> Json:
        per = args[1] if len(args) > 1 else null(Type("Quantity"))
        if len(args) > 1 and kinds[1].name == "Precision":
            per = {"type": "Quantity", "value": 1, "unit": args[1]["value"]}
        return operator(name, args[0], per)

    return build


def _slice(args: list[Json], kinds: Kinds) -> Json:
    end = args[2] if len(args) > 2 else null(Type("Integer"))
    return {"type": "Slice", "source": args[0], "startIndex": args[1] if len(args) > 1 else integer(0), "endIndex": end}


def _take(args: list[Json], kinds: Kinds) -> Json:
    number = operator("Coalesce", args[1], integer(0))
    return {"type": "Slice", "source": args[0], "startIndex": integer(0), "endIndex": number}


def _skip(args: list[Json], kinds: Kinds) -> Json:
    none: Json = {"type": "List", "element": []}
    found = {"type": "Slice", "source": args[0], "startIndex": args[1], "endIndex": null(Type("Integer"))}
    return choose(operator("IsNull", args[1]), none, found)


def _coalesce(args: list[Json], kinds: Kinds) -> Json:
    if args[0]["type"] == "List":
        elements = args[0]["element"]
        return {"type": "Coalesce", "operand": elements}
    return {"type": "Coalesce", "operand": [args[0]]}


def _in_value_set(args: list[Json], kinds: Kinds) -> Json:
    value_set = args[1]
    many = kinds[0].name == "List"
    found: Json = {"type": "AnyInValueSet" if many else "InValueSet", "codes" if many else "code": args[0]}
    if value_set["type"] == "ValueSetRef":
        return found | {"valueset": {k: v for k, v in value_set.items() if k in ("name", "libraryName")}}
    return found | {"valuesetExpression": value_set}


_SPECIAL: Final[dict[str, Callable[[list[Json], Kinds], Json]]] = {
    "Positive": lambda args, _: args[0],
    "ToInterval": lambda args, _: args[0],
    "ToCode": lambda args, _: args[0],
    "NotEqual": lambda args, _: operator("Not", operator("Equal", *args)),
    "NotEquivalent": lambda args, _: operator("Not", operator("Equivalent", *args)),
    "ConcatenateOrEmpty": lambda args, _: operator("Concatenate", *map(_text_or_empty, args)),
    "Coalesce": _coalesce,
    "Duration": _between("DurationBetween"),
    "Difference": _between("DifferenceBetween"),
    "Component": _component,
    "TimezoneOffset": lambda args, _: operator("TimezoneOffsetFrom", args[0]),
    "CalculateAgeIn": lambda args, _: {"type": "CalculateAge", "operand": args[0], "precision": _word(args[1])},
    "CalculateAgeInAt": _age_at,
    "Collapse": _collapse("Collapse"),
    "Expand": _collapse("Expand"),
    "Slice": _slice,
    "Skip": _skip,
    "Take": _take,
    "Tail": lambda args, kinds: _slice([args[0], integer(1)], kinds),
    "InValueSet": _in_value_set,
}
