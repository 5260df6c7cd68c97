"""Answers many cases under two versions of a guideline, in several processes. Pure: no database."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

import orjson

from openum.cql import CaseData
from openum.cql.population.processes import in_processes
from openum.criteria.asking import questions
from openum.criteria.program import parameters_for, program_of
from openum.criteria.simulation.tally import Answered, Facts, Tally
from openum.criteria.tree import value_of
from openum.vocabulary.terms import FindingValue

_CHUNK: Final = 128
_REPORTED: Final = 500  # cases between two words on progress


@dataclass(frozen=True, slots=True)
class SimulatedCase:
    """One requested service with the record as it would be read.

    Attributes:
        facts: where it is counted.
        record: the FHIR resources of the person, as JSON text of a list.
        day: the governing date.
        code, side: as the logic is told.
        in_draft, in_base: whether each version holds for the request.
        draft_rule, base_rule: whether an approval rule lets the engine approve under each version.
    """

    facts: Facts
    record: bytes
    day: date
    code: str
    side: str | None = None
    in_draft: bool = True
    in_base: bool = True
    draft_rule: bool = True
    base_rule: bool = True


@dataclass(frozen=True, slots=True)
class _Compared:
    draft: Answered
    base: Answered
    failed: bool = False


_OUT: Final = Answered(None)


class _Version:
    """A version ready to answer; what follows from a pattern of answers is worked out once."""

    def __init__(self, body: str) -> None:
        self.program = program_of(body)
        self.root = self.program.guideline.root
        self.leaves = tuple(self.program.guideline.leaves)
        self.only = tuple(dict.fromkeys(leaf.definition for leaf in self.leaves))
        self._seen: dict[tuple[FindingValue, ...], tuple[FindingValue, int]] = {}

    def answer(self, data: CaseData, case: SimulatedCase, *, has_rule: bool, trace: bool) -> Answered:
        """Answer one case."""
        program = self.program
        given = parameters_for(request_date=case.day, code=case.code, side=case.side)
        values = program.library.values(
            data,
            now=datetime.combine(case.day, time(12), UTC),
            parameters={name: value for name, value in given.items() if name in program.parameters},
            value_sets=program.value_sets,
            only=self.only,
        )
        pattern = tuple(_finding(values[leaf.definition]) for leaf in self.leaves)
        found = self._seen.get(pattern)
        if found is None:
            findings = {leaf.key: value for leaf, value in zip(self.leaves, pattern, strict=True)}
            found = value_of(self.root, findings), len(questions(self.root, findings))
            self._seen[pattern] = found
        value, asked = found
        leaves = {leaf.key: v.value for leaf, v in zip(self.leaves, pattern, strict=True)} if trace else {}
        return Answered(value, asked, has_rule and value is FindingValue.MET, leaves)


def _finding(value: object) -> FindingValue:
    if value is True:
        return FindingValue.MET
    return FindingValue.NOT_MET if value is False else FindingValue.UNKNOWN


def compare(draft: _Version, base: _Version | None, case: SimulatedCase) -> _Compared:
    """Answer one case under both versions; a record that cannot be read fails by itself."""
    try:
        data = CaseData.from_resources(orjson.loads(case.record))
        after = draft.answer(data, case, has_rule=case.draft_rule, trace=True) if case.in_draft else _OUT
        before = _OUT
        if base is not None and case.in_base:
            before = base.answer(data, case, has_rule=case.base_rule, trace=False)
    except Exception:  # noqa: BLE001 - one record never ends the run of all; the report says how many failed
        return _Compared(_OUT, _OUT, failed=True)
    return _Compared(after, before)


# --- in a worker process ---------------------------------------------------------------------------------------------

_versions: tuple[_Version, _Version | None] | None = None


def _start(bodies: tuple[str, str]) -> None:
    global _versions  # noqa: PLW0603 - the state of a worker process
    draft, base = bodies
    _versions = _Version(draft), _Version(base) if base else None


def _chunk(cases: list[SimulatedCase]) -> list[_Compared]:
    assert _versions is not None
    return [compare(*_versions, case) for case in cases]


def _lost(case: SimulatedCase) -> _Compared:
    return _Compared(_OUT, _OUT, failed=True)


# --- in the calling process ------------------------------------------------------------------------------------------


def simulate(
    *,
    draft: str,
    base: str,
    cases: Iterable[SimulatedCase],
    processes: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Return the report of a run.

    Args:
        draft: the document of the version to try, complete with the CQL it includes.
        base: that of the version it is compared with; empty when there is none.
        cases: read one after the other; only a few hundred are held at a time.
        processes: how many; the number of processors when omitted. With 1, all happens in the calling process.
        progress: told now and then how many cases are done.
    """
    tally = Tally()
    facts: list[Facts] = []
    done = 0
    for place, compared in enumerate(_compared(draft, base, _noted(cases, facts), processes or os.cpu_count() or 1)):
        fact = facts[place]
        done += 1
        if compared.failed:
            tally.failed += 1
        elif compared.draft.value is not None or compared.base.value is not None:
            tally.add(fact, compared.draft, compared.base)
        if progress is not None and done % _REPORTED == 0:
            progress(done)
    if progress is not None:
        progress(done)
    return tally.report()


def _noted(cases: Iterable[SimulatedCase], facts: list[Facts]) -> Iterator[SimulatedCase]:
    """Keep the facts of the cases that are handed out; they stay in this process."""
    for case in cases:
        facts.append(case.facts)
        yield case


def _compared(draft: str, base: str, cases: Iterable[SimulatedCase], processes: int) -> Iterator[_Compared]:
    if processes == 1:
        versions = _Version(draft), _Version(base) if base else None
        return (compare(*versions, case) for case in cases)
    return in_processes(
        cases, start=_start, given=(draft, base), work=_chunk, lost=_lost, processes=processes, chunk=_CHUNK
    )
