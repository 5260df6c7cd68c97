"""`openum criteria check|test [FILE…]` for guideline documents, `openum criteria replay|packet CASE` for findings."""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import openum
from openum.cli import environment, simulate
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.cases.models import Case
    from openum.criteria.checks import Checked, IsValid
    from openum.criteria.pack import PackFile
    from openum.criteria.trials import Report

POLICIES = Path(openum.__file__).resolve().parent.parent / "policies"


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("criteria", help="check and test guideline documents; replay findings")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, run, words in (
        ("check", check, "everything a guideline must be: logic, tests, codes, reading grade, languages, sources"),
        ("test", test, "run the test patients and show what they cover"),
    ):
        action = actions.add_parser(name, help=words)
        action.add_argument("files", metavar="FILE", nargs="*", help="guideline documents; none: the policy pack")
        action.add_argument("--policies", metavar="DIR", type=Path, default=POLICIES, help="folder of the policy pack")
        action.set_defaults(run=run)
        if run is check:
            action.add_argument("--data", metavar="DIR", help="check codes by the dated lists of this data directory")
    simulate.add_action(actions)
    action = actions.add_parser("replay", help="answer the findings of a case again from stored rows and compare")
    action.add_argument("number", metavar="CASE", help="case number, like C-26-0000001")
    action.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    action.set_defaults(run=replay)
    action = actions.add_parser("packet", help="print the evidence of a case for an independent reviewer, as Markdown")
    action.add_argument("number", metavar="CASE", help="case number, like C-26-0000001")
    action.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    action.set_defaults(run=packet)


def check(options: argparse.Namespace) -> int:
    """Print every fault and warning with file and line; exit with 1 when there is a fault."""
    faulty = 0
    is_valid = _validity(options.data)
    for document in _documents(options):
        found = _checked(document, is_valid)
        faulty += bool(found.faults)
        for fault in found.faults:
            print(fault)
        for warning in found.warnings:
            print(f"{warning} (warning)")
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


def replay(options: argparse.Namespace) -> int:
    """Replay every finding of the rule engine on a case; exit with 1 when one comes out otherwise."""
    case = _case(options, why="openum criteria replay on the command line")
    from openum.criteria.replay import replay_case

    replays = replay_case(case)
    for one in replays:
        finding = one.finding
        guideline = f"{finding.policy.key} {finding.policy.version}" if finding.policy else ""
        said = "same" if one.is_same else "; ".join(one.differences)
        print(f"line {finding.line.sequence}  {guideline}  {finding.leaf}  {finding.value}  {said}")
    different = sum(not one.is_same for one in replays)
    print(f"{len(replays)} findings replayed; {different} came out otherwise.")
    return 1 if different else 0


def packet(options: argparse.Namespace) -> None:
    """Print the map of every line as the last decision or evaluation froze it."""
    case = _case(options, why="openum criteria packet on the command line")
    from openum.cases.queries import current_lines
    from openum.criteria.queries import current_map, latest_map
    from openum.criteria.renderers.appeal import packet_of, text_of
    from openum.criteria.snapshots import view_of

    for line in current_lines(case):
        frozen = latest_map(line)
        view = view_of(frozen.snapshot) if frozen else current_map(line)
        print(f"Case {case.number}, line {line.sequence}, {line.code}")
        print("\n".join(text_of(packet_of(view))), end="\n\n")


def _case(options: argparse.Namespace, *, why: str) -> "Case":
    """Return the case of a command, and note that its data was read."""
    environment.prepare(options.data)
    environment.start_django()
    from openum import audit
    from openum.accounts.queries import rules_engine
    from openum.cases.models import Case
    from openum.db import clock

    case = Case.objects.select_related("plan").filter(number=options.number).first()
    if case is None:
        raise CommandFailed(f"There is no case {options.number} in this data directory.")
    audit.record_reads(by=rules_engine(), at=clock.now(), case_ids=[case.public_id], why=why)
    return case


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


def _validity(data: str | None) -> "IsValid | None":
    """Return what the dated code lists of a data directory say; without one, codes are not checked."""
    if data is None:
        return None
    environment.prepare(data)
    environment.start_django()
    from openum.criteria.queries import validity_of_codes

    return validity_of_codes()


def _checked(document: "PackFile", is_valid: "IsValid | None" = None) -> "Checked":
    from openum.criteria.checks import check_document

    return check_document(
        document.text,
        file=document.name,
        libraries=document.libraries,
        patients=document.patients,
        is_valid=is_valid,
    )


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
