"""What a FHIR base says of its security, to everybody: SMART configuration, and UDAP metadata where it is served."""

from collections.abc import Callable

import orjson
from django.http import HttpRequest, HttpResponse

from openum.adapters.fhir.pas.versions import VERSIONS, Version
from openum.adapters.fhir.rest import base_url_of, nothing_here, wrong_method
from openum.adapters.oauth import udap
from openum.adapters.oauth.addresses import site_of
from openum.adapters.oauth.smart import Json, configuration
from openum.db import clock


def smart_configuration(request: HttpRequest, base: str) -> HttpResponse:
    """Answer GET [base]/.well-known/smart-configuration."""
    return _told(request, base, lambda _version: _open(configuration(site_of(request))))


def udap_metadata(request: HttpRequest, base: str) -> HttpResponse:
    """Answer GET [base]/.well-known/udap; communities have no names here, so a named one is answered with 204."""
    return _told(request, base, lambda version: _udap(request, version))


def _told(request: HttpRequest, base: str, tell: Callable[[Version], HttpResponse]) -> HttpResponse:
    version = VERSIONS.get(base)
    if version is None:
        return nothing_here()
    if request.method not in {"GET", "HEAD"}:
        return wrong_method("GET")
    return tell(version)


def _udap(request: HttpRequest, version: Version) -> HttpResponse:
    held = udap.trust()
    base_url, site = base_url_of(request, version), site_of(request)
    found = udap.metadata(held, base_url=base_url, site=site, at=clock.real_now()) if held is not None else None
    if found is None:
        return nothing_here()
    return HttpResponse(status=204) if request.GET.get("community") else _open(found)


def _open(content: Json) -> HttpResponse:
    """Return JSON that browsers of any origin may read."""
    response = HttpResponse(orjson.dumps(content), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
