"""`openum demo` is really started, killed and started again, with a tiny world in place of the large one."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.kills
WORLD = """
def load(directory, *, at, progress):
    progress(f"a tiny world at {at.isoformat()}")
    return {"logins": [{"persona": "nurse", "email": "nurse@example.org", "password": "secret"}], "clients": [], "token": "t"}
"""


@pytest.fixture
def stand(tmp_path):
    """A place for demos: returns a function that starts one and waits until it is ready."""
    samples = tmp_path / "tiny" / "samples"
    samples.mkdir(parents=True)
    (samples / "__init__.py").touch()
    (samples / "later.py").touch()
    (samples / "history.py").write_text("def leave(*, at):\n    pass\n", encoding="utf-8")
    (samples / "demo.py").write_text(WORLD, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = []

    def start(*more, ready=True):
        root = Path(__file__).resolve().parents[2]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENUM_", "DJANGO_"))}
        process = subprocess.Popen(
            [sys.executable, "-m", "openum.cli.main", "demo", "--data", "data", "--port", str(port), *more],
            env=kept | {"PYTHONPATH": f"{samples.parent}:{root}"},
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        lines = []
        while ready and not any("OpenUM is ready" in line for line in lines):
            line = process.stdout.readline()
            assert line, "".join(lines) + logs(tmp_path)
            lines.append(line)
        return process, "".join(lines)

    start.data, start.port = tmp_path / "data", port
    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    wait_for(lambda: not processes_of(start.data), seconds=20)


def logs(tmp_path):
    return "".join(file.read_text(encoding="utf-8")[-2000:] for file in (tmp_path / "data" / "logs").glob("*.log"))


def processes_of(directory):
    """The command lines of living processes that name the directory."""
    answer = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True, check=True)
    return [line for line in answer.stdout.split("\n") if str(directory) in line and not line.startswith("Z")]


def wait_for(condition, *, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_demo_starts_stops_and_goes_on_after_a_kill(stand):
    first, said = stand("--at", "2026-11-16T09:00:00-05:00")
    assert "a tiny world at 2026-11-16T14:00:0" in said
    about = json.loads((stand.data / "demo.json").read_text(encoding="utf-8"))
    assert about["url"] == f"http://127.0.0.1:{stand.port}"
    assert about["fhir"] == {"2.0": f"{about['url']}/fhir/2.0", "2.2": f"{about['url']}/fhir/2.2"}
    assert (about["token"], about["logins"][0]["persona"]) == ("t", "nurse")
    assert [(stand.data / name).stat().st_mode & 0o777 for name in ("secrets.json", "demo.json")] == [0o600, 0o600]

    second, _ = stand(ready=False)
    assert second.wait(timeout=30) == 1
    assert second.stdout.read() == (f"Port {stand.port} is in use by another program. Give another one with --port.\n")
    third, _ = stand("--port", "0", ready=False)
    assert third.wait(timeout=30) == 1

    os.kill(first.pid, signal.SIGKILL)  # the children find out by themselves
    first.wait()
    wait_for(lambda: not processes_of(stand.data), seconds=20)

    for tables_are_known in (True, False):  # the web process starts at once, or after the database was looked at
        if not tables_are_known:
            (stand.data / "tables.sha256").write_text("of another program")
        again, said = stand()
        assert "tiny world" not in said
        assert_answers_and_stops(again, stand, about)
        assert len((stand.data / "tables.sha256").read_text()) == 64


def assert_answers_and_stops(again, stand, about):
    with urllib.request.urlopen(f"{about['url']}/healthz", timeout=5) as answer:
        assert answer.read() == b"ok"
    again.send_signal(signal.SIGINT)
    assert again.wait(timeout=20) == 0
    assert again.stdout.read().endswith("Stopped. Nothing is lost: the same command goes on from here.\n")
    assert processes_of(stand.data) == []
