"""Background work of the FHIR interface."""

from datetime import datetime
from typing import Any

from openum.adapters.fhir.pas.profiles import CHECK, check_profiles
from openum.cases.models import Request
from openum.jobs import handler


@handler(CHECK)
def check_profiles_of_a_request(payload: dict[str, Any], *, at: datetime) -> None:
    """Check a request's profiles and keep what is found."""
    request = Request.objects.select_related("submission", "case").get(public_id=payload["request"])
    check_profiles(request, version=payload["version"], at=at)
