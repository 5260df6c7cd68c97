"""Measure the generator and the metrics of claims, each in a process of its own: `python -m tools.bench.claims [--members N]`.

Prints a table of our figures with those of the peers below: Tuva (dbt on DuckDB), and ten plain queries on three engines.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PEERS = (
    ("10,000", "DuckDB, ten plain queries", "0.4", "–"),
    ("10,000", "PySpark 4.0.5, the same ten", "40", "–"),
    ("100,000", "DuckDB, ten plain queries", "2.1", "0.7"),
    ("100,000", "Tuva 0.18.0, the 254 models of cost and readmissions", "141", "8.1"),
    ("1,000,000", "DuckDB, ten plain queries", "19.6", "4.6"),
    ("1,000,000", "Polars 2.1 streaming, the same ten", "20.7", "7.6"),
    ("1,000,000", "PySpark 4.0.5, the same ten", "172.7", "8.2"),
)
"""Members, what was run on 2 threads, seconds and peak GB, as ../shared/analytics.md gives them."""


@dataclass(frozen=True)
class Run:
    """One finished command."""

    seconds: float
    cpu_seconds: float
    peak_gb: float


def run(*arguments: str) -> Run:
    """Run `openum` and measure the process; it must succeed."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "openum.cli.main", *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"openum {' '.join(arguments)} failed.")
    return Run(time.perf_counter() - started, used.ru_utime + used.ru_stime, peak_gb(used))


def peak_gb(used: resource.struct_rusage) -> float:
    """Return the largest resident memory; Linux counts it in kilobytes."""
    return used.ru_maxrss / 1024**2


def main() -> None:
    """Generate, compute, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000, metavar="N")
    parser.add_argument("--memory", metavar="SIZE", help="memory limit of the metrics, such as 2GB")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openum-bench-claims-") as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        claims, out = Path(folder, "claims"), Path(folder, "out")
        made = run("samples", "claims", "--members", str(options.members), "--out", str(claims))
        limit = ["--memory", options.memory] if options.memory else []
        command = ("metrics", "--claims", str(claims), "--out", str(out), *limit)
        first, later = run(*command), run(*command)
        attention = run("attention", "--claims", str(claims), "--out", str(Path(folder, "attention")), *limit)
    rate = options.members / made.cpu_seconds
    members = f"{options.members:,}"
    print(f"On 2 cores at load {os.getloadavg()[0]:.1f}; the generator makes {rate:,.0f} members a CPU second.\n")
    print("| members | what | seconds | CPU s | peak GB |\n|---|---|---|---|---|")
    for what, used in (
        ("OpenUM, generate 24 months", made),
        ("OpenUM, all metrics, start included, first time", first),
        ("OpenUM, all metrics, start included, statements kept", later),
        ("OpenUM, who needs attention: lists, scores and three models", attention),
    ):
        print(f"| {members} | {what} | {used.seconds:.1f} | {used.cpu_seconds:.1f} | {used.peak_gb:.2f} |")
    for size, what, seconds, gigabytes in PEERS:
        print(f"| {size} | {what} | {seconds} | | {gigabytes} |")


if __name__ == "__main__":
    main()
