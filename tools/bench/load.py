"""Clients that send requests, and what the server's processes spend on them."""

import http.client
import os
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """What one run showed; milliseconds unless said otherwise."""

    requests: int
    cpu: float
    p50: float
    p99: float
    per_second: float
    statuses: dict[int, int]


def drive(
    *, port: int, path: str, bodies: Sequence[bytes], headers: dict[str, str], clients: int, processes: Sequence[int],
    method: str = "POST",
) -> Measured:  # fmt: skip
    """Send each body once, with so many clients that each wait for their answer; count the processes' CPU time."""
    queue = list(reversed(bodies))
    lock = threading.Lock()
    times: list[float] = []
    statuses: Counter[int] = Counter()

    def client() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                if not queue:
                    break
                body = queue.pop()
            started = time.perf_counter()
            link.request(method, path, body=body or None, headers=headers)
            answer = link.getresponse()
            answer.read()
            took = time.perf_counter() - started
            with lock:
                times.append(took * 1000)
                statuses[answer.status] += 1
        link.close()

    before, started = cpu_seconds(processes), time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, cpu = time.perf_counter() - started, cpu_seconds(processes) - before
    times.sort()
    return Measured(
        requests=len(times),
        cpu=cpu * 1000 / len(times),
        p50=times[len(times) // 2],
        p99=times[min(len(times) - 1, int(len(times) * 0.99))],
        per_second=len(times) / seconds,
        statuses=dict(statuses),
    )


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").iterdir():
            children = (task / "children").read_text(encoding="ascii").split()
            found += [int(child) for child in children if int(child) not in found]
    return found


def cpu_seconds(processes: Sequence[int]) -> float:
    """Return the user and system time the processes have spent so far."""
    total = 0
    for pid in processes:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_mb(pid: int) -> float:
    """Return the memory a process holds, in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").split("\n"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0
