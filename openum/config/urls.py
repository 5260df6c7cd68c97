"""Every address of the web process, in the order of a request's life. Each folder's urls.py holds its full paths."""

from importlib.util import find_spec

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

FOLDERS = [
    "accounts", "directory", "cases", "clocks", "work", "forms", "criteria", "needs", "submission", "intake", "review", "determination",
    "notices", "appeals", "grievances", "retrospective", "callers", "payment", "attention", "agreement", "sampling", "register", "command", "programme", "utilization", "loading", "outbox", "audit", "design", "adapters.fhir", "adapters.payer", "adapters.oauth", "adapters.sandbox",
]  # fmt: skip


def health(request: HttpRequest) -> HttpResponse:
    """Answer the supervisor and load balancers."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health, name="health"),
    path("i18n/", include("django.conf.urls.i18n")),
    *(path("", include(f"openum.{folder}.urls")) for folder in FOLDERS if find_spec(f"openum.{folder}.urls")),
]
