"""The record system as a server: FHIR reads and searches over a chart, and a listener for notifications."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from samples.ehr.chart import Chart
from samples.ehr.line import decoded

Json = dict[str, Any]

LISTENER = "/notifications"
_BASE = "/fhir"
_SUBJECT = ("subject", "patient", "beneficiary")


def read(chart: Chart, address: str) -> tuple[int, Json]:
    """Answer one FHIR read or search: `Type/id`, or `Type?patient=…&_id=…&status=…`. Pure."""
    parts = urlsplit(address)
    path, query = parts.path.strip("/").split("/"), parse_qs(parts.query)
    if path == ["metadata"]:
        return 200, capability(chart)
    if len(path) == 2:
        found = chart.get("/".join(path))
        return (200, found) if found is not None else (404, _outcome("There is no such resource."))
    if len(path) != 1 or not path[0]:
        return 404, _outcome("Read Type/id, or search Type?patient=id.")
    matches = [one for one in chart.of(path[0]) if _fits(one, query)]
    return 200, {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(matches),
        "entry": [{"fullUrl": f"{one['resourceType']}/{one['id']}", "resource": one} for one in matches],
    }


def capability(chart: Chart) -> Json:
    """Return what the server can do."""
    kinds = dict.fromkeys(one["resourceType"] for one in chart.resources)
    resources = [{"type": kind, "interaction": [{"code": "read"}, {"code": "search-type"}]} for kind in kinds]
    return {
        "resourceType": "CapabilityStatement", "status": "active", "date": "2026-11-16", "kind": "instance",
        "implementation": {"description": "Record system of the sandbox"}, "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"], "rest": [{"mode": "server", "resource": resources}],
    }  # fmt: skip


def _fits(resource: Json, query: dict[str, list[str]]) -> bool:
    ids = [one for value in query.get("_id", []) for one in value.split(",")]
    if ids and resource["id"] not in ids:
        return False
    if query.get("status") and resource.get("status") not in query["status"]:
        return False
    patients = [value.removeprefix("Patient/") for value in query.get("patient", []) + query.get("subject", [])]
    if not patients:
        return True
    subject = next((resource[name].get("reference", "") for name in _SUBJECT if name in resource), "")
    return subject.removeprefix("Patient/") in patients


def _outcome(text: str) -> Json:
    return {"resourceType": "OperationOutcome",
            "issue": [{"severity": "error", "code": "not-found", "details": {"text": text}}]}  # fmt: skip


class Mailbox:
    """Notifications as they arrive."""

    def __init__(self) -> None:
        self._letters: list[Json] = []
        self._arrived = threading.Condition()

    def put(self, letter: Json) -> None:
        """Take one in."""
        with self._arrived:
            self._letters.append(letter)
            self._arrived.notify_all()

    def wait(self, *, more_than: int, seconds: float) -> list[Json]:
        """Return all that arrived, once there are more than this many or the time is over."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self._letters) > more_than, timeout=seconds)
            return list(self._letters)


class RecordSystem(ThreadingHTTPServer):
    """A chart and a mailbox behind an address of this machine."""

    daemon_threads = True

    def __init__(self, chart: Chart, *, port: int = 0) -> None:
        """Listen on a port of this machine; 0 takes a free one."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.chart = chart
        self.mailbox = Mailbox()

    @property
    def url(self) -> str:
        """Address of this server."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def fhir(self) -> str:
        """Base address of the chart."""
        return f"{self.url}{_BASE}"


class _Handler(BaseHTTPRequestHandler):
    server: RecordSystem

    def do_GET(self) -> None:
        if not self.path.startswith(f"{_BASE}/"):
            self._answer(404, _outcome("The chart is at /fhir."))
            return
        self._answer(*read(self.server.chart, unquote(self.path.removeprefix(f"{_BASE}/"))))

    def do_POST(self) -> None:
        letter = decoded(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        if self.path != LISTENER or not isinstance(letter, dict):
            self._answer(404, _outcome("Notifications are taken at /notifications, as JSON."))
            return
        self.server.mailbox.put(letter)
        self._answer(200, None)

    def _answer(self, status: int, content: Json | None) -> None:
        raw = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: a conversation prints its own steps."""


@contextmanager
def running(chart: Chart, *, port: int = 0) -> Iterator[RecordSystem]:
    """Run the record system while a conversation lasts."""
    server = RecordSystem(chart, port=port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
