"""The FHIR faces of a guideline version at their public addresses."""

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openum.criteria.faces import shelf
from openum.criteria.faces.fhir.bundle import Package
from openum.criteria.queries import program_for_policy
from openum.criteria.views.library import base_url, today
from openum.criteria.views.policy import published

CONTENT_TYPE = "application/fhir+json; charset=utf-8"


_MADE: dict[tuple[str, str, str, str], bytes] = {}
_MOST_MADE = 1000
"""Published versions never change, so each face is made once per process."""


def _made(request: HttpRequest, key: str, version: str, kind: str, name: str = "") -> bytes | None:
    """Return one face of a published version, or its Bundle, as bytes; None where it has no such face.

    Raises:
        Http404: there is no such version.
    """
    policy = published(key, version)[1]
    base = base_url(request)
    identity = (policy.digest, base, kind, name)
    if identity not in _MADE:
        package = Package(program_for_policy(policy), base=base)
        resource = package.bundle() if kind == "Bundle" else package.resource(kind, name)
        if resource is None:
            return None
        if len(_MADE) >= _MOST_MADE:
            _MADE.clear()
        _MADE[identity] = orjson.dumps(resource)
    return _MADE[identity]


def _answer(body: bytes | None) -> HttpResponse:
    if body is None:
        raise Http404(_("This policy has no such FHIR resource."))
    response = HttpResponse(body, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def everything(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Answer all FHIR faces of a version as one Bundle."""
    return _answer(_made(request, key, version, "Bundle"))


@require_safe
def resource(request: HttpRequest, key: str, version: str, kind: str, name: str = "") -> HttpResponse:
    """Answer one FHIR face of a version."""
    return _answer(None if kind == "Bundle" else _made(request, key, version, kind, name))


@require_safe
def canonical(request: HttpRequest, key: str, kind: str, name: str = "") -> HttpResponse:
    """Lead from a canonical address to the version that holds today."""
    for title in shelf.shelf(today()):
        g = title.current.guideline
        if g.id == key:
            return redirect("criteria:fhir-named" if name else "criteria:fhir-one", key, g.version, kind, *([name] if name else []))  # fmt: skip
    raise Http404(_("There is no published guideline of this name and version."))
