"""The OpenAPI document of this installation; it holds no member data and anybody may read it."""

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from openum.adapters.openapi import document


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer GET /openapi.json."""
    base_url = settings.OPENUM_BASE_URL or f"{request.scheme}://{request.get_host()}"
    response = HttpResponse(
        orjson.dumps(document(base_url=base_url), option=orjson.OPT_INDENT_2), content_type="application/json"
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
