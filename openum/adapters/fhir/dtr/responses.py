"""QuestionnaireResponses as the guide wants them: whose, for what, and where each answer comes from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openum.adapters.fhir.dtr.versions import DTR, Version
from openum.forms.answers import ORIGIN, Filled, Given, Spot, response_items, spots_of
from openum.forms.items import Form

Json = dict[str, Any]

PROFILE = f"{DTR}dtr-questionnaireresponse"
NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
PURPOSES = {
    "withpa": "Include with prior authorization",
    "withclaim": "Include with claim",
    "withorder": "Include with order",
    "retain-doc": "Retain in the record",
    "OTH": "other",
}
"""What a filled form is for, in our own words."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What a response is about.

    Attributes:
        subject: Reference to the patient.
        coverage: Reference to the coverage.
        orders: references to the orders, as Type/id.
        purposes: codes of what it is for.
        author: who filled it in, as a Reference; None: nobody yet.
    """

    subject: Json
    coverage: Json
    orders: Sequence[str] = ()
    purposes: Sequence[str] = ("withpa",)
    author: Json | None = None


def response_of(
    form: Form,
    filled: Filled,
    about: About,
    *,
    version: Version,
    identity: str,
    status: str,
    is_enabled: Callable[[Spot], bool],
    at: datetime,
    role: str = "",
) -> Json:
    """Return a response.

    Args:
        form: the form.
        filled: its answers.
        about: whose, for what.
        version: the version of the guide.
        identity: the id of the resource.
        status: in-progress, completed or amended.
        is_enabled: which items are asked.
        at: the instant.
        role: what the person does who answered by hand, in words.
    """

    def origins(given: Given) -> list[Json]:
        return [origin_of(given, version=version, role=role, author=about.author)]

    made: Json = {
        "resourceType": "QuestionnaireResponse",
        "id": identity,
        "meta": {"profile": [PROFILE]},
        "extension": context_of(about, version),
        "questionnaire": form.canonical,
        "status": status,
        "subject": about.subject,
        "authored": at.isoformat(timespec="seconds"),
    }
    if about.author is not None:
        made["author"] = about.author
    items = response_items(
        spots_of(form, filled), filled, is_enabled=is_enabled, origins=origins, with_empty=status == "in-progress"
    )
    return made | ({"item": items} if items else {})


def context_of(about: About, version: Version) -> list[Json]:
    """Return the extensions that say under which coverage, for which orders and to what end."""
    orders: list[Json] = [{"reference": one} for one in about.orders]
    found: list[Json] = []
    if version.has_coverage_extension:
        found.append({"url": f"{DTR}qr-coverage", "valueReference": about.coverage})
    else:
        orders = [about.coverage, *(orders or [{"display": "The order was not named when the form was asked for."}])]
    found += [{"url": f"{DTR}qr-context", "valueReference": one} for one in orders]
    for code in about.purposes:
        system = NULL_FLAVOR if code == "OTH" else version.purpose_system
        coding = {"system": system, "code": code, "display": PURPOSES.get(code, code)}
        found.append({"url": f"{DTR}intendedUse", "valueCodeableConcept": {"coding": [coding]}})
    return found


def origin_of(given: Given, *, version: Version, role: str, author: Json | None) -> Json:
    """Return where an answer comes from; who changed or typed it, where a person did (invariant dtrx-1)."""
    word = str(given.origin) if version.tells_who_filled or not given.origin.is_auto else "auto"
    parts: list[Json] = [{"url": "source", "valueCode": word}]
    if not given.origin.is_auto:
        who: list[Json] = [{"url": "role", "valueCodeableConcept": {"text": role or "Provider office staff"}}]
        if author is not None:
            who.append({"url": "practitioner", "valueReference": author})
        parts.append({"url": "author", "extension": who})
    return {"url": ORIGIN, "extension": parts}
