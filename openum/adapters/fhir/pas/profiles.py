"""The profiles of a PAS request, checked after its answer: what is found is told by the next answer."""

from datetime import datetime

from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.checks import faults_of
from openum.adapters.fhir.door import parse
from openum.adapters.fhir.pas.versions import VERSIONS, Version
from openum.cases.models import Request
from openum.jobs import enqueue
from openum.submission.incoming import Fault
from openum.submission.services import note_faults

CHECK = "fhir.check_profiles"


def check_profiles_later(request: Request, *, version: Version, at: datetime) -> None:
    """Have the profiles of a kept request checked, as soon as its answer is out."""
    enqueue(CHECK, {"request": str(request.public_id), "version": version.base}, run_at=at)


def check_profiles(request: Request, *, version: str, at: datetime) -> None:
    """Check the kept message of a request and note its faults with it; the worker calls this."""
    submission = request.submission
    if submission.raw is None:
        return
    known = tuple(Fault(**one) for one in request.faults)
    message = Bundle(parse(bytes(submission.raw)).data).resource
    found = faults_of(message, version=VERSIONS[version], is_thorough=True, known=known)
    if found != known:
        note_faults(request=request, faults=found, at=at)
