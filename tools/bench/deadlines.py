"""`openum clocks compute` on a sheet of a million rows: seconds, rows a second and memory, against reading it alone.

    python -m tools.bench.deadlines [--rows N]

The sheet mixes the questions of all lines of business, with and without events, holidays and changes of daylight
saving. The ratio compares with a program that only reads the sheet and writes as many lines, in the same run. The
answers of one process and of several must be the same, byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS, TARGET_SECONDS = 1_000_000, 60
_COLUMNS = ("case_id", "line_of_business", "request_type", "state", "received_at", "events", "time_zone")
_QUESTIONS = (
    ("medicare_advantage", "standard_preservice_pa", ""), ("medicare_advantage", "expedited_preservice", ""),
    ("medicare_advantage", "appeal_standard", ""), ("medicare_part_d", "part_d_standard", ""),
    ("medicaid_managed_care", "standard_preservice", ""), ("medicaid_managed_care", "expedited_preservice", ""),
    ("erisa_group", "standard_preservice", ""), ("erisa_group", "expedited_preservice", ""),
    ("commercial_state", "standard_preservice", "CA"), ("commercial_state", "standard_preservice", "TX"),
    ("commercial_state", "standard_preservice", "NY"), ("qhp_ffe", "standard_preservice", ""),
)  # fmt: skip
_ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "America/Phoenix")


def write_sheet(path: Path, rows: int) -> None:
    """Write a sheet; the same for the same number of rows."""
    draw = random.Random(20261122)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(_COLUMNS)
        for number in range(rows):
            business, kind, state = draw.choice(_QUESTIONS)
            received = start + timedelta(minutes=draw.randrange(525_600))
            sheet.writerow(
                [
                    f"B-{number:07}",
                    business,
                    kind,
                    state,
                    received.isoformat(),
                    _events(draw, received),
                    draw.choice(_ZONES),
                ]
            )


def _events(draw: random.Random, received: datetime) -> str:
    asked = received + timedelta(hours=draw.randrange(1, 24))
    kind = draw.randrange(10)
    if kind < 6:
        return ""
    if kind == 6:
        return f"info_requested@{asked.isoformat()}"
    told = asked + timedelta(hours=draw.randrange(1, 96))
    if kind == 7:
        return f"info_requested@{asked.isoformat()};info_received@{told.isoformat()}"
    if kind == 8:
        return f"extension_taken@{asked.isoformat()}(days=14,reason=enrollee_asked)"
    return f"decided@{told.isoformat()};notice_sent@{told.isoformat()}"


def compute(sheet: Path, out: Path, *, processes: int) -> tuple[float, str, int]:
    """Return seconds, the digest of the answers and how many rows had an error."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "openum.cli.main", "clocks", "compute", str(sheet), str(out), "--processes", str(processes)],
        cwd=ROOT, check=True, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    with out.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    words = done.stderr.split(" answered, ")
    return seconds, digest, int(words[1].split()[0].replace(",", "")) if len(words) > 1 else 0


def read_only(sheet: Path, out: Path) -> float:
    """Return the seconds of reading the sheet and writing as many rows, which no program can save."""
    started = time.perf_counter()
    with sheet.open(encoding="utf-8", newline="") as source, out.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(csv.reader(source))
    return time.perf_counter() - started


def rows(count: int = ROWS) -> list[str]:
    """Measure; return lines for the table of the benchmarks."""
    processes = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="openum-deadlines-") as folder:
        sheet, out = Path(folder) / "cases.csv", Path(folder) / "out.csv"
        write_sheet(sheet, count)
        floor = read_only(sheet, out)
        seconds, digest, errors = compute(sheet, out, processes=processes)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy, memory = used.ru_utime + used.ru_stime, used.ru_maxrss // 1024
        small = Path(folder) / "small.csv"
        write_sheet(small, min(count, 20_000))
        digests = {compute(small, out, processes=number)[1] for number in (1, 2, processes + 1)}
    if len(digests) != 1 or errors:
        raise SystemExit(f"Answers differ by the number of processes, or {errors} rows had an error.")
    load = os.getloadavg()[0]
    return [
        (
            f"| deadlines: {count:,} rows, {processes} processes | {seconds:.1f} s, {count / seconds:,.0f} rows a second, "
            f"{seconds / floor:.1f}× reading and writing the sheet ({floor:.1f} s); {busy:.0f} s of processor time, load "
            f"{load:.1f} | {TARGET_SECONDS} s |"
        ),
        (
            f"| the same: memory of the largest process | {memory} MB; answers the same with 1, 2 and {processes + 1} "
            f"processes ({digest[:12]}) | 300 MB |"
        ),
    ]


def rows_apart() -> list[str]:
    """Measure in a process of its own: time and memory of children are those of all children a process ever had."""
    told = subprocess.run(
        [sys.executable, "-m", "tools.bench.deadlines"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return told.stdout.splitlines()


def main() -> int:
    """Print the lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N", help=f"rows of the sheet (default {ROWS:,})")
    print(*rows(parser.parse_args().rows), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
