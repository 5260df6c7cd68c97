"""`openum fhir validate`: FHIR messages checked against R4 and the profiles of the guides."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.adapters.fhir.validation import Report

CODE_INVALID, CODE_UNREADABLE = 1, 2


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("fhir", help="check FHIR messages")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    validate = actions.add_parser(
        "validate",
        help="check files against FHIR R4 and the Da Vinci profiles",
        description="Exit code 0: valid, perhaps with warnings. 1: at least one error. 2: a file or profile is unusable. "
        "A file holds one resource, or a CDS Hooks call or answer, whose resources are checked one by one.",
    )
    validate.add_argument("files", metavar="FILE", nargs="+", help="a resource in JSON; - is standard input")
    validate.add_argument(
        "--profile", metavar="URL", action="append", default=[],
        help="a profile that the whole must conform to, beside those it claims; its last part is enough; may be repeated",
    )  # fmt: skip
    validate.add_argument("--version", choices=("2.0", "2.2"), default="2.2", help="of the guides (default 2.2)")
    validate.add_argument("--base", action="store_true", help="check against FHIR R4 alone")
    validate.add_argument("--json", action="store_true", help="print JSON")
    validate.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what is found; see the description for exit codes."""
    from openum.adapters.fhir.validation import EDITIONS, check
    from openum.adapters.fhir.validation.profiles import profile_named

    edition = EDITIONS[options.version]
    profiles = []
    for name in options.profile:
        canonical = profile_named(name, edition)
        if canonical is None:
            raise CommandFailed(
                f"The profile “{name}” is not known in version {options.version}.", exit_code=CODE_UNREADABLE
            )
        profiles.append(canonical)
    reports: list[tuple[str, Report]] = []
    for file in options.files:
        for place, resource in _resources(_read(file)):
            found = check(resource, profiles=profiles, edition=edition, claimed=not options.base)
            reports.append((f"{file}{place}", found))
    print(_as_json(reports) if options.json else _as_text(reports))
    return CODE_INVALID if any(report.errors for _, report in reports) else 0


def _read(file: str) -> Any:
    """Return a file's JSON.

    Raises:
        CommandFailed: it cannot be read, or is no JSON.
    """
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return json.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        raise CommandFailed(f"{file} cannot be read.", exit_code=CODE_UNREADABLE) from error
    except UnicodeDecodeError as error:
        raise CommandFailed(f"{file} is not written in UTF-8.", exit_code=CODE_UNREADABLE) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise CommandFailed(f"{file} is no JSON ({place}).", exit_code=CODE_UNREADABLE) from error
    except RecursionError as error:
        raise CommandFailed(f"{file} is nested too deeply.", exit_code=CODE_UNREADABLE) from error


def _resources(content: Any) -> list[tuple[str, Any]]:
    """Return the resource of a file, or those inside a CDS Hooks message with their places."""
    if not isinstance(content, dict) or "resourceType" in content:
        return [("", content)]
    found: list[tuple[str, Any]] = []
    waiting: list[tuple[str, Any]] = [("", content)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, dict) and isinstance(node.get("resourceType"), str):
            found.append((f" {place.removeprefix('.')}", node))
        elif isinstance(node, dict):
            waiting += [(f"{place}.{name}", value) for name, value in reversed(node.items())]
        elif isinstance(node, list):
            waiting += [(f"{place}[{index}]", value) for index, value in reversed(list(enumerate(node)))]
    return found or [("", content)]


def _as_json(reports: "list[tuple[str, Report]]") -> str:
    listed = [
        {"file": name, "valid": not report.errors, "issues": [one.as_json() for one in report.violations]}
        for name, report in reports
    ]
    return json.dumps(listed, ensure_ascii=False, indent=2)


def _as_text(reports: "list[tuple[str, Report]]") -> str:
    lines: list[str] = []
    for name, report in reports:
        errors = len(report.errors)
        word = "valid" if not errors else f"{errors} error{'s' if errors > 1 else ''}"
        others = len(report.violations) - errors
        lines.append(f"{name}: {word}" + (f", {others} other remark{'s' if others > 1 else ''}" if others else ""))
        for one in report.violations:
            lines.append(f"  {one.severity}: {one.path} [{one.rule}] {one.text} {one.cure}".rstrip())
            if one.profile:
                lines.append(f"      asked by {one.profile}")
    return "\n".join(lines)
