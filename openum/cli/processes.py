"""`openum serve`, `openum worker`, `openum live`: the three processes of an installation."""

import argparse
import signal
import threading
from typing import TYPE_CHECKING

from openum.cli import environment

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add_serve(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add `openum serve`."""
    parser = commands.add_parser("serve", help="run the web process")
    _add_address(parser, port=8000)
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="web processes (default 2)")
    parser.set_defaults(run=run_serve)


def add_worker(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add `openum worker`."""
    parser = commands.add_parser("worker", help="run background jobs: deadlines, letters, seals, sending")
    parser.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    parser.set_defaults(run=run_worker)


def add_live(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add `openum live`."""
    parser = commands.add_parser("live", help="run the process that tells browsers about changes")
    _add_address(parser, port=8001)
    parser.set_defaults(run=run_live)


def _add_address(parser: argparse.ArgumentParser, *, port: int) -> None:
    parser.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=port, metavar="N", help=f"port to listen on (default {port})")


def run_serve(options: argparse.Namespace) -> None:
    """Serve the web application until told to stop."""
    _check_settings(options)
    _serve("openum.config.wsgi:application", "wsgi", options, workers=options.workers)


def run_live(options: argparse.Namespace) -> None:
    """Serve the event streams until told to stop."""
    _check_settings(options)
    _serve("openum.live.app:application", "asginl", options, workers=1)


def _check_settings(options: argparse.Namespace) -> None:
    """Tell a wrong setting here, in one sentence, and not by every worker; a supervisor has done so already."""
    environment.prepare(options.data)
    from openum.jobs.parent import is_supervised

    if not is_supervised():
        environment.start_django()
        from django.db import connections

        connections.close_all()


def _serve(target: str, interface: str, options: argparse.Namespace, *, workers: int) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    from openum.jobs.parent import end_with_parent

    end_with_parent()
    kind = Interfaces(interface)
    Granian(
        target,
        address=options.host,
        port=options.port,
        interface=kind,
        workers=workers,
        blocking_threads=4 if kind == Interfaces.WSGI else None,
        blocking_threads_idle_timeout=600,  # threads keep their database connections
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
    ).serve()


def run_worker(options: argparse.Namespace) -> None:
    """Run jobs until told to stop; the job in hand is finished first."""
    environment.prepare(options.data)
    environment.start_django()
    from django.conf import settings

    from openum.adapters.fhir.subscriptions.lanes import close_lanes, open_lanes
    from openum.adapters.fhir.subscriptions.tasks import send_in_lane
    from openum.db import clock
    from openum.jobs import work
    from openum.jobs.parent import end_with_parent

    if settings.OPENUM_DEMO:
        import samples.history
        import samples.later  # noqa: F401 - the jobs that play the demo world's older cases and load its claims

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    end_with_parent()
    open_lanes(send_in_lane)
    work(now=clock.now, stop=stop)
    close_lanes()
