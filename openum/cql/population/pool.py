"""One library over many cases, in a pool of processes: in order, in bounded memory, and never stopped by one case."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar, cast, overload

from openum.cql.errors import CqlError, CqlRuntimeError
from openum.cql.library import Library, compile_library
from openum.cql.population.cases import CaseInput, CaseOutcome, case_data
from openum.cql.population.processes import in_processes
from openum.cql.run.data import CaseData, Pair

Result = TypeVar("Result")
CHUNK: Final = 64
ENDED: Final = "The process that evaluated this case ended before it had an answer."


@dataclass(frozen=True, slots=True)
class _Run:
    """What every worker needs to know once."""

    text: str
    includes: Mapping[str, str]
    now: datetime
    parameters: Mapping[str, object]
    value_sets: Mapping[str, frozenset[Pair]]
    only: tuple[str, ...]
    reduce: Callable[[CaseOutcome], Any] | None


@overload
def evaluate_many(
    library: Library,
    cases: Iterable[CaseInput],
    *,
    now: datetime,
    parameters: Mapping[str, object] | None = ...,
    value_sets: Mapping[str, Iterable[Pair]] | None = ...,
    only: Iterable[str] | None = ...,
    processes: int | None = ...,
    chunk: int = ...,
) -> Iterator[CaseOutcome]: ...


@overload
def evaluate_many(
    library: Library,
    cases: Iterable[CaseInput],
    *,
    now: datetime,
    parameters: Mapping[str, object] | None = ...,
    value_sets: Mapping[str, Iterable[Pair]] | None = ...,
    only: Iterable[str] | None = ...,
    processes: int | None = ...,
    chunk: int = ...,
    reduce: Callable[[CaseOutcome], Result],
) -> Iterator[Result]: ...


def evaluate_many(
    library: Library,
    cases: Iterable[CaseInput],
    *,
    now: datetime,
    parameters: Mapping[str, object] | None = None,
    value_sets: Mapping[str, Iterable[Pair]] | None = None,
    only: Iterable[str] | None = None,
    processes: int | None = None,
    chunk: int = CHUNK,
    reduce: Callable[[CaseOutcome], Result] | None = None,
) -> Iterator[CaseOutcome] | Iterator[Result]:
    """Evaluate a library on many cases and yield the outcomes in the order of the cases.

    Cases are read as they are needed: at most two chunks a process are on their way. A case that cannot be read or
    evaluated has an outcome with an `error`; the others go on, even when a process dies.

    Args:
        library: the compiled library; each process compiles it again from its text.
        cases: any number of cases, as an iterator too.
        now: aware instant that Now() and Today() answer.
        parameters: of all cases.
        value_sets: (system, code) pairs by name or canonical address.
        only: definitions to evaluate; all when omitted.
        processes: how many; the number of processors when omitted. With 1, all happens in the calling process.
        chunk: cases that travel together.
        reduce: a function of a module that makes less of an outcome where it was made, so that less travels back.

    Raises:
        CqlError: an unknown definition or parameter, before the first case.
    """
    names = library.definitions if only is None else tuple(only)
    frozen = {name: frozenset((s, c) for s, c in pairs) for name, pairs in (value_sets or {}).items()}
    run = _Run(library.text, dict(library.includes), now, dict(parameters or {}), frozen, names, reduce)
    library.evaluate(CaseData([]), now=now, parameters=run.parameters, value_sets=frozen, only=names)
    count = processes or os.cpu_count() or 1
    if count == 1:
        return cast("Iterator[Result]", (_outcome(library, run, case) for case in cases))
    found = in_processes(
        cases, start=_start, given=run, work=_evaluate_chunk, lost=partial(_lost, run), processes=count, chunk=chunk
    )
    return cast("Iterator[Result]", found)


def _outcome(library: Library, run: _Run, case: CaseInput) -> Any:
    """Evaluate one case; whatever goes wrong is its own."""
    try:
        answers = library.evaluate(
            case_data(case.records),
            now=run.now,
            parameters={**run.parameters, **case.parameters},
            value_sets=run.value_sets,
            only=run.only,
        )
        outcome = CaseOutcome(case.key, answers)
    except (CqlError, CqlRuntimeError) as error:
        outcome = CaseOutcome(case.key, error=str(error))
    except Exception as error:  # noqa: BLE001 - one case never ends the run of all
        outcome = CaseOutcome(case.key, error=f"This case could not be evaluated ({type(error).__name__}).")
    return outcome if run.reduce is None else run.reduce(outcome)


# --- in a worker process --------------------------------------------------------------------------------------------

_worker: tuple[Library, _Run] | None = None


def _start(run: _Run) -> None:
    """Compile once in each process."""
    global _worker  # noqa: PLW0603 - the state of a worker process
    _worker = compile_library(run.text, includes=run.includes), run


def _evaluate_chunk(cases: Sequence[CaseInput]) -> list[Any]:
    assert _worker is not None
    return [_outcome(*_worker, case) for case in cases]


def _lost(run: _Run, case: CaseInput) -> Any:
    outcome = CaseOutcome(case.key, error=ENDED)
    return outcome if run.reduce is None else run.reduce(outcome)
