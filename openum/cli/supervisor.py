"""Run several processes as one: start together, restart what falls, stop together."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openum.cli.errors import CommandFailed
from openum.jobs.parent import SUPERVISED

_GRACE_SECONDS = 8
_MOST_FALLS = 5


@dataclass
class Child:
    """One supervised process: `openum` with these arguments, writing to a log file."""

    name: str
    arguments: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    falls: int = 0

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches it through the supervisor only."""
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(  # noqa: S603 our own program with our own arguments
                [sys.executable, "-m", "openum.cli.main", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env={**os.environ, SUPERVISED: str(os.getpid())},
                start_new_session=True,
            )

    def has_fallen(self) -> bool:
        """Say whether it ended without being told to."""
        return self.process is not None and self.process.poll() is not None

    def signal(self, number: int) -> None:
        """Send a signal to the process, or SIGKILL to its whole group."""
        if self.process is None:
            return
        try:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except ProcessLookupError:
            pass


class Supervisor:
    """Owner of the children from start to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self._is_stopping = False

    def start(self) -> None:
        """Start the first child, alone so that it answers soon; from now on SIGINT, SIGTERM and SIGHUP stop everything.

        A second time changes nothing.
        """
        if self.children[0].process is not None:
            return
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_soon)
        self.children[0].start()

    def start_others(self) -> None:
        """Start the children beside the first."""
        for child in self.children[1:]:
            child.start()

    def _stop_soon(self, number: int, frame: object) -> None:
        self._is_stopping = True

    def wait_until(self, is_ready: Callable[[], bool], *, seconds: float) -> bool:
        """Wait for readiness; False when told to stop meanwhile.

        Raises:
            CommandFailed: a child fell, or the time has passed.
        """
        deadline = time.monotonic() + seconds
        while not self._is_stopping:
            if is_ready():
                return True
            for child in self.children:
                if child.has_fallen():
                    raise CommandFailed(f"The {child.name} process did not start. Its words are in {child.log}.")
            if time.monotonic() > deadline:
                raise CommandFailed(
                    f"The web process did not answer within {seconds:.0f} s. See {self.children[0].log}."
                )
            time.sleep(0.05)
        return False

    def watch(self) -> None:
        """Restart children that fall until told to stop.

        Raises:
            CommandFailed: one child fell again and again.
        """
        while not self._is_stopping:
            for child in self.children:
                if child.has_fallen() and not self._is_stopping:
                    child.falls += 1
                    if child.falls > _MOST_FALLS:
                        raise CommandFailed(f"The {child.name} process keeps falling. Its words are in {child.log}.")
                    print(f"The {child.name} process ended and is started again.", file=sys.stderr, flush=True)
                    child.signal(signal.SIGKILL)
                    child.start()
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask all children to end, wait, and kill the groups of those that do not."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_SECONDS
        for child in self.children:
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            child.signal(signal.SIGKILL)  # also what a dead leader left behind in its group
        for child in self.children:
            if child.process is not None:
                child.process.wait()
