"""`openum submit FILE`: send a FHIR bundle to a running installation and show its answer."""

import argparse
import json
import os
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError

from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

VERSIONS = ("2.0", "2.2")


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("submit", help="send a prior authorization bundle (FHIR) and show the answer")
    parser.add_argument("file", metavar="FILE", help="a PAS request bundle in JSON")
    parser.add_argument("--data", metavar="DIR", default="./demo-data", help="demo to send it to (default ./demo-data)")
    parser.add_argument("--url", help="address of another installation; then give --token too")
    parser.add_argument("--token", help="the client's token (default: the demo's sandbox client, or OPENUM_TOKEN)")
    parser.add_argument("--fhir", choices=VERSIONS, default="2.0", help="version of the guide (default 2.0)")
    parser.add_argument("--raw", action="store_true", help="print the answer as it came")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Send the file; exit 1 when the answer is a refusal."""
    try:
        body = Path(options.file).read_bytes()
    except OSError as error:
        raise CommandFailed(f"{options.file} cannot be read: {error.strerror}.") from error
    url, token = _where(options)
    status, answer = _post(f"{url}/fhir/{options.fhir}/Claim/$submit", body, token)
    if options.raw:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        for line in lines_of(answer):
            print(line)
    return 0 if status < 400 else 1


def _where(options: argparse.Namespace) -> tuple[str, str]:
    token = options.token or os.environ.get("OPENUM_TOKEN", "")
    if options.url:
        if not token:
            raise CommandFailed("No token is given. Add --token or set OPENUM_TOKEN.")
        return options.url.rstrip("/"), token
    about = Path(options.data) / "demo.json"
    if not about.is_file():
        raise CommandFailed(
            f"There is no demo in {options.data}. Start one with openum demo, or give --url and --token."
        )
    demo = json.loads(about.read_text(encoding="utf-8"))
    return str(demo["url"]), token or str(demo["token"])


def _post(url: str, body: bytes, token: str) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 the caller chose the address
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status), _decoded(answer.read())
    except HTTPError as error:
        return error.code, _decoded(error.read())
    except URLError as error:
        raise CommandFailed(f"Nobody answers at {url}. Is openum demo running?") from error


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        raise CommandFailed("The answer is not JSON; the address is probably not OpenUM's.") from None
    return content if isinstance(content, dict) else {}


def lines_of(answer: dict[str, Any]) -> list[str]:
    """Return what a person wants to know of an answer: outcome, numbers, what became of each line, or the issues."""
    if answer.get("resourceType") == "OperationOutcome":
        return [
            f"{issue.get('severity')}: {issue.get('diagnostics') or issue.get('details', {}).get('text', '')}"
            for issue in answer.get("issue", [])
        ]
    responses = [
        entry["resource"]
        for entry in answer.get("entry", [])
        if entry.get("resource", {}).get("resourceType") == "ClaimResponse"
    ]
    lines: list[str] = []
    for response in responses:
        lines.append(f"{response.get('outcome', '?')}: {response.get('disposition', '')}".rstrip(": "))
        lines += [f"  line {item.get('itemSequence')}: {_action(item)}" for item in response.get("item", [])]
        lines += [f"  error {_code(error.get('code', {}))}" for error in response.get("error", [])]
        lines += [f"  note: {note.get('text', '')}" for note in response.get("processNote", [])]
    return lines or ["The answer holds no ClaimResponse; see --raw."]


def _action(item: dict[str, Any]) -> str:
    for part in (extension for each in item.get("adjudication", []) for extension in each.get("extension", [])):
        if part.get("url", "").endswith("extension-reviewAction"):
            inner = {each.get("url", "").rsplit("/", 1)[-1]: each for each in part.get("extension", [])}
            code = _code(inner.get("extension-reviewActionCode", {}).get("valueCodeableConcept", {}))
            number = inner.get("number", {}).get("valueString", "")
            return f"{code} {number}".strip()
    return "no action"


def _code(concept: dict[str, Any]) -> str:
    coding = (concept.get("coding") or [{}])[0]
    return f"{coding.get('code', '?')} {coding.get('display', '')}".strip()
