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


def package_of(request: HttpRequest, key: str, version: str) -> Package:
    """Return the FHIR faces of a published version.

    Raises:
        Http404: there is none.
    """
    policy = published(key, version)[1]
    return Package(program_for_policy(policy), base=base_url(request))


def _answer(resource: object) -> HttpResponse:
    response = HttpResponse(orjson.dumps(resource), content_type=CONTENT_TYPE)
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def everything(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Answer all FHIR faces of a version as one Bundle."""
    return _answer(package_of(request, key, version).bundle())


@require_safe
def resource(request: HttpRequest, key: str, version: str, kind: str, name: str = "") -> HttpResponse:
    """Answer one FHIR face of a version."""
    found = package_of(request, key, version).resource(kind, name)
    if found is None:
        raise Http404(_("This policy has no such FHIR resource."))
    return _answer(found)


@require_safe
def canonical(request: HttpRequest, key: str, kind: str, name: str = "") -> HttpResponse:
    """Lead from a canonical address to the version that holds today."""
    for title in shelf.shelf(today()):
        g = title.current.guideline
        if g.id == key:
            return redirect("criteria:fhir-named" if name else "criteria:fhir-one", key, g.version, kind, *([name] if name else []))  # fmt: skip
    raise Http404(_("There is no published guideline of this name and version."))
