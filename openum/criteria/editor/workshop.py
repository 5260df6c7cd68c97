"""What the editor shows about a text: its faults with their place, the numbers, the test patients and what they cover."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openum.criteria.checks import Checked, check_document
from openum.criteria.editor.parts import FRONT, PROSE, Number, Part, numbers_of, parts_of, place_of
from openum.criteria.faces.policy import told
from openum.criteria.faces.words import say
from openum.criteria.faults import DocumentInvalid
from openum.criteria.guideline import Guideline
from openum.criteria.patients import Patient
from openum.criteria.program import Program, Result
from openum.criteria.trials import Report, run_patient, run_patients
from openum.vocabulary.terms import FindingValue

_TITLES: dict[str, str | Promise] = {
    FRONT: _("Settings: dates, scope, sources, questions of the form, code lists"),
    PROSE: _("Words"),
    "cql": _("Logic (CQL)"),
    "criteria": _("Criteria tree"),
    "patients": _("Test patients"),
    "cql library": _("Shared logic"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One part of the document as a field of the editor."""

    index: int
    kind: str
    title: str
    text: str
    rows: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to mend, with the field and the line in it."""

    text: str
    field: int
    line: int
    place: str


@dataclass(frozen=True, slots=True)
class Failing:
    """A test patient that came out otherwise, and how many others take after it and fail as well."""

    name: str
    field: int
    line: int
    misses: tuple[str, ...]
    followers: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What came out for one criterion of one test patient, beside what had to."""

    value: str
    expected: str

    @property
    def is_wrong(self) -> bool:
        """Say whether it came out otherwise."""
        return self.expected not in {"", self.value}


@dataclass(frozen=True, slots=True)
class Row:
    """One test patient."""

    name: str
    overall: Cell
    cells: tuple[Cell, ...]
    is_wrong: bool


@dataclass(frozen=True)
class Bench:
    """A text on the bench: everything the page shows about it."""

    text: str
    fields: tuple[Field, ...]
    checked: Checked
    report: Report | None
    mistakes: tuple[Mistake, ...]
    failing: tuple[Failing, ...] = ()
    """The test patients to mend first: those that take after no other failing one."""

    @property
    def count(self) -> int:
        """How many things there are to mend."""
        return len(self.mistakes) + len(self.failing)

    @property
    def program(self) -> Program | None:
        """The compiled logic, where the text could be read."""
        return self.checked.program

    @property
    def guideline(self) -> Guideline | None:
        """The document, where it could be read."""
        return self.checked.program.guideline if self.checked.program else None

    @property
    def numbers(self) -> list[tuple[Number, str]]:
        """The numbers an author may change, with what each means."""
        return [(number, told(number.threshold)) for number in numbers_of(self.guideline)] if self.guideline else []

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the criteria."""
        return tuple(leaf.key for leaf in self.guideline.leaves) if self.guideline else ()

    @property
    def patients(self) -> tuple[Row, ...]:
        """What came out for every test patient; those that came out otherwise first."""
        if self.report is None:
            return ()
        rows = []
        for trial in self.report.trials:
            found = {answer.leaf.key: answer.value.value for answer in trial.result.answers}
            expected = trial.patient.expected
            cells = tuple(Cell(found[key], expected[key].value if key in expected else "") for key in self.keys)
            overall = Cell(trial.result.value.value, trial.patient.overall.value)
            rows.append(Row(trial.patient.name, overall, cells, bool(trial.misses)))
        return tuple(sorted(rows, key=lambda row: not row.is_wrong))

    @property
    def coverage(self) -> tuple[int, int]:
        """How many of the answers and branches the test patients show, and of how many."""
        if self.report is None:
            return (0, 0)
        whole = 3 * len(self.report.leaves) + len(self.report.branches)
        return whole - len(self.report.uncovered_leaves) - len(self.report.uncovered_branches), whole

    @property
    def open_answers(self) -> list[str]:
        """The answers no test patient shows yet: criterion and value."""
        if self.report is None:
            return []
        words = {FindingValue.MET: _("met"), FindingValue.NOT_MET: _("not met"), FindingValue.UNKNOWN: _("not known")}
        return [f"{key}: {words[value]}" for key, value in self.report.uncovered_leaves]


def bench_of(text: str, *, file: str, libraries: Mapping[str, str], patients: str = "") -> Bench:
    """Check a text and run its test patients; nothing to mend is what publishing asks for."""
    checked = check_document(text, file=file, libraries=libraries, patients=patients)
    parts = parts_of(text)
    mistakes = [_mistake(parts, fault.line, fault.text, fault.file, file) for fault in checked.faults]
    report = _report(checked.program)
    failing: tuple[Failing, ...] = ()
    if report is not None and checked.program is not None:
        failing = tuple(_failing(report, parts, _models(checked.program.guideline), file))
        whole = str(_("Whole document"))
        for branch in report.uncovered_branches:
            words = gettext("No test patient shows that %(child)s alone decides %(group)s; add one.")
            group = branch.group or gettext("the whole")
            mistakes.append(Mistake(words % {"child": branch.child, "group": group}, -1, 0, whole))
    return Bench(text, fields_of(parts), checked, report, tuple(mistakes), failing)


def _report(program: Program | None) -> Report | None:
    try:
        return run_patients(program) if program else None
    except DocumentInvalid:  # told by the check
        return None


def _models(guideline: Guideline) -> dict[str, str]:
    """Return, by the name of a test patient, the one it takes after."""
    rows = [row for block in guideline.patient_blocks for row in yaml.safe_load(block.text) or ()]
    return {str(row["name"]): str(row["like"]) for row in rows if isinstance(row, dict) and "like" in row}


def _failing(report: Report, parts: list[Part], models: Mapping[str, str], own: str) -> Iterator[Failing]:
    """Yield the failing patients that take after no other failing one, each with how many take after it."""
    names = {trial.patient.name for trial in report.failures}
    roots = {name: _root(name, models, names) for name in names}
    for trial in report.failures:
        patient = trial.patient
        if roots[patient.name] == patient.name:
            field, line = place_of(parts, patient.line) if patient.file == own else (-1, patient.line)
            misses = tuple(f"{miss.leaf}: {miss.expected} → {miss.found}" for miss in trial.misses)
            followers = sum(root == patient.name for root in roots.values()) - 1
            yield Failing(patient.name, field, line, misses, followers)


def _root(name: str, models: Mapping[str, str], failing: set[str]) -> str:
    """Return the first of a patient's models that fails too, or the patient itself."""
    root, at = name, name
    for _step in range(len(models) + 1):
        at = models.get(at, "")
        if not at:
            break
        root = at if at in failing else root
    return root


def fields_of(parts: list[Part]) -> tuple[Field, ...]:
    """Return the parts as fields; words that hold nothing are left to the text around them."""
    return tuple(
        Field(index, part.kind, str(_TITLES[part.kind]), part.text, min(max(part.lines + 1, 3), 32))
        for index, part in enumerate(parts)
    )


def _mistake(parts: list[Part], line: int, text: str, file: str, own: str) -> Mistake:
    if file != own:
        return Mistake(text, -1, line, f"{file}, {line}")
    if line < 2:
        return Mistake(text, -1, 0, str(_("Whole document")))
    index, inside = place_of(parts, line)
    title = str(_TITLES[parts[index].kind]).partition(":")[0]
    return Mistake(text, index, inside, f"{title}, {inside}")


def outcome(program: Program, result: Result) -> list[tuple[str, str, str, str]]:
    """Return (key, question, value, what is missing or noted) of a tried patient."""
    rows = []
    for answer in result.answers:
        missing = "; ".join(f"{item['element']} ({item['note']})" for item in answer.missing)
        rows.append((answer.leaf.key, say(answer.leaf.question), answer.value.value, answer.note or missing))
    return rows


def tried(program: Program, patient: Patient) -> Result:
    """Answer the criteria for a patient that is not kept."""
    return run_patient(program, patient)
