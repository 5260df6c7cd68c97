"""`openum demo`: the whole system on this machine, with a synthetic world."""

import argparse
import fcntl
import json
import os
import socket
import time
import urllib.request
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.error import URLError

import openum
from openum.cli import environment
from openum.cli.clock import instant
from openum.cli.errors import CommandFailed
from openum.cli.migrate import migrate

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction
    from collections.abc import Iterator
    from datetime import datetime

HOST = "127.0.0.1"
LOADED = "world.json"
STAND = "tables.sha256"
POLICIES = "policies.sha256"
FHIR_VERSIONS = ("2.0", "2.2")


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("demo", help="run everything here with a synthetic health plan")
    parser.add_argument(
        "--data", metavar="DIR", default="./demo-data", help="where the demo lives (default ./demo-data)"
    )
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="port of the web pages (default 8000)")
    parser.add_argument("--at", metavar="INSTANT", help="start the movable clock here, like 2026-11-16T09:00:00-05:00")
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away and begin again")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Create or reopen the demo, run it, and stop it when told to."""
    at = instant(options.at) if options.at else None
    directory = Path(options.data).resolve()
    _check_port(options.port)
    _check_directory(directory)
    environment.create_secrets(directory, demo=True)
    with _only_one(directory):
        if options.reset:
            _forget(directory)
        live_port = _free_port(options.port + 1)
        base, live = f"http://{HOST}:{options.port}", f"http://{HOST}:{live_port}"
        os.environ.update(OPENUM_BASE_URL=base, OPENUM_LIVE_URL=live)
        environment.prepare(str(directory))
        _supervise(directory, at, base=base, port=options.port, live_port=live_port)


def _supervise(directory: Path, at: "datetime | None", *, base: str, port: int, live_port: int) -> None:
    from openum.cli.supervisor import Child, Supervisor
    from openum.design.catalogues import compile_catalogues

    logs = directory / "logs"
    logs.mkdir(exist_ok=True)
    data = ["--data", str(directory)]
    supervisor = Supervisor(
        [
            Child("web", ["serve", *data, "--port", str(port)], logs / "web.log"),
            Child("worker", ["worker", *data], logs / "worker.log"),
            Child("live", ["live", *data, "--port", str(live_port)], logs / "live.log"),
        ]
    )
    try:
        if _fits_this_program(directory):
            compile_catalogues()
            supervisor.start()  # it loads beside us
        environment.start_django()
        world = _open_world(directory, at=at)
        supervisor.start()
        if supervisor.wait_until(lambda: _answers(f"{base}/healthz"), seconds=60):
            supervisor.start_others()
            _announce(directory, world, base)
            supervisor.watch()
    finally:
        supervisor.stop()
    print("Stopped. Nothing is lost: the same command goes on from here.", flush=True)


def _open_world(directory: Path, *, at: "datetime | None") -> dict[str, Any]:
    """Migrate, load the demo world the first time, set the clock when asked; return the logins and clients."""
    from django.db import connections

    from openum.audit import seal_heads
    from openum.db import clock

    marker = directory / LOADED
    if not marker.exists() and (directory / "openum.sqlite3").exists():
        print("The first start was interrupted; beginning again.", flush=True)
        connections.close_all()
        _forget(directory)
    migrate()
    if at is not None:
        clock.set_demo_clock(at)
    if not marker.exists():
        started = time.monotonic()
        import samples.demo as samples_demo

        world = samples_demo.load(directory, at=clock.now(), progress=_progress)
        seal_heads(clock.now())
        _write_private(marker, world)
        _progress(f"The demo world is loaded ({time.monotonic() - started:.0f} s).")
    else:
        _publish_newer(directory)
    (directory / POLICIES).write_text(_digest_of_policies(), encoding="utf-8")
    import samples.history as samples_history

    samples_history.leave(at=clock.now())
    connections.close_all()
    (directory / STAND).write_text(_stand_of_program(), encoding="utf-8")
    content: dict[str, Any] = json.loads(marker.read_text(encoding="utf-8"))
    return content


def _publish_newer(directory: Path) -> None:
    """Publish the policies that this program has and the world does not know yet; a world of older code gets today's law."""
    known = directory / POLICIES
    if known.exists() and known.read_text(encoding="utf-8") == _digest_of_policies():
        return
    from openum.accounts.services import ensure_rules_engine
    from openum.cli.policies import publish_new
    from openum.db import clock
    from openum.vocabulary.errors import OpenUMError

    try:
        added = publish_new(_policies(), by=ensure_rules_engine(), at=clock.now())
    except OpenUMError as refusal:
        _progress(f"The policies of this program are not published here: {refusal.english}")
    else:
        _progress(f"{len(added)} policies are newer than this world and were published.")


def _policies() -> Path:
    from django.conf import settings

    return Path(settings.OPENUM_POLICIES)


def _digest_of_policies() -> str:
    """Return a digest of the names and the content of all policy files."""
    whole = sha256()
    for path in sorted(_policies().rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(_policies())}\0".encode() + sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _fits_this_program(directory: Path) -> bool:
    """Say whether a complete world lies here, left by a program with the same tables."""
    files = (directory / LOADED, directory / "openum.sqlite3", directory / STAND)
    return all(file.is_file() for file in files) and files[-1].read_text(encoding="utf-8") == _stand_of_program()


def _stand_of_program() -> str:
    """Return a digest of the names of all migrations, with Django's version for its own."""
    import django

    package = Path(openum.__file__).resolve().parent
    ours = sorted(str(path.relative_to(package)) for path in package.glob("**/migrations/*.py"))
    return sha256("\n".join([django.get_version(), *ours]).encode()).hexdigest()


def _progress(line: str) -> None:
    print(line, flush=True)


def _announce(directory: Path, world: dict[str, Any], base: str) -> None:
    about = {"url": base, **world, "fhir": {version: f"{base}/fhir/{version}" for version in FHIR_VERSIONS}}
    _write_private(directory / "demo.json", about)
    print(f"\nOpenUM is ready at {base}/  (logins and tokens are also in {directory / 'demo.json'})\n")
    for login in world.get("logins", []):
        print(f"  {login['persona']:<18} {login['email']:<40} {login['password']}")
    print("\nStop with Ctrl-C.", flush=True)


def _write_private(file: Path, content: dict[str, Any]) -> None:
    half = file.with_suffix(".half")
    with os.fdopen(os.open(half, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=2, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    half.replace(file)


_LETTING_GO_SECONDS = 5
"""How long the processes of a demo that was killed may take to let its port go."""


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise CommandFailed(f"{port} is not a port. Give one between 1 and 65535 with --port.")
    patience = time.monotonic() + _LETTING_GO_SECONDS
    while not _is_free(port):
        if time.monotonic() < patience:
            time.sleep(0.2)
            continue
        raise CommandFailed(f"Port {port} is in use by another program. Give another one with --port.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port(wanted: int) -> int:
    if wanted <= 65535 and _is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _check_directory(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise CommandFailed(f"{directory} is a file. Give a directory with --data.")
    if directory.is_dir() and any(directory.iterdir()) and not environment.is_demo(directory):
        raise CommandFailed(f"{directory} holds other files and was not made by openum demo. Give another --data DIR.")


@contextmanager
def _only_one(directory: Path) -> "Iterator[None]":
    """Hold the directory; the lock goes with the process, however that ends."""
    with (directory / "demo.lock").open("w") as lock:
        _take(lock, directory)
        yield


def _take(lock: TextIO, directory: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandFailed(f"A demo is already running on {directory}. Stop it, or give another --data DIR.") from None


def _forget(directory: Path) -> None:
    """Remove what the demo made; the secrets and other people's files stay."""
    for name in (
        LOADED,
        STAND,
        "demo.json",
        "audit-seals.log",
        *(f"openum.sqlite3{end}" for end in ("", "-wal", "-shm", ".lock")),
    ):
        (directory / name).unlink(missing_ok=True)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
