"""FHIR resources of one case, flattened into the columns a schema names. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from openum.cql.errors import CqlRuntimeError
from openum.cql.fhir import convert, model
from openum.cql.operators.lists import MAX_LIST
from openum.cql.population.sql.schema import CODES, NUMBER, PRESENT, TAG, VALUE, Schema
from openum.cql.population.sql.shapes import Shape
from openum.cql.population.sql.statement import Retrieve
from openum.cql.population.sql.values import DAY, SIZES
from openum.cql.run.data import CaseData, Pair
from openum.cql.values import ucum
from openum.cql.values.interval import Interval
from openum.cql.values.quantity import Quantity
from openum.cql.values.temporal import DEFAULT_OFFSET, Date, DateTime, Temporal, Time, at_offset

Reader = Callable[[Any], Any]
_MOST_INTEGER_DIGITS: Final = 20
_MOST_DECIMAL_DIGITS: Final = 8


class Odd(Exception):
    """The records of a case have a shape that the columns cannot hold faithfully; the Python target reads them."""


def unit_key(unit: str) -> str:
    """Return one spelling for units that are the same: “days” and “day”, no unit and “1”."""
    return unit.rstrip("s") if unit in ucum.CALENDAR else unit or "1"


def decimal_text(value: Decimal) -> str:
    """Return a decimal as a column holds it.

    Raises:
        Odd: it has more digits than the column.
    """
    digits, exponent = len(value.as_tuple().digits), value.as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent > _MOST_DECIMAL_DIGITS or digits + exponent > _MOST_INTEGER_DIGITS:
        raise Odd
    return f"{value:f}"


def local_text(value: DateTime) -> str:
    """Return the ISO text without an offset."""
    return DateTime(value.fields).text()


def datetime_row(value: DateTime) -> dict[str, Any]:
    """Return a DateTime as its columns."""
    return {"t": local_text(value), "o": value.offset, "n": local_text(at_offset(value, DEFAULT_OFFSET.get()))}


def value_row(value: Any) -> Any:
    """Return a System value as its columns.

    Raises:
        Odd: they cannot hold it.
    """
    if isinstance(value, DateTime):
        return datetime_row(value)
    if isinstance(value, Date | Time):
        return value.text()
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Quantity):
        return {"v": decimal_text(value.value), "u": unit_key(value.unit)}
    if isinstance(value, Interval):
        return {"lo": value_row(value.start), "hi": value_row(value.end)}
    return value


def is_whole(row: Any) -> bool:
    """Say whether the columns of a date or date-time name its day."""
    return len(row["t"] if isinstance(row, dict) else row) >= SIZES[DAY]


class Flattener:
    """Turns the records of a case into one row. Not safe for several threads.

    Attributes:
        numbers: the number of each (system, code) pair that the definitions ask for.
        partial: the elements, as "Condition.recordedDate", in which a date was found without its month or day.
    """

    def __init__(self, schema: Schema, pairs: frozenset[Pair]) -> None:
        self.schema = schema
        ordered = sorted(pairs, key=lambda p: (p[0] or "", p[1] or "", p[0] is None))
        self.numbers: Mapping[Pair, int] = {pair: number for number, pair in enumerate(ordered, 1)}
        self._nodes: dict[str, list[dict[str, Any]]] = {}
        self._wanted: dict[tuple[str, str], dict[Pair, list[str]]] = {}
        self._names: list[str] = []
        self._readers: dict[str, Reader] = {}
        self.partial: set[str] = set()
        self._node_readers = {kind: self._struct(kind) for kind in sorted(schema.refs)}

    # --- one case ----------------------------------------------------------------------------------------------------

    def row(self, data: CaseData) -> dict[str, Any]:
        """Return the row of a case: a list by type and column, and the places of resources by code.

        Raises:
            Odd: a record has a shape that the columns cannot hold.
        """
        self._nodes = {kind: [] for kind in self._node_readers}
        row: dict[str, Any] = {name: [] for name in self._names}
        for kind in self.schema.kinds:
            read, nodes = self._node_readers[kind], self._nodes[kind]
            for number, resource in enumerate(data.of_type(kind), 1):
                found = read(resource)
                found[NUMBER] = number
                nodes.append(found)
        for kind, nodes in self._nodes.items():
            for column, shape in self.schema.columns(kind).items():
                self._spread(row, f"{kind}.{column}", shape, [node.get(column) for node in nodes])
        try:
            for path, wanted in self._wanted.items():
                self._found(data, path, wanted, row)
        except (TypeError, AttributeError) as error:
            raise Odd from error
        return row

    def _spread(self, row: dict[str, Any], prefix: str, shape: Shape, values: list[Any]) -> None:
        """Put values into their columns, as `Schema.spread` names them."""
        if shape.kind == "datetime":
            for name in ("t", "o", "n"):
                row[f"{prefix}.{name}"] = [None if v is None else v[name] for v in values]
        elif shape.kind == "fhir":
            row[f"{prefix}.{PRESENT}"] = [None if v is None else True for v in values]
            for name, inner in self.schema.columns(shape.name).items():
                self._spread(row, f"{prefix}.{name}", inner, [None if v is None else v.get(name) for v in values])
        else:
            row[prefix] = values

    def index_by(self, retrieves: Sequence[Retrieve]) -> None:
        """Let rows hold the places of the resources that each retrieve by code finds: an index over value sets."""
        pairs = {number: pair for pair, number in self.numbers.items()}
        self._wanted = {}
        for retrieve in retrieves:
            by_pair = self._wanted.setdefault(self.schema.paths[retrieve.place], {})
            for number in retrieve.numbers:
                by_pair.setdefault(pairs[number], []).append(retrieve.name)
        self._names = [retrieve.name for retrieve in retrieves]

    def _found(
        self, data: CaseData, path: tuple[str, str], wanted: Mapping[Pair, list[str]], row: dict[str, Any]
    ) -> None:
        found: dict[str, set[int]] = {}
        for pair, positions in data.code_index(*path).items():
            for name in wanted.get(pair, ()):
                found.setdefault(name, set()).update(positions)
        for name, places in found.items():
            row[name] = [place + 1 for place in sorted(places)]

    # --- readers -----------------------------------------------------------------------------------------------------

    def _reader(self, shape: Shape, element: str) -> Reader:
        if shape.kind == "list":
            return _list_reader(self._reader(shape.of, element))
        if shape.kind == "fhir":
            if shape.name not in self._readers:
                self._readers[shape.name] = self._struct(shape.name)
            return self._readers[shape.name]
        if shape.kind == "ref":
            return self._node_reader(shape.name)
        if shape.kind in ("date", "datetime"):
            return self._dated(_PRIMITIVES[shape.kind], element)
        return _PRIMITIVES[shape.kind]

    def _dated(self, read_date: Reader, element: str) -> Reader:
        """Read dates, and take notice of those that lack their month or day."""

        def read(raw: Any) -> Any:
            found = read_date(raw)
            if not is_whole(found):
                self.partial.add(element)
            return found

        return read

    def _node_reader(self, kind: str) -> Reader:
        def read(raw: Any) -> int:
            nodes = self._nodes[kind]
            if len(nodes) >= MAX_LIST:
                raise Odd
            mine = len(nodes)
            nodes.append({})
            nodes[mine] = self._node_readers[kind](raw)
            return mine + 1

        return read

    def _struct(self, kind: str) -> Reader:
        plain: list[tuple[str, Reader]] = []
        choices: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        for name, shape in self.schema.columns(kind).items():
            if name.endswith(TAG) and model.element(kind, name) is None:
                element = model.element(kind, name.removesuffix(TAG))
                assert element is not None
                choices.append((name, element.alternatives()))
            elif name not in (NUMBER, CODES, VALUE):
                plain.append((name, self._reader(shape, f"{kind}.{name}")))
        finish = self._finishers().get(kind)

        def read(raw: Any) -> dict[str, Any]:
            if type(raw) is not dict:
                raise Odd
            found = {name: reader(value) for name, reader in plain if (value := raw.get(name)) is not None}
            for name, alternatives in choices:
                present = [kind for key, kind in alternatives if raw.get(key) is not None]
                if present:
                    if len(present) > 1:
                        raise Odd
                    found[name] = present[0]
            if finish is not None:
                finish(raw, found)
            return found

        return read

    def _finishers(self) -> dict[str, Callable[[dict[str, Any], dict[str, Any]], None]]:
        numbers = self.numbers

        def coding(raw: dict[str, Any], found: dict[str, Any]) -> None:
            found[CODES] = numbers.get(_pair(raw))

        def concept(raw: dict[str, Any], found: dict[str, Any]) -> None:
            codings = raw.get("coding")
            if codings is None:
                found[CODES] = []
            elif type(codings) is list:
                known = [numbers.get(_pair(c)) for c in codings]
                found[CODES] = [k for k in known if k is not None]
            else:
                raise Odd

        def value(kind: str) -> Callable[[dict[str, Any], dict[str, Any]], None]:
            function = convert.CONVERTERS[kind][1]

            def put(raw: dict[str, Any], found: dict[str, Any]) -> None:
                found[VALUE] = value_row(function(raw))

            return put

        kinds = ("Period", "Range", *model.QUANTITY_LIKE)
        return {"Coding": coding, "CodeableConcept": concept, **{kind: value(kind) for kind in kinds}}


def _pair(coding: Any) -> Pair:
    if type(coding) is not dict:
        raise Odd
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str | None) or not isinstance(code, str | None):
        raise Odd
    return system, code


def _list_reader(read: Reader) -> Reader:
    def items(raw: Any) -> list[Any]:
        if type(raw) is not list or None in raw:
            raise Odd
        return [read(item) for item in raw]

    return items


def _converted(function: Callable[[Any], Any]) -> Reader:
    """Read a primitive by the engine's own conversion; what it cannot read has no faithful column."""

    def read(raw: Any) -> Any:
        value = function(raw)
        if value is None:
            raise Odd
        return value_row(value) if isinstance(value, Temporal | Decimal) else value

    return read


def _string(raw: Any) -> str:
    if type(raw) is not str or "\0" in raw:
        raise Odd
    return raw


def _integer(raw: Any) -> int:
    if type(raw) is not int or abs(raw) >= 2**31:
        raise Odd
    return raw


_PRIMITIVES: Final[dict[str, Reader]] = {
    "str": _string,
    "int": _integer,
    "bool": _converted(convert.to_boolean),
    "dec": _converted(convert.to_decimal),
    "date": _converted(convert.to_date),
    "datetime": _converted(convert.to_datetime),
    "time": _converted(convert.to_time),
}


def flattened(flattener: Flattener, data: CaseData) -> dict[str, Any] | None:
    """Return the row of a case, or None when only the Python target can read it."""
    try:
        return flattener.row(data)
    except (Odd, CqlRuntimeError, RecursionError):
        return None
