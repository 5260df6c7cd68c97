"""Measure the generator and the metrics of claims, each in a process of its own: `python -m tools.bench.claims [--members N]`.

Prints a table with the figures of the peer (Tuva 0.18.0, dbt on DuckDB, 2 threads) and of plain DuckDB queries beside ours.
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

PEERS = {
    10_000: "ten plain queries: DuckDB 0.4 s, PySpark 40 s",
    100_000: "ten plain queries: DuckDB 2.1 s and 0.7 GB; Tuva's 254 models: 141 s and 8.1 GB",
    1_000_000: "ten plain queries: DuckDB 19.6 s and 4.6 GB, PySpark 172.7 s and 8.2 GB",
}


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
        claims, out = Path(folder, "claims"), Path(folder, "out")
        made = run("samples", "claims", "--members", str(options.members), "--out", str(claims))
        limit = ["--memory", options.memory] if options.memory else []
        computed = run("metrics", "--claims", str(claims), "--out", str(out), *limit)
    print(
        f"| {options.members:,} members, 24 months; load {os.getloadavg()[0]:.1f} | seconds | CPU s | peak GB | beside |"
    )
    print("|---|---|---|---|---|")
    rate = options.members / made.cpu_seconds
    print(
        f"| generate | {made.seconds:.1f} | {made.cpu_seconds:.1f} | {made.peak_gb:.2f} | {rate:,.0f} members a CPU second |"
    )
    beside = PEERS.get(options.members, "")
    print(
        f"| all metrics, start included | {computed.seconds:.1f} | {computed.cpu_seconds:.1f} | {computed.peak_gb:.2f} | {beside} |"
    )


if __name__ == "__main__":
    main()
