"""Everything a guideline document must be before it may be published. Pure.

`check_document` reads, compiles and inspects; `trials.py` runs the test patients. Publishing asks for both.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from openum.criteria.document import parse_guideline
from openum.criteria.faults import DocumentInvalid, Fault
from openum.criteria.guideline import Guideline, Scope
from openum.criteria.patients import Patient
from openum.criteria.program import Program, compile_guideline
from openum.criteria.rules import age_on
from openum.criteria.tree import Leaf
from openum.criteria.trials import VALUES, Report, run_patients
from openum.vocabulary.identifiers import snomed_is_valid
from openum.vocabulary.reading import AIM, grade
from openum.vocabulary.terms import FindingValue

PLAIN_AIM = AIM
"""School grade of all plain texts together, for members."""
PLAIN_HARDEST = 9.0
"""School grade of one plain text."""
QUESTION_AIM = 10.0
"""School grade of all questions together, for clinicians."""
QUESTION_HARDEST = 14.0
"""School grade of one question."""
CHECK_DIGITS_FROM = date(2027, 1, 1)
"""Guidelines that hold from this day on need right check digits; versions published before cannot change any more."""

IsValid = Callable[[str, str, date], bool | None]
"""Says whether a code (short system, code) holds on a day; None where no dated list is loaded."""

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'")
_DEFINE = re.compile(r'^\s*define\s+(function\s+)?(?:(?:public|private)\s+)?(?:"([^"]+)"|([A-Za-z_]\w*))', re.MULTILINE)
_NAME = re.compile(r'"([^"]+)"|([A-Za-z_]\w*)')
_SAID = re.compile(r'//\s*unused:[^\n]+\n\s*define\s+(?:function\s+)?(?:"([^"]+)"|([A-Za-z_]\w*))')


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of one document found."""

    file: str
    program: Program | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()
    """What is probably not meant and stands in nobody's way."""
    unchecked_codes: int = 0
    """Codes for whose system no dated list is loaded; this is shown and is no fault."""

    @property
    def is_in_order(self) -> bool:
        """Say whether nothing is to be mended."""
        return not self.faults


def check_document(
    text: str,
    *,
    file: str,
    libraries: Mapping[str, str],
    patients: str = "",
    is_valid: IsValid | None = None,
) -> Checked:
    """Read, compile and inspect one guideline document; every fault is told with its line.

    Args:
        text: the document.
        file: its name, for messages.
        libraries: shared CQL by name.
        patients: its sibling file with test patients, or an empty text.
        is_valid: where dated code lists are loaded, whether a code holds on a day.
    """
    try:
        guideline = parse_guideline(text, file=file, libraries=libraries, patients=patients)
        program = compile_guideline(guideline, file=file)
    except DocumentInvalid as error:
        return Checked(file, None, error.faults)
    finder = _Lines(file, text)
    faults = [*_unused(guideline, finder), *_reading(guideline, finder), *_words(guideline, finder)]
    warnings = list(_logic_warnings(guideline, program, finder, libraries))
    mistyped = list(_check_digits(guideline, finder))
    if guideline.effective_from >= CHECK_DIGITS_FROM:
        faults += mistyped
    else:
        warnings += mistyped
    code_faults, unchecked = _codes(guideline, finder, is_valid)
    faults += code_faults
    try:
        faults += _tests(guideline, guideline.patients, finder)
    except DocumentInvalid as error:
        faults += error.faults
    return Checked(file, program, _in_order(faults), _in_order(warnings), unchecked)


def check_and_run(
    text: str, *, file: str, libraries: Mapping[str, str], patients: str = "", is_valid: IsValid | None = None
) -> tuple[Checked, Report | None]:
    """Check a document and run its patients: what publishing asks for. Failed patients become faults."""
    checked = check_document(text, file=file, libraries=libraries, patients=patients, is_valid=is_valid)
    if checked.program is None:
        return checked, None
    try:
        report = run_patients(checked.program)
    except DocumentInvalid:  # told by the check
        return checked, None
    faults = list(checked.faults)
    faults += [
        Fault(trial.patient.file, trial.patient.line, f"The patient “{trial.patient.name}” came out otherwise. {miss}.")
        for trial in report.failures
        for miss in trial.misses
    ]
    faults += [
        Fault(file, 1, f"No patient shows that {branch.child} alone decides {branch.group or 'the whole'}; add one.")
        for branch in report.uncovered_branches
    ]
    return replace(checked, faults=tuple(faults)), report


def code_faults(text: str, *, file: str, libraries: Mapping[str, str], is_valid: IsValid) -> tuple[Fault, ...]:
    """Return the faults of the codes alone, where dated lists are loaded.

    Raises:
        DocumentInvalid: the document cannot be read.
    """
    faults, _unchecked = _codes(parse_guideline(text, file=file, libraries=libraries), _Lines(file, text), is_valid)
    return tuple(faults)


def _in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.file, fault.line)))


class _Lines:
    """Finds the line of a piece of text in the document, for messages."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    def fault(self, part: str, sentence: str) -> Fault:
        found = re.search(part, self.text, re.MULTILINE)
        return Fault(self.file, self.text[: found.start()].count("\n") + 1 if found else 1, sentence)

    def fault_of(self, leaf: Leaf, sentence: str) -> Fault:
        return self.fault(rf"key:\s*\"?{re.escape(leaf.key)}\"?\s*$", f"Criterion {leaf.key}: {sentence}")


def definitions_used_by(cql: str) -> dict[str, frozenset[str]]:
    """Return for every definition and function of a CQL text the names its body uses."""
    bare = _STRING.sub("''", _COMMENT.sub("", cql))
    starts = list(_DEFINE.finditer(bare))
    names = {found.group(2) or found.group(3) for found in starts}
    used: dict[str, frozenset[str]] = {}
    for number, found in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(bare)
        body = {quoted or word for quoted, word in _NAME.findall(bare[found.end() : end])}
        name = found.group(2) or found.group(3)
        used[name] = used.get(name, frozenset()) | (body & names)
    return used


def _unused(guideline: Guideline, finder: _Lines) -> Iterable[Fault]:
    """Find definitions that no criterion reaches; “// unused: reason” above one says that it is meant."""
    used = definitions_used_by(guideline.cql)
    reached: set[str] = set()
    waiting = [leaf.definition for leaf in guideline.leaves] + [leaf.says for leaf in guideline.leaves if leaf.says]
    waiting += [answer.prefill for answer in guideline.answers.values() if answer.prefill]
    waiting += [wanted.while_unknown for leaf in guideline.leaves for wanted in leaf.missing if wanted.while_unknown]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += used.get(name, ())
    said = {quoted or word for quoted, word in _SAID.findall(guideline.cql)}
    for name in used:
        if name not in reached and name not in said:
            yield finder.fault(
                rf'define\s+(?:function\s+)?"?{re.escape(name)}"?',
                f"No criterion uses the definition “{name}”. Remove it, or write “// unused: reason” above it.",
            )


def _reading(guideline: Guideline, finder: _Lines) -> Iterable[Fault]:
    for name, aim, hardest in (("plain", PLAIN_AIM, PLAIN_HARDEST), ("question", QUESTION_AIM, QUESTION_HARDEST)):
        for language in ("en", "es"):
            by_leaf = {leaf: getattr(getattr(leaf, name), language) for leaf in guideline.leaves}
            all_of_them = grade(by_leaf.values(), language)
            if all_of_them and all_of_them.value > aim:
                yield finder.fault(
                    rf"^\s*{name}:",
                    f"“{name}” ({language}) reads at grade {all_of_them.value} over all criteria; the aim is {aim:g}. "
                    "Use shorter sentences and shorter words.",
                )
            for leaf, text in by_leaf.items():
                one = grade([text], language)
                if one and one.value > hardest:
                    yield finder.fault_of(
                        leaf,
                        f"“{name}” ({language}) reads at grade {one.value}; the most is {hardest:g}. Say it shorter.",
                    )


def _words(guideline: Guideline, finder: _Lines) -> Iterable[Fault]:
    """Find what people need and the format alone does not force."""
    if not guideline.authorities:
        yield finder.fault(r"^authority:|^scope:", "The front matter needs “authority”: what the criteria rest on.")
    for leaf in guideline.leaves:
        for name in ("question", "plain", "to_satisfy"):
            text = getattr(leaf, name)
            if text.en.strip() == text.es.strip():
                yield finder.fault_of(leaf, f"“{name}” stands in the same words in both languages; translate it.")
        for name in ("question", "plain"):
            if not getattr(leaf, name).en.rstrip().endswith("?"):
                yield finder.fault_of(leaf, f"“{name}” must be a question and end with “?”.")


def _codes(guideline: Guideline, finder: _Lines, is_valid: IsValid | None) -> tuple[list[Fault], int]:
    """Check every code on the first day the guideline holds, where a dated list is loaded."""
    faults: list[Fault] = []
    unchecked = 0
    day = guideline.effective_from
    named = {"the scope": guideline.scope.services, **guideline.value_sets}
    for name, pairs in named.items():
        for system, code in dict.fromkeys(pairs):
            answer = is_valid(system, code, day) if is_valid else None
            if answer is None:
                unchecked += 1
            elif not answer:
                faults.append(
                    finder.fault(
                        rf"\b{re.escape(code)}\b",
                        f"{system} {code} of {name} does not hold on {day.isoformat()}; take a code that does.",
                    )
                )
    return faults, unchecked


def _logic_warnings(
    guideline: Guideline, program: Program, finder: _Lines, libraries: Mapping[str, str]
) -> Iterable[Fault]:
    """Tell what the compiler warned of, with its line in the document or in the shared library."""
    for found in program.library.warnings:
        sentence = f"{found.message} {found.suggestion}".strip()
        shared = guideline.libraries.get(found.library)
        if shared is None:
            yield Fault(finder.file, guideline.cql_line + found.line - 1, sentence)
            continue
        is_carried = shared.strip() in finder.text
        whole = finder.text if is_carried else libraries.get(found.library, shared)
        above = whole[: max(0, whole.find(shared.strip()))].count("\n")
        yield Fault(finder.file if is_carried else f"{found.library}.cql", above + found.line, sentence)


def _check_digits(guideline: Guideline, finder: _Lines) -> Iterable[Fault]:
    """Find SNOMED CT codes that no release can hold."""
    named = {"the scope": guideline.scope.services, **guideline.value_sets}
    for name, pairs in named.items():
        for system, code in dict.fromkeys(pairs):
            if system == "SNOMED" and not snomed_is_valid(code):
                yield finder.fault(
                    rf"\b{re.escape(code)}\b",
                    f"SNOMED {code} of {name} has a wrong check digit; look the code up again.",
                )


def _outside(scope: Scope, patient: Patient) -> Iterable[str]:
    """Name what puts a test patient outside the scope: for such a person the guideline would not be chosen."""
    if patient.service not in scope.services:
        yield "service"
    if patient.line_of_business and scope.lines_of_business and patient.line_of_business not in scope.lines_of_business:
        yield "line of business"
    age = age_on(patient.born, patient.request_date) or 0
    if (scope.age_from or 0) > age or (scope.age_to is not None and age >= scope.age_to):
        yield "age"


def _tests(guideline: Guideline, patients: Iterable[Patient], finder: _Lines) -> Iterable[Fault]:
    """Check that patients exist, name every criterion, and together want each one met, not met and unknown."""
    patients = tuple(patients)
    keys = {leaf.key for leaf in guideline.leaves}
    if not patients:
        yield Fault(
            finder.file, 1, "There are no test patients. Add a ```patients block; see the README of guidelines."
        )
        return
    for patient in patients:
        where = (patient.file, patient.line)
        for key in sorted(keys - set(patient.expected)):
            yield Fault(*where, f"“expect” of the patient “{patient.name}” does not say {key}.")
        for key in sorted((set(patient.expected) | set(patient.names)) - keys):
            yield Fault(*where, f"The patient “{patient.name}” names the criterion {key}, which does not exist.")
        for link in sorted(set(patient.answers) - set(guideline.answers)):
            yield Fault(*where, f"The patient “{patient.name}” answers “{link}”, which no criterion asks.")
        for what in _outside(guideline.scope, patient):
            yield Fault(*where, f"The {what} of the patient “{patient.name}” is not in the scope.")
        for key in sorted(set(patient.names) & keys):
            if patient.expected.get(key) is not FindingValue.UNKNOWN:
                yield Fault(*where, f"The patient “{patient.name}” names what is missing for {key}; expect it unknown.")
    for leaf in guideline.leaves:
        wanted = {patient.expected.get(leaf.key) for patient in patients}
        absent = [value.replace("_", " ") for value in VALUES if value not in wanted]
        if absent:
            yield finder.fault_of(leaf, f"no test patient expects it {' or '.join(absent)}; add one.")
