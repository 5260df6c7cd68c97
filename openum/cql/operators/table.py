"""The operator table: name, argument types, result, and the function that computes it.

`T` stands for any one type that all arguments marked so convert to. A function marked with a leading `@` in its
signature takes the running case first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from openum.cql.compile.types import Type, parse_type
from openum.cql.operators import aggregates as ag
from openum.cql.operators import arithmetic as ar
from openum.cql.operators import calendar as ca
from openum.cql.operators import clinical as cl
from openum.cql.operators import comparison as cm
from openum.cql.operators import conversion as cv
from openum.cql.operators import durations as du
from openum.cql.operators import interval_sets as se
from openum.cql.operators import intervals as iv
from openum.cql.operators import lists as li
from openum.cql.operators import strings as st

Function = Callable[..., Any]


class Row(NamedTuple):
    """One overload."""

    name: str
    params: tuple[Type, ...]
    result: Type
    function: Function
    needs_case: bool = False
    inline: str = ""


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += {"<": 1, ">": -1}.get(character, 0)
        if character == "," and not depth:
            parts.append(text[start:index])
            start = index + 1
    return [p.strip() for p in [*parts, text[start:]] if p.strip()]


def _row(name: str, signature: str, function: Function, inline: str = "") -> Row:
    left, _, right = signature.partition("->")
    needs_case = left.strip().startswith("@")
    params = tuple(parse_type(p) for p in _split(left.strip().lstrip("@")))
    return Row(name, params, parse_type(right.strip()), function, needs_case, inline)


_NUMERIC = ("Integer", "Long", "Decimal", "Quantity")
_TEMPORAL = ("Date", "DateTime", "Time")
_ORDERED = (*_NUMERIC, *_TEMPORAL, "String")
_EQUAL = "(None if {0} is None or {1} is None else {0} == {1})"


def _rows() -> list[Row]:
    rows: list[Row] = []
    functions: tuple[Function, ...]
    function: Function

    def add(name: str, signature: str, function: Function, inline: str = "") -> None:
        rows.append(_row(name, signature, function, inline))

    def each(name: str, pattern: str, function: Function, kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            add(name, pattern.replace("X", kind), function)

    # arithmetic
    for name, functions in (
        ("Add", (ar.add_integer, ar.add_long, ar.add_decimal, ar.add_quantity)),
        ("Subtract", (ar.subtract_integer, ar.subtract_long, ar.subtract_decimal, ar.subtract_quantity)),
        ("Multiply", (ar.multiply_integer, ar.multiply_long, ar.multiply_decimal, ar.multiply_quantity)),
        ("TruncatedDivide", (ar.div_integer, ar.div_long, ar.div_decimal, ar.div_quantity)),
        ("Modulo", (ar.mod_integer, ar.mod_long, ar.mod_decimal, ar.mod_quantity)),
    ):
        for kind, function in zip(_NUMERIC, functions, strict=True):
            add(name, f"{kind}, {kind} -> {kind}", function)
    each("Add", "X, Quantity -> X", ca.add_duration, _TEMPORAL)
    each("Subtract", "X, Quantity -> X", ca.subtract_duration, _TEMPORAL)
    add("Add", "String, String -> String", st.concatenate)
    add("Divide", "Decimal, Decimal -> Decimal", ar.divide_decimal)
    add("Divide", "Quantity, Decimal -> Quantity", ar.divide_quantity_by)
    add("Divide", "Quantity, Quantity -> Quantity", ar.divide_quantity)
    add("Power", "Integer, Integer -> Integer", ar.power_integer)
    add("Power", "Long, Long -> Long", ar.power_long)
    add("Power", "Decimal, Decimal -> Decimal", ar.power_decimal)
    each("Abs", "X -> X", ar.absolute, _NUMERIC)
    each("Negate", "X -> X", ar.negative, _NUMERIC)
    each("Positive", "X -> X", li.coalesce, _NUMERIC)
    for name, function in (("Ceiling", ar.ceiling), ("Floor", ar.floor), ("Truncate", ar.truncate)):
        add(name, "Decimal -> Integer", function)
    add("Round", "Decimal -> Decimal", ar.round_decimal)
    add("Round", "Decimal, Integer -> Decimal", ar.round_decimal)
    for name, function in (("Ln", ar.ln), ("Exp", ar.exp)):
        add(name, "Decimal -> Decimal", function)
    add("Log", "Decimal, Decimal -> Decimal", ar.log)
    each("Successor", "X -> X", ar.successor, (*_NUMERIC, *_TEMPORAL))
    each("Predecessor", "X -> X", ar.predecessor, (*_NUMERIC, *_TEMPORAL))
    each("Precision", "X -> Integer", ar.precision, ("Decimal", *_TEMPORAL))
    each("HighBoundary", "X, Integer -> X", ar.high_boundary, ("Decimal", *_TEMPORAL))
    each("LowBoundary", "X, Integer -> X", ar.low_boundary, ("Decimal", *_TEMPORAL))

    # comparison
    for kind in ("String", "Boolean"):
        add("Equal", f"{kind}, {kind} -> Boolean", cm.equal, _EQUAL)
    add("Equal", "T, T -> Boolean", cm.equal)
    add("NotEqual", "T, T -> Boolean", cm.not_equal)
    add("Equivalent", "Code, Code -> Boolean", cm.equivalent)
    add("Equivalent", "Concept, Code -> Boolean", cm.equivalent)
    add("Equivalent", "Code, Concept -> Boolean", cm.equivalent)
    add("Equivalent", "T, T -> Boolean", cm.equivalent)
    add("NotEquivalent", "Concept, Code -> Boolean", cm.not_equivalent)
    add("NotEquivalent", "Code, Concept -> Boolean", cm.not_equivalent)
    add("NotEquivalent", "T, T -> Boolean", cm.not_equivalent)
    each("Less", "X, X -> Boolean", cm.less, _ORDERED)
    each("LessOrEqual", "X, X -> Boolean", cm.less_or_equal, _ORDERED)
    each("Greater", "X, X -> Boolean", cm.greater, _ORDERED)
    each("GreaterOrEqual", "X, X -> Boolean", cm.greater_or_equal, _ORDERED)

    # logic and null
    add("Not", "Boolean -> Boolean", cm.negate, "(None if {0} is None else not {0})")
    add("IsNull", "T -> Boolean", li.coalesce, "({0} is None)")
    add("IsTrue", "Boolean -> Boolean", li.coalesce, "({0} is True)")
    add("IsFalse", "Boolean -> Boolean", li.coalesce, "({0} is False)")
    add("Coalesce", "List<T> -> T", li.coalesce_list)

    # strings
    add("Concatenate", "String, String -> String", st.concatenate)
    add("ConcatenateOrEmpty", "String, String -> String", st.concatenate_or_empty)
    add("Combine", "List<String> -> String", st.combine)
    add("Combine", "List<String>, String -> String", st.combine)
    add("Split", "String, String -> List<String>", st.split)
    add("SplitOnMatches", "String, String -> List<String>", st.split_on_matches)
    add("Length", "String -> Integer", st.length)
    add("Upper", "String -> String", st.upper)
    add("Lower", "String -> String", st.lower)
    add("StartsWith", "String, String -> Boolean", st.starts_with)
    add("EndsWith", "String, String -> Boolean", st.ends_with)
    add("PositionOf", "String, String -> Integer", st.position_of)
    add("LastPositionOf", "String, String -> Integer", st.last_position_of)
    add("Substring", "String, Integer -> String", st.substring)
    add("Substring", "String, Integer, Integer -> String", st.substring)
    add("Indexer", "String, Integer -> String", st.at_index)
    add("Matches", "String, String -> Boolean", st.matches)
    add("ReplaceMatches", "String, String, String -> String", st.replace_matches)
    add("Replace", "String, String, String -> String", st.replace)

    # lists
    add("Exists", "List<T> -> Boolean", li.exists)
    add("Distinct", "List<T> -> List<T>", li.distinct)
    add("Flatten", "List<List<T>> -> List<T>", li.flatten)
    add("Flatten", "List<T> -> List<T>", li.flatten)
    add("First", "List<T> -> T", li.first)
    add("Last", "List<T> -> T", li.last)
    add("SingletonFrom", "List<T> -> T", li.singleton)
    add("Indexer", "List<T>, Integer -> T", li.at_index)
    add("Length", "List<T> -> Integer", li.length)
    add("IndexOf", "List<T>, T -> Integer", li.index_of)
    for name, function in (("Skip", li.skip), ("Take", li.take)):
        add(name, "List<T>, Integer -> List<T>", function)
    add("Tail", "List<T> -> List<T>", li.tail)
    add("Slice", "List<T> -> List<T>", li.slice_)
    add("Slice", "List<T>, Integer -> List<T>", li.slice_)
    add("Slice", "List<T>, Integer, Integer -> List<T>", li.slice_)
    add("Union", "List<T>, List<T> -> List<T>", li.union)
    add("Intersect", "List<T>, List<T> -> List<T>", li.intersect)
    add("Except", "List<T>, List<T> -> List<T>", li.except_)
    add("Count", "List<T> -> Integer", ag.count)
    for name, function in (("Min", ag.minimum), ("Max", ag.maximum)):
        each(name, "List<X> -> X", function, _ORDERED)
    for name, function in (("Sum", ag.total), ("Product", ag.product)):
        each(name, "List<X> -> X", function, _NUMERIC)
    for name, function in (
        ("Avg", ag.average), ("Median", ag.median), ("GeometricMean", ag.geometric_mean), ("Variance", ag.variance),
        ("PopulationVariance", ag.population_variance), ("StdDev", ag.standard_deviation),
        ("PopulationStdDev", ag.population_standard_deviation),
    ):  # fmt: skip
        each(name, "List<X> -> X", function, ("Decimal", "Quantity"))
    add("Mode", "List<T> -> T", ag.mode)
    add("AllTrue", "List<Boolean> -> Boolean", ag.all_true)
    add("AnyTrue", "List<Boolean> -> Boolean", ag.any_true)

    # membership and timing; these take a precision last
    for name, on_list, on_interval in (
        ("Contains", li.contains, iv.contains), ("ProperContains", li.properly_contains, iv.properly_contains),
    ):  # fmt: skip
        add(name, "List<T>, T -> Boolean", on_list)
        add(name, "Interval<T>, T -> Boolean", on_interval)
    add("In", "T, List<T> -> Boolean", li.member)
    add("In", "T, Interval<T> -> Boolean", iv.member)
    add("ProperIn", "T, List<T> -> Boolean", li.properly_in)
    add("ProperIn", "T, Interval<T> -> Boolean", iv.properly_in)
    add("Includes", "List<T>, List<T> -> Boolean", li.includes)
    add("Includes", "Interval<T>, Interval<T> -> Boolean", iv.includes)
    add("Includes", "List<T>, T -> Boolean", li.includes_element)
    add("Includes", "Interval<T>, T -> Boolean", iv.contains)
    add("IncludedIn", "List<T>, List<T> -> Boolean", li.included_in)
    add("IncludedIn", "Interval<T>, Interval<T> -> Boolean", iv.included_in)
    add("IncludedIn", "T, List<T> -> Boolean", li.element_included)
    add("IncludedIn", "T, Interval<T> -> Boolean", iv.member)
    add("ProperIncludes", "List<T>, T -> Boolean", li.properly_contains)
    add("ProperIncludes", "Interval<T>, T -> Boolean", iv.properly_contains)
    add("ProperIncludes", "List<T>, List<T> -> Boolean", li.properly_includes)
    add("ProperIncludes", "Interval<T>, Interval<T> -> Boolean", iv.properly_includes)
    add("ProperIncludedIn", "T, List<T> -> Boolean", li.properly_in)
    add("ProperIncludedIn", "T, Interval<T> -> Boolean", iv.properly_in)
    add("ProperIncludedIn", "List<T>, List<T> -> Boolean", li.properly_included_in)
    add("ProperIncludedIn", "Interval<T>, Interval<T> -> Boolean", iv.properly_included_in)
    points = (*_NUMERIC, *_TEMPORAL)
    for name, function in (
        ("Before", iv.before), ("After", iv.after), ("SameOrBefore", iv.on_or_before),
        ("SameOrAfter", iv.on_or_after), ("SameAs", iv.same_as),
    ):  # fmt: skip
        add(name, "Interval<T>, Interval<T> -> Boolean", function)
        each(name, "X, X -> Boolean", function, points)
        each(name, "Interval<X>, X -> Boolean", function, points)
        each(name, "X, Interval<X> -> Boolean", function, points)
    for name, function in (
        ("Meets", iv.meets), ("MeetsBefore", iv.meets_before), ("MeetsAfter", iv.meets_after),
        ("Overlaps", iv.overlaps), ("OverlapsBefore", iv.overlaps_before), ("OverlapsAfter", iv.overlaps_after),
        ("Starts", iv.starts), ("Ends", iv.ends),
    ):  # fmt: skip
        add(name, "Interval<T>, Interval<T> -> Boolean", function)

    # intervals
    add("Start", "Interval<T> -> T", iv.start)
    add("End", "Interval<T> -> T", iv.end)
    each("Width", "Interval<X> -> X", iv.width, _NUMERIC)
    each("Size", "Interval<X> -> X", iv.size, _NUMERIC)
    add("PointFrom", "Interval<T> -> T", iv.point_from)
    add("Union", "Interval<T>, Interval<T> -> Interval<T>", se.union)
    add("Intersect", "Interval<T>, Interval<T> -> Interval<T>", se.intersect)
    add("Except", "Interval<T>, Interval<T> -> Interval<T>", se.except_)
    add("Collapse", "List<Interval<T>> -> List<Interval<T>>", se.collapse)
    add("Collapse", "List<Interval<T>>, Quantity -> List<Interval<T>>", se.collapse)
    add("Collapse", "List<Interval<T>>, Precision -> List<Interval<T>>", se.collapse)
    for extra in ("", ", Quantity", ", Precision"):
        add("Expand", f"List<Interval<T>>{extra} -> List<Interval<T>>", se.expand)
        add("Expand", f"Interval<T>{extra} -> List<T>", se.expand_interval)

    # dates and times
    for name in ("Duration", "Difference"):
        function = du.duration_between if name == "Duration" else du.difference_between
        each(name, "X, X, Precision -> Integer", function, _TEMPORAL)
    each("Component", "X, Precision -> Integer", du.component, _TEMPORAL)
    add("TimezoneOffset", "DateTime, Precision -> Decimal", du.component)
    add("DateFrom", "DateTime -> Date", du.date_from)
    add("TimeFrom", "DateTime -> Time", du.time_from)
    for count in range(1, 8):
        add("DateTime", ", ".join(["Integer"] * count) + " -> DateTime", du.make_datetime)
    add(
        "DateTime",
        "Integer, Integer, Integer, Integer, Integer, Integer, Integer, Decimal -> DateTime",
        du.make_datetime,
    )
    for count in range(1, 4):
        add("Date", ", ".join(["Integer"] * count) + " -> Date", du.make_date)
    for count in range(1, 5):
        add("Time", ", ".join(["Integer"] * count) + " -> Time", du.make_time)
    add("Now", "@ -> DateTime", cl.now)
    add("Today", "@ -> Date", cl.today)
    add("TimeOfDay", "@ -> Time", cl.time_of_day)
    add("AgeIn", "@Precision -> Integer", cl.age_in)
    for kind in ("Date", "DateTime"):
        add("AgeInAt", f"@{kind}, Precision -> Integer", cl.age_in_at)
        add("CalculateAgeIn", f"@{kind}, Precision -> Integer", cl.calculate_age)
    add("CalculateAgeInAt", "Date, Date, Precision -> Integer", du.age_at)
    add("CalculateAgeInAt", "DateTime, DateTime, Precision -> Integer", du.age_at)
    add("CalculateAgeInAt", "Date, DateTime, Precision -> Integer", du.age_at)

    # conversion
    for name, function in cv.BY_NAME.items():
        for source in (
            "String",
            "Boolean",
            "Integer",
            "Long",
            "Decimal",
            *_TEMPORAL,
            "Quantity",
            "Ratio",
            "Concept",
            "Code",
        ):
            add(f"To{name}", f"{source} -> {name}", function)
    add("ToConcept", "List<Code> -> Concept", cv.to_concept)
    add("ToList", "T -> List<T>", cv.to_list)
    add("ToChars", "String -> List<String>", cv.to_chars)
    add("ConvertQuantity", "Quantity, String -> Quantity", cv.convert_quantity)
    add("CanConvertQuantity", "Quantity, String -> Boolean", cv.can_convert_quantity)
    add("ToInterval", "Interval<T> -> Interval<T>", li.coalesce)

    # terminology
    add("InValueSet", "FHIR.CodeableConcept, ValueSet -> Boolean", cm.in_value_set_raw)
    add("InValueSet", "Code, ValueSet -> Boolean", cm.in_value_set_code)
    add("InValueSet", "Concept, ValueSet -> Boolean", cm.in_value_set_concept)
    add("InValueSet", "String, ValueSet -> Boolean", cm.in_value_set_string)
    add("InValueSet", "List<T>, ValueSet -> Boolean", cm.in_value_set_list)

    # the rest
    add("Message", "T, Boolean, String, String, String -> T", cl.message)
    add("Resolve", "@FHIR.Reference -> Any", cl.resolve)
    add("Resolve", "@String -> Any", cl.resolve)
    return rows


def _index(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.name, []).append(row)
    return found


OPERATORS: dict[str, list[Row]] = _index(_rows())

# Names an author may call as functions; the others belong to phrases and symbols.
FUNCTIONS = frozenset(OPERATORS) - frozenset(
    {"Component", "Duration", "Difference", "AgeIn", "AgeInAt", "CalculateAgeIn", "CalculateAgeInAt", "InValueSet",
     "Positive", "ConcatenateOrEmpty", "TimezoneOffset"}
)  # fmt: skip
