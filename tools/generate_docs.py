"""Write docs/generated: catalogues, diagrams, maps and interface documents, drawn from the code.

`python -m tools.generate_docs` writes the files; with --check it only says which are out of date.
"""

import argparse
import json
import os
import sys
from dataclasses import fields
from pathlib import Path

from tools import requirements
from tools.access_table import access_table
from tools.letters_table import letters_table
from tools.regulator_map import regulator_map

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "docs" / "generated"
MADE = "Made by `make generated` from the code; do not edit.\n"


def main() -> int:
    """Write or compare the generated documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of date")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    stale = []
    made = {
        "access.md": access_table(MADE),
        "events.md": events(),
        "line-status.md": statuses(),
        "appeal-states.md": appeal_states(),
        "openapi.json": openapi(),
        "letters.md": letters_table(MADE),
        "regulator-map.md": regulator_map(MADE),
        "requirements.md": requirements.table(MADE),
    }
    for name, text in made.items():
        file = GENERATED / name
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(f"docs/generated/{name}")
        if not options.check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if stale and options.check:
        print(f"Out of date: {', '.join(stale)}. Run make generated and commit the result.", file=sys.stderr)
        return 1
    return 0


def events() -> str:
    """Return the table of all events, what they carry and what follows them."""
    from openum.audit import CATALOGUE, Event, handlers_of

    common = {field.name for field in fields(Event)}
    lines = [
        "# Events",
        "",
        MADE,
        "Each event also carries its case, its lines and a cause, and is recorded with who and when.",
        "",
        "| event | folder | version | carries | what follows, in this order | meaning |",
        "|---|---|---|---|---|---|",
    ]
    ours = {name: event for name, event in CATALOGUE.items() if event.__module__.startswith("openum.")}
    for name, event in sorted(ours.items(), key=lambda item: (_folder(item[1].__module__), item[0])):
        own = ", ".join(f"`{field.name}`" for field in fields(event) if field.name not in common) or "–"
        follows = ", ".join(f"`{_function(handler)}`" for handler in handlers_of(event)) or "nothing"
        meaning = (event.__doc__ or "").strip().split("\n", maxsplit=1)[0].replace("|", "\\|")
        lines.append(
            f"| {name} | {_folder(event.__module__)} | {event.schema_version} | {own} | {follows} | {meaning} |"
        )
    return "\n".join(lines) + "\n"


def openapi() -> str:
    """Return the OpenAPI document of the interfaces, from the addresses they serve."""
    from openum.adapters.openapi import document

    return json.dumps(document(base_url="https://um.example"), indent=2, ensure_ascii=False) + "\n"


def _folder(module: str) -> str:
    return "/".join(module.split(".")[1:-1])


def _function(handler: object) -> str:
    module = getattr(handler, "__module__", "")
    return f"{_folder(module) or module}.{getattr(handler, '__name__', repr(handler))}"


def appeal_states() -> str:
    """Return the table of the states of an appeal, from the table that the services use."""
    from openum.appeals.rules.states import MAY_BECOME

    lines = [
        "# States of an appeal",
        "",
        MADE,
        "| state | may become |",
        "|---|---|",
        *(
            f"| {state.value} | {', '.join(sorted(following)) or 'nothing: it has ended'} |"
            for state, following in MAY_BECOME.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def statuses() -> str:
    """Return the table and the diagram of the statuses a line may take, from the table that the services use."""
    from openum.cases.rules import STATUS_TABLE

    lines = [
        "# Statuses of a service line",
        "",
        MADE,
        "| status | who has it | staff read | requesters read | members read |",
        "|---|---|---|---|---|",
        *(
            f"| {status.value} | {row.owner} | {row.staff} | {row.requester} | {row.member} |"
            for status, row in STATUS_TABLE.items()
        ),
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> received",
    ]
    for current, row in STATUS_TABLE.items():
        lines += [f"    {current.value} --> {target.value}" for target in sorted(row.may_become)]
    return "\n".join([*lines, "```"]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
