"""What became of the messages a system sent. The folder that keeps messages says how to read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openum.accounts.models import ApiClient

COUNTED = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Messages of one system in a time.

    Attributes:
        accepted: became a request, at once or by a person's hand.
        waiting: a person has to match or admit them.
        refused: could not become a request.
        last_problem: of the newest one that waits or was refused, in words; empty where none did.
    """

    accepted: int = 0
    waiting: int = 0
    refused: int = 0
    last_problem: str = ""
    last_problem_at: datetime | None = None

    @property
    def total(self) -> int:
        """All messages."""
        return self.accepted + self.waiting + self.refused

    @property
    def refused_percent(self) -> int:
        """Refused ones in a hundred, rounded up: one refusal never shows as none."""
        return -(-100 * self.refused // self.total) if self.total else 0


Reader = Callable[[Sequence[ApiClient], datetime], Mapping[int, Traffic]]
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Say how the traffic of clients since an instant is read, by their primary keys; called once at start."""
    _readers.append(reader)


def traffic_of(clients: Sequence[ApiClient], *, at: datetime) -> dict[int, Traffic]:
    """Return what became of the messages of clients lately, by their primary keys."""
    found: dict[int, Traffic] = {}
    for reader in _readers:
        found.update(reader(clients, at - COUNTED))
    return found
