"""`openum criteria check|test [FILE…]`: validate guideline documents and run their test patients."""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import openum
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.criteria.checks import Checked
    from openum.criteria.pack import PackFile
    from openum.criteria.trials import Report

POLICIES = Path(openum.__file__).resolve().parent.parent / "policies"


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("criteria", help="check guideline documents and run their test patients")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, run, words in (
        ("check", check, "everything a guideline must be: logic, tests, codes, reading grade, languages, sources"),
        ("test", test, "run the test patients and show what they cover"),
    ):
        action = actions.add_parser(name, help=words)
        action.add_argument("files", metavar="FILE", nargs="*", help="guideline documents; none: the policy pack")
        action.add_argument("--policies", metavar="DIR", type=Path, default=POLICIES, help="folder of the policy pack")
        action.set_defaults(run=run)


def check(options: argparse.Namespace) -> int:
    """Print every fault with file and line; exit with 1 when there is one."""
    faulty = 0
    for document in _documents(options):
        found = _checked(document)
        faulty += bool(found.faults)
        for fault in found.faults:
            print(fault)
        if not found.faults:
            unchecked = f"  ({found.unchecked_codes} codes not checked: no dated list is loaded)"
            print(f"{document.name}: in order{unchecked if found.unchecked_codes else ''}")
    return 1 if faulty else 0


def test(options: argparse.Namespace) -> int:
    """Run the patients; exit with 1 when one came out otherwise or something is not covered."""
    from openum.criteria.faults import DocumentInvalid
    from openum.criteria.trials import run_patients

    incomplete = 0
    for document in _documents(options):
        found = _checked(document)
        if found.program is None:
            incomplete += 1
            print(*found.faults, sep="\n")
            continue
        try:
            report = run_patients(found.program)
        except DocumentInvalid as error:
            incomplete += 1
            print(error)
            continue
        incomplete += not report.is_complete
        print("\n".join(lines_of(document.name, report)))
    return 1 if incomplete else 0


def lines_of(name: str, report: "Report") -> Iterator[str]:
    """Write one report: failures, then criterion by value, then the branches."""
    from openum.criteria.trials import VALUES

    right = len(report.trials) - len(report.failures)
    yield f"{name}: {right} of {len(report.trials)} patients as expected"
    for trial in report.failures:
        yield f"  {trial.patient.file}:{trial.patient.line}: {trial.patient.name}"
        yield from (f"    {miss}" for miss in trial.misses)
    if not report.trials:
        return
    width = max(9, *(len(key) for key, _counts in report.leaves))
    yield f"  {'criterion':<{width}}  {'met':>7}  {'not met':>7}  {'unknown':>7}"
    for key, counts in report.leaves:
        numbers = "  ".join(f"{counts[value] or '-':>7}" for value in VALUES)
        yield f"  {key:<{width}}  {numbers}"
    covered = sum(branch.is_covered for branch in report.branches)
    yield f"  {covered} of {len(report.branches)} branches decided alone by some patient"
    for key, value in report.uncovered_leaves:
        yield f"  not covered: {key} {value.replace('_', ' ')}"
    for branch in report.uncovered_branches:
        yield f"  not covered: {branch.child} as what alone decides {branch.group or 'the whole'} ({branch.mode})"


def _checked(document: "PackFile") -> "Checked":
    from openum.criteria.checks import check_document

    return check_document(document.text, file=document.name, libraries=document.libraries, patients=document.patients)


def _documents(options: argparse.Namespace) -> "Iterable[PackFile]":
    from openum.criteria.pack import guideline_file, guideline_files

    if not options.files:
        found = list(guideline_files(options.policies))
        if not found:
            raise CommandFailed(
                f"There is no guideline below {options.policies}. Name the files, or give --policies DIR."
            )
        return found
    try:
        return [guideline_file(Path(file), root=options.policies) for file in options.files]
    except OSError as error:
        raise CommandFailed(f"The file {error.filename} cannot be read: {error.strerror}.") from error
