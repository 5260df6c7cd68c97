"""Many cases through a `SqlProgram`: load, ask, and let the Python target answer what SQL left open.

DuckDB is imported here only, and only when a population is opened: it belongs in worker and command-line processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

from openum.cql.errors import CqlError, CqlRuntimeError
from openum.cql.library import Library
from openum.cql.population.cases import CaseInput, CaseOutcome, case_data
from openum.cql.population.sql.flatten import Odd, flattened, is_whole, value_row
from openum.cql.population.sql.program import Output, SqlProgram, Statements
from openum.cql.population.sql.shapes import Shape, quoted, sql_type
from openum.cql.population.sql.statement import Plan
from openum.cql.population.sql.values import MACROS
from openum.cql.run.answer import Answer
from openum.cql.run.data import CaseData, Pair
from openum.cql.values.codes import Instance
from openum.cql.values.temporal import DEFAULT_OFFSET, Date, DateTime, parse_date, parse_datetime, parse_time

if TYPE_CHECKING:
    import duckdb

BATCH: Final = 2000
_LOAD: Final = 500  # cases in one insert


class Population:
    """Cases in tables, ready to be asked once or often. A context manager; not safe for several threads.

    Attributes:
        left: how many answers the Python target gave in the last evaluation, by definition.
    """

    def __init__(self, program: SqlProgram, *, threads: int | None = None) -> None:
        import duckdb  # 60 MB and native code: never in the web process

        self.program = program
        self._threads = threads
        self.left: dict[str, int] = {}
        self._data: list[CaseData | str] = []
        self._inputs: list[CaseInput] = []
        config: dict[str, Any] = {"threads": threads} if threads else {}
        self._connection = duckdb.connect(":memory:", config=config)
        for macro in MACROS:
            self._connection.execute(f"CREATE MACRO {macro}")
        self._create()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the tables go."""
        self._connection.close()

    # --- loading -----------------------------------------------------------------------------------------------------

    def _create(self) -> None:
        schema = self.program.flattener.schema
        columns: list[tuple[str, str, Any]] = [("pid", "INTEGER", "INTEGER")]
        for kind in sorted(schema.refs):
            for name, shape in schema.leaves(kind).items():
                listed = Shape("list", shape)
                columns.append((name, sql_type(listed), _structure(listed)))
        columns += [(retrieve.name, "INTEGER[]", ["INTEGER"]) for retrieve in self.program.retrieves]
        for index in self.program.case_parameters:
            value = self.program.library.program.parameters[index].type
            shape = _parameter_shape(value)
            columns.append((f"p{index}", sql_type(shape), _structure(shape)))
        self._structure = orjson.dumps({name: structure for name, _, structure in columns}).decode()
        listed_columns = ", ".join(f"{quoted(n)} {t}" for n, t, _ in columns)
        self._connection.execute(f"CREATE TABLE cases ({listed_columns})")
        picked = ", ".join(f"r.{quoted(n)}" for n, _, _ in columns)
        self._insert_cases = f"INSERT INTO cases SELECT {picked} FROM loaded"

    def load(self, cases: Iterable[CaseInput]) -> None:
        """Flatten cases into the tables; what the tables cannot hold stays with the Python target."""
        token = DEFAULT_OFFSET.set(self.program.offset)
        try:
            rest = iter(cases)
            while part := list(islice(rest, _LOAD)):
                rows = [row for case in part if (row := self._row(case)) is not None]
                self._insert(rows)
        finally:
            DEFAULT_OFFSET.reset(token)

    def _row(self, case: CaseInput) -> bytes | None:
        pid = len(self._data)
        self._inputs.append(case)
        try:
            data = case_data(case.records)
        except CqlRuntimeError as error:
            self._data.append(str(error))
            return None
        self._data.append(data)
        row = flattened(self.program.flattener, data)
        if row is None:
            return None
        row["pid"] = pid
        try:
            given = self.program.library.bind(case.parameters)
            for index, name in self.program.case_parameters.items():
                if name in case.parameters:
                    value = row[f"p{index}"] = value_row(given[index])
                    if isinstance(given[index], Date | DateTime) and not is_whole(value):
                        self.program.flattener.partial.add(f"p{index}")
            if not given.keys() <= self.program.case_parameters.keys():
                raise Odd
        except (CqlError, Odd):
            return None
        return orjson.dumps(row)

    def _insert(self, rows: list[bytes]) -> None:
        if not rows:
            return
        texts = [row.decode() for row in rows]
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE loaded AS SELECT from_json(t, $s) AS r FROM (SELECT unnest($t::VARCHAR[]) AS t)",
            {"s": self._structure, "t": texts},
        )
        self._connection.execute(self._insert_cases)
        self._connection.execute("DROP TABLE loaded")

    # --- asking ------------------------------------------------------------------------------------------------------

    def rows(self) -> list[tuple[Any, ...]]:
        """Run the statements: one row a case, with a value and a flag for each definition they answer."""
        return self._asked(self._statements().plan)

    def _statements(self) -> Statements:
        return self.program.statements(self.program.flattener.partial)

    def _asked(self, plan: Plan | None) -> list[tuple[Any, ...]]:
        if plan is None:
            return []
        if self._threads == 1 or len(plan.lanes) < 2:
            for lane in plan.lanes:
                _create(self._connection, lane)
        else:
            with ThreadPoolExecutor(len(plan.lanes)) as pool:
                for _ in pool.map(lambda lane: _create(self._connection.cursor(), lane), plan.lanes):
                    pass
        found: list[tuple[Any, ...]] = self._connection.execute(plan.query).fetchall()
        return found

    def evaluate(self) -> Iterator[CaseOutcome]:
        """Yield the outcomes in the order of the cases.

        Answers that SQL gave have no evidence trace.
        """
        statements = self._statements()
        rows = self._asked(statements.plan)
        self.left = dict.fromkeys(self.program.names, 0)
        by_case = {row[0]: row for row in rows}
        for pid, (case, data) in enumerate(zip(self._inputs, self._data, strict=True)):
            if isinstance(data, str):
                yield CaseOutcome(case.key, error=data)
            else:
                yield self._outcome(case, data, by_case.get(pid), statements.outputs)

    def _outcome(
        self, case: CaseInput, data: CaseData, row: tuple[Any, ...] | None, outputs: Sequence[Output]
    ) -> CaseOutcome:
        answers: dict[str, Answer] = {}
        if row is not None:
            token = DEFAULT_OFFSET.set(self.program.offset)
            for place, output in enumerate(outputs):
                if not row[2 + 2 * place]:
                    answers[output.name] = Answer(output.name, _inward(row[1 + 2 * place], output, data))
            DEFAULT_OFFSET.reset(token)
        missing = [name for name in self.program.names if name not in answers]
        for name in missing:
            self.left[name] += 1
        if missing:
            try:
                answers |= self.program.library.evaluate(
                    data,
                    now=self.program.now,
                    parameters={**self.program.parameters, **case.parameters},
                    value_sets=self.program.value_sets,
                    only=missing,
                )
            except CqlError as error:
                return CaseOutcome(case.key, error=str(error))
        return CaseOutcome(case.key, {name: answers[name] for name in self.program.names})


def _create(connection: duckdb.DuckDBPyConnection, lane: Sequence[tuple[str, str]]) -> None:
    for name, query in lane:
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")


def evaluate_population(
    library: Library,
    cases: Iterable[CaseInput],
    *,
    now: datetime,
    parameters: Mapping[str, object] | None = None,
    case_parameters: Iterable[str] = (),
    value_sets: Mapping[str, Iterable[Pair]] | None = None,
    only: Iterable[str] | None = None,
    batch: int = BATCH,
    threads: int | None = None,
) -> Iterator[CaseOutcome]:
    """Evaluate a library on many cases by SQL, in batches, and yield the outcomes in the order of the cases.

    What has no SQL form, and the cases whose records the tables cannot hold, are answered by the Python target in
    the calling process; the values are the same either way. `SqlProgram.fallback` says what and why.

    Args:
        library: the compiled library.
        cases: any number of cases, as an iterator too; one batch is held in memory.
        now: aware instant that Now() and Today() answer.
        parameters: of all cases.
        case_parameters: names of the parameters that each case brings itself.
        value_sets: (system, code) pairs by name or canonical address.
        only: definitions to evaluate; all when omitted.
        batch: cases that are loaded together.
        threads: of DuckDB; one a processor when omitted.

    Raises:
        CqlError: an unknown definition or parameter.
    """
    program = SqlProgram(
        library, now=now, parameters=parameters, case_parameters=case_parameters, value_sets=value_sets, only=only
    )
    rest = iter(cases)
    while part := list(islice(rest, batch)):
        with ExitStack() as stack:
            population = stack.enter_context(Population(program, threads=threads))
            population.load(part)
            yield from population.evaluate()


def _parameter_shape(kind: Any) -> Shape:
    from openum.cql.population.sql.shapes import shape_of

    return shape_of(kind)


def _structure(shape: Shape) -> Any:
    """Return a shape as DuckDB's JSON reader wants it."""
    if shape.kind == "list":
        return [_structure(shape.of)]
    if shape.kind in ("fhir", "tuple"):
        return {name: _structure(inner) for name, inner in shape.fields}
    if shape.kind == "interval":
        return {"lo": _structure(shape.of), "hi": _structure(shape.of)}
    if shape.kind == "datetime":
        return {"t": "VARCHAR", "o": "INTEGER", "n": "VARCHAR"}
    if shape.kind == "qty":
        return {"v": "DECIMAL(28,8)", "u": "VARCHAR"}
    if shape.kind == "concept":
        return ["INTEGER"]
    return sql_type(shape)


def _inward(raw: Any, output: Output, data: CaseData) -> Any:
    """Return a value of a row as a CQL value."""
    shape = output.shape
    if raw is None:
        return None
    if shape.is_resource:
        return data.of_type(shape.name)[raw - 1]
    if shape.kind == "list" and shape.of.is_resource:
        group = data.of_type(shape.of.name)
        return [None if n is None else group[n - 1] for n in raw]
    return _read(raw, shape)


def _read(raw: Any, shape: Shape) -> Any:
    if raw is None:
        return None
    if shape.kind == "list":
        return [_read(item, shape.of) for item in raw]
    if shape.kind == "tuple":
        return Instance({name: _read(raw[name], inner) for name, inner in shape.fields})
    if shape.kind == "date":
        return parse_date(raw)
    if shape.kind == "time":
        return parse_time(raw)
    if shape.kind == "datetime":
        local = parse_datetime(raw["t"])
        return None if local is None else DateTime(local.fields, raw["o"])
    return raw
