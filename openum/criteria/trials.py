"""Runs the test patients of a guideline and says what they cover. Pure.

A leaf is covered when it came out met, not met and unknown, each in at least one patient. A branch is covered when it
alone decided its group in at least one patient: an alternative sufficed, a requirement stopped the group.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from openum.criteria.patients import OVERALL, Patient
from openum.criteria.program import Program, Result, parameters_for
from openum.criteria.tree import Group, Leaf, Mode, Node, groups_of, joined, value_of
from openum.vocabulary.terms import FindingValue

VALUES = (FindingValue.MET, FindingValue.NOT_MET, FindingValue.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Miss:
    """One answer that came out other than expected."""

    leaf: str
    """The key of the criterion, or “overall”."""
    expected: str
    found: str
    evidence: tuple[str, ...]
    note: str

    def __str__(self) -> str:
        """Return one line for people."""
        rest = f"; evidence: {', '.join(self.evidence)}" if self.evidence else ""
        return f"{self.leaf}: expected {self.expected}, found {self.found}{rest}{f'; {self.note}' if self.note else ''}"


@dataclass(frozen=True, slots=True)
class Trial:
    """One patient that was run."""

    patient: Patient
    result: Result
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One child of a group, and whether some patient was decided by it alone."""

    group: str
    mode: Mode
    child: str
    is_covered: bool


@dataclass(frozen=True, slots=True)
class Report:
    """All patients of one guideline with what they cover."""

    trials: tuple[Trial, ...]
    leaves: tuple[tuple[str, dict[FindingValue, int]], ...]
    """Each criterion with how often each value came out."""
    branches: tuple[Branch, ...]

    @property
    def failures(self) -> tuple[Trial, ...]:
        """The patients that came out otherwise than expected."""
        return tuple(trial for trial in self.trials if trial.misses)

    @property
    def uncovered_leaves(self) -> tuple[tuple[str, FindingValue], ...]:
        """Criteria and the value that no patient shows."""
        return tuple((key, value) for key, counts in self.leaves for value in VALUES if not counts[value])

    @property
    def uncovered_branches(self) -> tuple[Branch, ...]:
        """Branches that decided nothing by themselves."""
        return tuple(branch for branch in self.branches if not branch.is_covered)

    @property
    def is_complete(self) -> bool:
        """Say whether every patient came out as expected and everything is covered."""
        return bool(self.trials) and not (self.failures or self.uncovered_leaves or self.uncovered_branches)


def run_patient(program: Program, patient: Patient) -> Result:
    """Answer the criteria for one test patient, as a request of that day would be answered."""
    parameters = parameters_for(request_date=patient.request_date, code=patient.service[1], side=patient.side)
    now = datetime.combine(patient.request_date, time(12), UTC)
    return program.run(patient.record().resources, parameters=parameters, now=now)


def run_patients(program: Program, patients: Iterable[Patient] | None = None) -> Report:
    """Run the test patients of a guideline, or the given ones.

    Raises:
        DocumentInvalid: the patients of the document cannot be read.
    """
    given = program.guideline.patients if patients is None else tuple(patients)
    trials = []
    for patient in given:
        result = run_patient(program, patient)
        trials.append(Trial(patient, result, tuple(_misses(patient, result))))
    results = [trial.result for trial in trials]
    root = program.guideline.root
    return Report(
        tuple(trials), tuple(_leaf_counts(program.guideline.leaves, results)), tuple(_branches(root, results))
    )


def _misses(patient: Patient, result: Result) -> Iterable[Miss]:
    for answer in result.answers:
        key = answer.leaf.key
        expected = patient.expected.get(key)
        if expected is not None and answer.value is not expected:
            yield Miss(key, expected, answer.value, answer.evidence, answer.note)
        named = [str(missing["element"]) for missing in answer.missing]
        if answer.value is FindingValue.UNKNOWN and not named:
            yield Miss(key, "an element named as missing", "none", answer.evidence, answer.note)
        wanted = patient.names.get(key)
        if wanted and wanted not in named:
            yield Miss(key, f"{wanted} named as missing", ", ".join(named) or "none", answer.evidence, answer.note)
    if result.value is not patient.overall:
        yield Miss(OVERALL, patient.overall, result.value, (), "")


def _leaf_counts(leaves: Sequence[Leaf], results: Sequence[Result]) -> Iterable[tuple[str, dict[FindingValue, int]]]:
    for leaf in leaves:
        found = [result.answer(leaf.key).value for result in results]
        yield leaf.key, {value: found.count(value) for value in VALUES}


def _branches(root: Node, results: Sequence[Result]) -> Iterable[Branch]:
    findings = [{answer.leaf.key: answer.value for answer in result.answers} for result in results]
    for group in groups_of(root):
        values = [[value_of(child, found) for child in group.children] for found in findings]
        for index, child in enumerate(group.children):
            yield Branch(group.key, group.mode, child.key, any(is_decisive(group, row, index) for row in values))


def is_decisive(group: Group, values: Sequence[FindingValue], index: int) -> bool:
    """Say whether one child alone settled its group.

    All: it is not met and without it the group would not be refused. Any and at least: it is met and without it the
    group would not be met. Not: it is known.
    """
    if group.mode is Mode.NOT:
        return values[index] is not FindingValue.UNKNOWN
    settles = FindingValue.NOT_MET if group.mode is Mode.ALL else FindingValue.MET
    if values[index] is not settles or joined(group, values) is not settles:
        return False
    other = FindingValue.MET if settles is FindingValue.NOT_MET else FindingValue.NOT_MET
    return joined(group, [*values[:index], other, *values[index + 1 :]]) is not settles
