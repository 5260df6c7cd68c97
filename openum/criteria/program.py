"""Runs a guideline's CQL on one record and answers each criterion. Pure.

Read once per published content; the same program serves approval, review, letter and preview.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from openum import cql
from openum.criteria.codes import expand
from openum.criteria.document import parse_guideline
from openum.criteria.faults import DocumentInvalid, Fault
from openum.criteria.guideline import Guideline
from openum.criteria.tree import Leaf, branches_not_taken, value_of
from openum.vocabulary.terms import FindingValue

ENGINE_VERSION = f"openum-cql {cql.ENGINE_VERSION}"
VALUE_SET_PREFIX = "urn:openum:value-set:"


@dataclass(frozen=True, slots=True)
class LeafAnswer:
    """What the logic found for one criterion."""

    leaf: Leaf
    value: FindingValue
    note: str
    evidence: tuple[str, ...]
    missing: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The answers to all criteria, in reading order, and the answer of the tree."""

    value: FindingValue
    answers: tuple[LeafAnswer, ...]

    def answer(self, key: str) -> LeafAnswer:
        """Return the answer to one criterion."""
        return next(answer for answer in self.answers if answer.leaf.key == key)


class Program:
    """A guideline with its logic, compiled when it first runs: to choose a guideline nothing has to be compiled."""

    def __init__(self, guideline: Guideline, *, file: str = "published") -> None:
        """Take a parsed guideline; `file` is its name for messages."""
        self.guideline = guideline
        self._file = file
        names = {leaf.definition for leaf in guideline.leaves}
        names |= {leaf.says for leaf in guideline.leaves if leaf.says}
        names |= {wanted.while_unknown for leaf in guideline.leaves for wanted in leaf.missing if wanted.while_unknown}
        self.names = tuple(sorted(names))

    @cached_property
    def library(self) -> cql.Library:
        """The compiled logic.

        Raises:
            DocumentInvalid: the CQL does not compile; the fault names the line of the document.
        """
        try:
            return cql.compile_library(self.guideline.cql, includes=dict(self.guideline.libraries))
        except cql.CqlError as error:
            line = self.guideline.cql_line + (error.line or 1) - 1
            raise DocumentInvalid([Fault(self._file, line, f"The CQL does not compile: {error}")]) from error

    @cached_property
    def value_sets(self) -> Mapping[str, frozenset[tuple[str, str]]]:
        """The codes of each value set by name and by address, in every spelling that records use."""
        expanded = {name: expand(pairs) for name, pairs in self.guideline.value_sets.items()}
        return {VALUE_SET_PREFIX + name: codes for name, codes in expanded.items()} | expanded

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The parameters the logic declares."""
        return frozenset(self.library.parameter_types())

    def run(self, resources: Sequence[dict[str, Any]], *, parameters: Mapping[str, object], now: datetime) -> Result:
        """Answer every criterion for one record.

        Args:
            resources: the person's own FHIR resources.
            parameters: “Request Date” (date), “Service Code”, “Side”; those the logic does not declare are ignored.
            now: the instant the answer is made, aware; the logic itself reads only the request date.
        """
        answers = self.library.evaluate(
            cql.CaseData.from_resources(resources),
            now=now,
            parameters={name: value for name, value in parameters.items() if name in self.parameters},
            value_sets=self.value_sets,
            only=self.names,
        )
        leaves = tuple(_answer(leaf, answers) for leaf in self.guideline.leaves)
        return Result(value_of(self.guideline.root, {a.leaf.key: a.value for a in leaves}), leaves)

    def not_taken(self, result: Result) -> frozenset[str]:
        """Return the keys of alternatives that are not needed."""
        return branches_not_taken(self.guideline.root, {a.leaf.key: a.value for a in result.answers})


def _value(value: object) -> FindingValue:
    """Read the truth of a definition; anything but true and false is unknown."""
    if value is True:
        return FindingValue.MET
    return FindingValue.NOT_MET if value is False else FindingValue.UNKNOWN


def _answer(leaf: Leaf, answers: Mapping[str, cql.Answer]) -> LeafAnswer:
    answer = answers[leaf.definition]
    value = _value(answer.value)
    said = answers[leaf.says].value if leaf.says else None
    note = said if isinstance(said, str) else ""
    if answer.error:
        note = "The logic could not read this part of the record; a person looks."
    missing = _missing(leaf, answer, answers) if value is FindingValue.UNKNOWN else ()
    return LeafAnswer(leaf, value, note, tuple(answer.evidence), missing)


def _missing(leaf: Leaf, answer: cql.Answer, answers: Mapping[str, cql.Answer]) -> tuple[Mapping[str, str], ...]:
    """Name the elements that would answer the criterion, and the record that lacks one where the engine met it."""
    still_open = [w for w in leaf.missing if not w.while_unknown or answers[w.while_unknown].value is None]
    seen = {f"{one.resource_type}.{one.element}": one.note for one in answer.missing if one.element}
    return tuple(
        {"element": wanted.element, "note": wanted.note}
        | ({"record": seen[wanted.element]} if wanted.element in seen else {})
        for wanted in still_open or leaf.missing
    )


def compile_guideline(guideline: Guideline, *, file: str) -> Program:
    """Compile the logic of a parsed guideline.

    Raises:
        DocumentInvalid: the CQL does not compile; the fault names the line of the document.
    """
    program = Program(guideline, file=file)
    assert program.library
    return program


_PROGRAMS: dict[str, Program] = {}
_MOST_PROGRAMS = 512


def known_program(digest: str) -> Program | None:
    """Return the program of a published content when this process has compiled it."""
    return _PROGRAMS.get(digest)


def program_of(body: str, *, digest: str = "") -> Program:
    """Return the program of a published document, read once per content and process.

    Raises:
        DocumentInvalid: the document is faulty.
    """
    digest = digest or hashlib.sha256(body.encode()).hexdigest()
    program = _PROGRAMS.get(digest)
    if program is None:
        program = Program(parse_guideline(body, file="published"))
        if len(_PROGRAMS) >= _MOST_PROGRAMS:
            _PROGRAMS.clear()
        _PROGRAMS[digest] = program
    return program


def parameters_for(*, request_date: date, code: str, side: str | None) -> dict[str, object]:
    """Return the parameters every guideline may declare."""
    return {"Request Date": request_date, "Service Code": code, "Side": side}
