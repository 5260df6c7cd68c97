"""`openum clocks compute`: due times for a sheet of cases, by facts alone. Needs no database."""

import argparse
import csv
import gc
import io
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from openum.cli.environment import POLICIES
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from _csv import Reader
    from argparse import ArgumentParser, _SubParsersAction

    from openum.clocks.rules import RuleBook

_CHUNK = 4_000
_NO_LETTER = "\ufffd"
"""What stands for bytes that are not UTF-8."""

Chunk = list[list[str]]
"""Some rows. The same case may stand in several: each asks for one due time."""


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command and its verb."""
    parser = commands.add_parser("clocks", help="compute legal deadlines")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    computing = verbs.add_parser(
        "compute",
        help="compute the due time of each row of a CSV file",
        description=(
            "Reads rows of case_id, line_of_business, request_type, state, received_at, events and time_zone; writes "
            "case_id, due_at, rule_id, citation and explanation. Events are separated by semicolons and written "
            "name@instant or name@instant(key=value). A row that cannot be answered has “error” as its due_at and the "
            "reason as its explanation; the others go on."
        ),
    )
    computing.add_argument("cases", metavar="CASES.csv", help="the sheet to read, or - for standard input")
    computing.add_argument("out", metavar="OUT.csv", help="the sheet to write, or - for standard output")
    computing.add_argument("--policies", metavar="DIR", default=POLICIES, help="folder of the policy packs")
    computing.add_argument(
        "--accreditation",
        dest="overlays",
        action="append_const",
        const="accreditation",
        default=[],
        help="let a row of the NCQA overlay answer where it is earlier than the law",
    )
    computing.add_argument(
        "--accreditation-urac",
        dest="overlays",
        action="append_const",
        const="accreditation-urac",
        help="let a row of the URAC overlay answer where no law has a time",
    )
    computing.add_argument("--processes", type=int, metavar="N", help="processes to use (default: one for each core)")
    computing.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compute the sheet. Rows that could not be answered are counted; they are no failure of the command."""
    folder = Path(options.policies) / "deadlines"
    if not folder.is_dir():
        raise CommandFailed(f"There are no deadline rows in {folder}.")
    with ExitStack() as stack:
        source = _opened(stack, options.cases, "r")
        reader = csv.reader(source)
        places = _places(next(_rows(reader), []), options.cases)
        target = _opened(stack, options.out, "w")
        target.write(_text([_answer_columns()]))
        total = failed = 0
        processes = options.processes or os.cpu_count() or 1
        for text, rows, errors in _answers(_chunks(reader), places, str(folder), tuple(options.overlays), processes):
            target.write(text)
            total, failed = total + rows, failed + errors
            if sys.stderr.isatty():
                print(f"\r{total:,} rows", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"{total:,} rows answered" + (f", {failed:,} of them with an error." if failed else "."), file=sys.stderr)
    return 0


def _opened(stack: ExitStack, name: str, mode: str) -> IO[str]:
    """Open a sheet; bytes that are not UTF-8 are read as U+FFFD, so that only their rows have an error."""
    if name == "-":
        if mode == "r" and isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace", newline="")
        return sys.stdin if mode == "r" else sys.stdout
    encoding, errors = ("utf-8-sig", "replace") if mode == "r" else ("utf-8", "strict")
    try:
        return stack.enter_context(Path(name).open(mode, encoding=encoding, errors=errors, newline=""))
    except OSError as error:
        verb = "read" if mode == "r" else "written"
        raise CommandFailed(f"{name} cannot be {verb}: {error.strerror}.") from error


def _places(header: list[str], name: str) -> tuple[int, ...]:
    """Return where each wanted column stands; state, events and time_zone may be absent (-1)."""
    from openum.clocks.rules.sheet import QUESTION_COLUMNS

    names = [column.strip().lower() for column in header]
    missing = [
        column for column in QUESTION_COLUMNS if column not in names and column not in {"state", "events", "time_zone"}
    ]
    if missing:
        raise CommandFailed(f"{name} has no column {', '.join(missing)}. The first row must name the columns.")
    return tuple(names.index(column) if column in names else -1 for column in QUESTION_COLUMNS)


def _answer_columns() -> list[str]:
    from openum.clocks.rules.sheet import ANSWER_COLUMNS

    return list(ANSWER_COLUMNS)


def _rows(reader: "Reader") -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise CommandFailed(
            f"The sheet is not readable as CSV after line {reader.line_num}: {error}. Look for a quote that is not closed."
        ) from error


def _chunks(reader: "Reader") -> Iterator[Chunk]:
    rows = _rows(reader)
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _answers(
    chunks: Iterator[Chunk], places: tuple[int, ...], folder: str, overlays: tuple[str, ...], processes: int
) -> Iterator[tuple[str, int, int]]:
    """Answer chunks in order, a few ahead of the writer, so that memory does not grow with the sheet."""
    first = next(chunks, None)
    if first is None:
        return
    second = next(chunks, None)
    if second is None or processes < 2:
        for chunk in filter(None, (first, second)):
            yield answer_rows(chunk, places, folder, overlays)
        for chunk in chunks:
            yield answer_rows(chunk, places, folder, overlays)
        return
    waiting: deque[Future[tuple[str, int, int]]] = deque()
    with ProcessPoolExecutor(processes, initializer=_collect_seldom) as pool:
        for chunk in _all(first, second, chunks):
            waiting.append(pool.submit(answer_rows, chunk, places, folder, overlays))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _collect_seldom() -> None:
    """Look for rings of garbage less often: rows make none."""
    gc.set_threshold(200_000, 50, 50)


def _all(first: Chunk, second: Chunk, rest: Iterator[Chunk]) -> Iterator[Chunk]:
    yield first
    yield second
    yield from rest


@lru_cache(maxsize=4)
def _book(folder: str, overlays: tuple[str, ...]) -> "RuleBook":
    from openum.clocks.rules import book_from_texts
    from openum.clocks.rules.book import OVERLAYS

    files = sorted(Path(folder).glob("*.yaml"))
    chosen = [file for file in files if file.stem not in OVERLAYS or file.stem in overlays]
    return book_from_texts(file.read_text(encoding="utf-8") for file in chosen)


def answer_rows(rows: Chunk, places: tuple[int, ...], folder: str, overlays: tuple[str, ...]) -> tuple[str, int, int]:
    """Return the answers of some rows as CSV text, how many rows there were, and how many had an error."""
    from openum.clocks.rules.sheet import Question, RowUnanswerable, answer

    book = _book(folder, overlays)
    width = max(places) + 1
    answers: list[list[str]] = []
    failed = 0
    for row in rows:
        if not row:
            continue
        cells = [row[place].strip() if 0 <= place < len(row) else "" for place in places]
        try:
            if len(row) > width and any(row[width:]) and places[-1] == width - 1:
                raise RowUnanswerable("The row has more cells than the first one; put events with a comma in quotes.")
            if any(_NO_LETTER in cell for cell in cells):
                raise RowUnanswerable(_not_utf8(cells))
            found = answer(Question(*cells[1:]), book)
        except RowUnanswerable as error:
            failed += 1
            answers.append([cells[0], "error", "", "", str(error)])
            continue
        due, reading = found.due_at, found.reading
        answers.append([cells[0], due.isoformat() if due else "", reading.rule_id, reading.citation, found.explanation])
    return _text(answers), len(answers), failed


def _not_utf8(cells: list[str]) -> str:
    from openum.clocks.rules.sheet import QUESTION_COLUMNS

    named = [column for column, cell in zip(QUESTION_COLUMNS, cells, strict=True) if _NO_LETTER in cell]
    return f"{', '.join(named)}: letters that are not UTF-8. Save the sheet as UTF-8 and compute again."


def _text(rows: Iterable[list[str]]) -> str:
    """Write rows as `csv.writer` does, in a third of its time: it looks at every letter of the explanations alone."""
    return "".join([",".join([_cell(cell) for cell in row]) + "\n" for row in rows])


def _cell(text: str) -> str:
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text
