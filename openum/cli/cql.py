"""`openum cql eval`: one expression, or the definitions of a library, over the records of a bundle."""

import argparse
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.cql import Answer, Library

Pair = tuple[str | None, str | None]


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("cql", help="evaluate Clinical Quality Language")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    evaluate = actions.add_parser(
        "eval",
        help="evaluate an expression or a library",
        description='Prints JSON: an answer names its type, as in {"Integer": 1}; null is unknown.',
    )
    evaluate.add_argument("source", metavar="FILE|EXPRESSION", help="a file of CQL, or an expression")
    evaluate.add_argument("--bundle", metavar="FILE", help="FHIR Bundle, or list of resources, of one person (JSON)")
    evaluate.add_argument(
        "--define", metavar="NAME", action="append", help="definition to evaluate; may be repeated; all when left out"
    )
    evaluate.add_argument(
        "--parameter", metavar="NAME=CQL", action="append", default=[], help="a parameter as a CQL expression"
    )
    evaluate.add_argument(
        "--value-sets",
        metavar="FILE",
        help='members by name or address (JSON): [[system, code], …], ["system|code", …] or a FHIR ValueSet',
    )
    evaluate.add_argument(
        "--include", metavar="FOLDER", action="append", default=[], help="folder of included libraries"
    )
    evaluate.add_argument(
        "--now", metavar="TIME", help="what Now() answers, as 2026-11-23T09:00:00-05:00; else the clock"
    )
    evaluate.add_argument("--explain", action="store_true", help="print evidence, missing elements and errors as well")
    evaluate.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the answers; 1 when a definition could not be evaluated."""
    from openum.cql import CaseData, CqlError, CqlRuntimeError, compile_expression, compile_library, eval_expression

    now = moment(options.now)
    try:
        text, includes = source_of(options.source, options.include)
        if not options.bundle and not is_library(options.source):
            print(json.dumps(eval_expression(text, now=now), ensure_ascii=False))
            return 0
        whole = is_library(options.source)
        library = compile_library(text, includes=includes) if whole else compile_expression(text)
        parameters = dict(parameter(given, now) for given in options.parameter)
        bundle = read_json(options.bundle) if options.bundle else []
        data = CaseData.from_resources(bundle) if isinstance(bundle, list) else CaseData.from_bundle(bundle)
        sets = value_sets(read_json(options.value_sets)) if options.value_sets else {}
        found = library.evaluate(data, now=now, parameters=parameters, value_sets=sets, only=options.define)
    except (CqlError, CqlRuntimeError) as error:
        raise CommandFailed(str(error)) from error
    print(json.dumps(shown(library, found, explain=options.explain), ensure_ascii=False, indent=2))
    failed = [answer for answer in found.values() if answer.error is not None]
    if failed and not options.explain:
        raise CommandFailed(f"{failed[0].name} could not be evaluated: {failed[0].error}")
    return 1 if failed else 0


def shown(library: "Library", found: Mapping[str, "Answer"], *, explain: bool) -> dict[str, Any]:
    """Return the answers as JSON, with what they rest on when asked for."""
    from openum.cql.expression import to_json

    if not explain:
        return {name: to_json(answer.value) for name, answer in found.items()}
    answers: dict[str, Any] = {
        name: {
            "value": to_json(answer.value),
            "type": library.result_type(name),
            "evidence": list(answer.evidence),
            "missing": [m.note for m in answer.missing],
            "error": answer.error,
        }
        for name, answer in found.items()
    }
    if library.warnings:
        answers["warnings"] = [
            f"Line {w.line}, column {w.column}: {w.message} {w.suggestion}".strip() for w in library.warnings
        ]
    return answers


def is_library(source: str) -> bool:
    """Say whether the argument is a file."""
    return source.endswith(".cql") or (len(source) < 500 and "\n" not in source and Path(source).is_file())


def source_of(source: str, folders: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Return the CQL to evaluate and the libraries it may include, by name.

    Raises:
        CommandFailed: a file that cannot be read.
    """
    libraries: dict[str, str] = {}
    given = list(folders)
    if is_library(source):
        given.append(str(Path(source).parent))
    for folder in given:
        for path in sorted(Path(folder).glob("*.cql")):
            if not is_library(source) or path.resolve() != Path(source).resolve():
                libraries.setdefault(path.stem, read_text(path))
    return (read_text(Path(source)), libraries) if is_library(source) else (source, libraries)


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        CommandFailed: it cannot be read.
    """
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{path} cannot be read as text.") from error


def read_json(name: str) -> Any:
    """Return a file's JSON.

    Raises:
        CommandFailed: it cannot be read, or is no JSON object or list.
    """
    try:
        found = json.loads(read_text(Path(name)))
    except ValueError as error:
        raise CommandFailed(f"{name} is no JSON.") from error
    if not isinstance(found, dict | list):
        raise CommandFailed(f"{name} holds neither an object nor a list.")
    return found


def moment(text: str | None) -> datetime:
    """Return the moment asked for, UTC when it names no offset; the present one when it is left out.

    Raises:
        CommandFailed: the text is no time.
    """
    try:
        found = datetime.fromisoformat(text) if text else datetime.now(UTC)
    except ValueError as error:
        raise CommandFailed(f"“{text}” is no time; write it as 2026-11-23T09:00:00-05:00.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def parameter(given: str, now: datetime) -> tuple[str, Any]:
    """Return a parameter's name and value; the value is a CQL expression.

    Raises:
        CommandFailed: there is no “=”.
        CqlError, CqlRuntimeError: the expression has no value.
    """
    from openum.cql import CaseData, CqlRuntimeError, compile_expression

    name, equals, text = given.partition("=")
    if not equals:
        raise CommandFailed(f"“{given}” is no parameter; write NAME=CQL, such as Ordered=@2026-11-23.")
    answer = compile_expression(text).evaluate(CaseData(()), now=now)["Result"]
    if answer.error is not None:
        raise CqlRuntimeError(f"The parameter {name} has no value: {answer.error}")
    return name, answer.value


def value_sets(given: Any) -> dict[str, list[Pair]]:
    """Return (system, code) pairs by name, from one of the forms that are taken.

    Raises:
        CommandFailed: another form.
    """
    if isinstance(given, dict) and given.get("resourceType") == "ValueSet":
        given = [given]
    if isinstance(given, list):
        return {str(v[key]): members(v) for v in given if isinstance(v, dict) for key in ("url", "name") if v.get(key)}
    return {str(name): members(listed) for name, listed in given.items()}


def members(listed: Any) -> list[Pair]:
    """Return the (system, code) pairs of one value set.

    Raises:
        CommandFailed: an entry that is no code.
    """
    if isinstance(listed, dict):
        expansion = listed.get("expansion", {}).get("contains", [])
        composed = listed.get("compose", {}).get("include", [])
        pairs = [(c.get("system"), c.get("code")) for c in expansion]
        return pairs or [(i.get("system"), c.get("code")) for i in composed for c in i.get("concept", [])]
    found: list[Pair] = []
    for entry in listed if isinstance(listed, list) else [listed]:
        if isinstance(entry, str) and "|" in entry:
            system, _, code = entry.rpartition("|")
            found.append((system, code))
        elif isinstance(entry, list) and len(entry) == 2:
            found.append((entry[0], entry[1]))
        elif isinstance(entry, dict) and "code" in entry:
            found.append((entry.get("system"), entry["code"]))
        else:
            raise CommandFailed(f'{json.dumps(entry)[:80]} is no code; write [system, code] or "system|code".')
    return found
