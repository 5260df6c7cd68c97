"""`openum needs --code … --product …`: does a service need authorization, and which documents?

`openum needs --check FILE …`: what is wrong with requirement lists, line by line, before they are published.
"""

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.directory.models import Product
    from openum.needs.queries import Assessment


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("needs", help="does a service need authorization, and which documents?")
    parser.add_argument("--check", nargs="+", metavar="FILE", help="check requirement lists and do nothing else")
    parser.add_argument("--code", help="SYSTEM|code, like CPT|12345; CPT and HCPCS may be left out")
    parser.add_argument("--product", help="key of the product")
    parser.add_argument("--plan", help="key of the plan, where two plans have a product of that key")
    parser.add_argument("--place", default="", help="place-of-service code, two digits")
    parser.add_argument("--npi", action="append", default=[], help="provider number of who will treat; may be repeated")
    parser.add_argument("--age", type=int, help="age of the person in years")
    parser.add_argument("--circumstance", action="append", default=[], help="emergency, post_stabilization, …")
    parser.add_argument("--on", type=_day, metavar="DATE", help="day of the service (default: today)")
    parser.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the answer, or the faults of lists; nothing about a person is read."""
    if options.check:
        return check(options.check)
    if not (options.code and options.product):
        raise CommandFailed("Give --code and --product, or --check with files.")
    environment.prepare(options.data)
    environment.start_django()
    from openum.db import clock
    from openum.needs.queries import Question, assess

    product = _product(options.product, options.plan)
    on = options.on or clock.now().date()
    found = assess(
        Question(
            plan=product.plan,
            product=product,
            services=(service_of(options.code),),
            on=on,
            birth_date=_born(options.age, on),
            place=options.place,
            performers=frozenset(options.npi),
            circumstances=frozenset(options.circumstance),
        )
    )
    print(*lines_of(found), sep="\n")
    return 0


def check(paths: Sequence[str]) -> int:
    """Print what is wrong with lists; 1 when something hinders their publication."""
    from openum.needs.checking import check_list

    hinders = False
    for path in paths:
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandFailed(
                f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}."
            ) from None
        faults = check_list(text)
        hinders = hinders or any(not one.is_doubt for one in faults)
        for one in faults:
            print(f"{path}:{one.line}: {'(doubt) ' if one.is_doubt else ''}{one.text}")
        if not faults:
            print(f"{path}: no fault")
    return 1 if hinders else 0


def service_of(text: str) -> tuple[str, str]:
    """Read `SYSTEM|code`; five digits alone are CPT, a letter and four digits HCPCS."""
    from openum.criteria.codes import short_system

    system, bar, code = text.strip().partition("|")
    if bar:
        return short_system(system), code.strip().upper()
    return ("HCPCS" if system[:1].isalpha() else "CPT"), system.upper()


def lines_of(found: "Assessment") -> list[str]:
    """Return the answer as lines of text."""
    need = found.need
    lines = [f"covered: {need.covered}"]
    if need.authorization:
        number = f" ({need.standing.number})" if need.standing else ""
        lines.append(f"authorization: {need.authorization}{number}")
    lines.append(f"why: {need.reason}")
    if need.citation:
        lines.append(f"rests on: {need.citation}")
    if need.info_needed:
        lines.append(f"depends on: {', '.join(need.info_needed)}")
    if need.documents:
        lines.append(f"documents: {need.documents.kind}, {', '.join(need.documents.purposes)}")
    if found.guideline:
        lines.append(f"form: {found.guideline.id} {found.guideline.version}, {found.guideline.title.en}")
    lines += [f"instead of {one.guideline_id}: {one.authority}" for one in found.exclusions]
    lines += [f"alternative: {one.label}" for one in need.alternatives]
    lines += [f"see: {one.label}, {one.url}" for one in need.references]
    lines += [text for text in (need.instructions, need.how_to_ask) if text]
    if need.rests_on:
        lines.append(f"row: {need.rests_on[0].list_key}/{need.row}")
    return lines


def _product(key: str, plan: str | None) -> "Product":
    from openum.directory.models import Product

    rows = Product.objects.select_related("plan").filter(key=key)
    found = list(rows.filter(plan__key=plan) if plan else rows)
    if len(found) != 1:
        words = "no product" if not found else "more than one product; add --plan"
        raise CommandFailed(f"There is {words} with the key {key} in this data directory.")
    return found[0]


def _born(age: int | None, on: date) -> date | None:
    return None if age is None else date(on.year - age, 1, 1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date like 2026-11-30") from None
