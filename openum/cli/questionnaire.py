"""`openum questionnaire load FILE…` and `list`: forms that a payer wrote elsewhere, stored as immutable versions."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.accounts.models import Plan


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("questionnaire", help="store and list forms that a payer wrote elsewhere")
    parts = parser.add_subparsers(title="parts", metavar="PART", required=True)
    load = parts.add_parser("load", help="check a Questionnaire with its libraries and value sets, and store it")
    load.add_argument("files", nargs="+", type=Path, metavar="FILE", help="FHIR JSON; several files make one form")
    load.add_argument("--plan", help="key of the plan whose form it is; without it every plan may use it")
    load.add_argument("--from", dest="effective_from", type=date.fromisoformat, metavar="DATE",
                      help="first day on which it is handed out (default: today)")  # fmt: skip
    load.add_argument("--source", default="", help="who wrote it (default: the publisher, else the name of the file)")
    load.add_argument("--check", action="store_true", help="only say what is wrong with it")
    load.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    load.set_defaults(run=run_load)
    listing = parts.add_parser("list", help="list the stored forms")
    listing.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    listing.set_defaults(run=run_list)


def run_load(options: argparse.Namespace) -> int:
    """Check and store one form; every fault is printed with its place and the cure."""
    environment.prepare(options.data)
    environment.start_django()
    from openum.accounts.queries import rules_engine
    from openum.db import clock
    from openum.forms.services import store_form
    from openum.forms.uploads import FormInvalid, read_upload

    try:
        upload = read_upload([_read(file) for file in options.files])
    except FormInvalid as refusal:
        raise CommandFailed("\n".join(f"error: {fault}" for fault in refusal.faults)) from None
    for fault in upload.warnings:
        print(f"warning: {fault}")
    form = upload.questionnaire
    if options.check:
        print(f"{form['url']}|{form['version']} can be stored.")
        return 0
    at = clock.now()
    policy = store_form(
        upload=upload, plan=_plan(options.plan), by=rules_engine(), at=at,
        source=options.source or str(form.get("publisher") or options.files[0].name),
        effective_from=options.effective_from or at.date(),
    )  # fmt: skip
    print(f"stored {policy.key}|{policy.version}")
    return 0


def run_list(options: argparse.Namespace) -> int:
    """Print the stored forms, one a line: address with version, plan, first day."""
    environment.prepare(options.data)
    environment.start_django()
    from openum.forms.queries import stored_forms

    for policy in stored_forms():
        plan = policy.plan.key if policy.plan else "every plan"
        print(f"{policy.key}|{policy.version}\t{plan}\t{policy.effective_from}")
    return 0


def _read(file: Path) -> Any:
    import orjson

    try:
        return orjson.loads(file.read_bytes())
    except OSError as error:
        raise CommandFailed(f"{file}: {error.strerror}.") from None
    except orjson.JSONDecodeError as error:
        raise CommandFailed(f"{file}: not JSON (line {error.lineno}, column {error.colno}).") from None


def _plan(key: str | None) -> "Plan | None":
    from openum.accounts.models import Plan

    if key is None:
        return None
    plan = Plan.objects.filter(key=key).first()
    if plan is None:
        known = ", ".join(Plan.objects.order_by("key").values_list("key", flat=True))
        raise CommandFailed(f"There is no plan {key}. Known: {known}.")
    return plan
