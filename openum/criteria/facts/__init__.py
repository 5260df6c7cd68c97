"""Short forms of test patients and the FHIR R4 resources they stand for. Pure.

The short forms are written down in policies/guidelines/README.md; what none of them can say is written as `resource:`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal

from openum.criteria.facts.clinical import (
    allergy_fact,
    care_plan_fact,
    condition_fact,
    document_fact,
    encounter_fact,
    goal_fact,
    observation_fact,
    procedure_fact,
    report_fact,
)
from openum.criteria.facts.orders import (
    benefit_fact,
    claim_fact,
    device_fact,
    device_use_fact,
    medication_fact,
    order_fact,
)
from openum.criteria.facts.parts import (
    ANSWER_SYSTEM,
    Fact,
    NotAFact,
    Resource,
    coding_of,
    moment_of,
    plain_json,
    raw_resource,
)


def resources_of(fact: Fact, *, identity: str, subject: str) -> list[Resource]:
    """Return the resources one entry of a record stands for.

    Args:
        fact: the short form, for example `{condition: ICD10|M54.16, onset: 2030-01-01}`.
        identity: the id of the resource; several resources of one entry get numbers.
        subject: how the resources name the person, for example Patient/p.

    Raises:
        NotAFact: no such kind, a key the kind does not have, or a value that cannot be read.
    """
    if "resource" in fact:
        return [raw_resource(fact, identity)]
    kinds = [kind for kind in KINDS if kind in fact]
    if len(kinds) != 1:
        raise NotAFact(f"it must have exactly one of: {', '.join([*KINDS, 'resource'])}.")
    kind = kinds[0]
    build, keys = KINDS[kind]
    for key in fact:
        if key not in (kind, "id", *keys):
            raise NotAFact(f"“{kind}” has no “{key}”; use one of: id, {', '.join(keys)}.")
    days = fact.get("on")
    if isinstance(days, list):
        return [
            one
            for number, day in enumerate(days, start=1)
            for one in build({**fact, "on": day}, f"{identity}-{number}", subject)
        ]
    return build(fact, identity, subject)


def response_of(
    answers: Mapping[str, object], *, identity: str = "form", subject: str = "", on: date | None = None
) -> Resource:
    """Return the completed form with the given answers by link.

    Yes and no are Booleans, dates are dates, numbers are integers or decimals, a word is a chosen code; `{words: …}`
    is free text, any other mapping is taken as the FHIR answer itself, and a list gives several answers.

    Raises:
        NotAFact: an answer that cannot be read.
    """
    items = []
    for link, value in answers.items():
        given = value if isinstance(value, list) else [value]
        items.append({"linkId": link, "answer": [_answer(link, one) for one in given]})
    response: Resource = {"resourceType": "QuestionnaireResponse", "id": identity, "status": "completed", "item": items}
    if subject:
        response["subject"] = {"reference": subject}
    if on:
        response["authored"] = on.isoformat()
    return response


def _answer(link: str, value: object) -> Resource:
    match value:
        case bool():
            return {"valueBoolean": value}
        case int():
            return {"valueInteger": value}
        case float() | Decimal():
            return {"valueDecimal": value}
        case datetime():
            return {"valueDateTime": moment_of(value)}
        case date():
            return {"valueDate": value.isoformat()}
        case str():
            return {"valueCoding": {"system": ANSWER_SYSTEM, "code": value}}
        case {"words": str(words)}:
            return {"valueString": words}
        case {"coding": str(coding)}:
            return {"valueCoding": coding_of(coding)}
        case dict() if value and all(re.match(r"value[A-Z]", str(key)) for key in value):
            return {key: plain_json(inner) for key, inner in value.items()}
        case _:
            raise NotAFact(f"“{link}” must be yes, no, a date, a number, the code of a choice, or {{words: …}}.")


_WHEN = ("on", "from", "to")
KINDS: dict[str, tuple[Callable[[Fact, str, str], list[Resource]], tuple[str, ...]]] = {
    "condition": (
        condition_fact,
        ("text", "onset", "onset_words", "abated", "recorded", "status", "verification", "category", "severity", "site",
         "stage", "note"),
    ),
    "procedure": (procedure_fact, ("text", *_WHEN, "status", "status_reason", "site", "reason", "outcome", "note")),
    "observation": (
        observation_fact,
        ("text", *_WHEN, "value", "unit", "coded", "says", "components", "status", "category", "site", "method",
         "interpretation", "issued", "note"),
    ),
    "medication": (medication_fact, ("text", "kind", *_WHEN, "days", "dose", "per_day", "status", "reason", "note")),
    "encounter": (
        encounter_fact,
        ("text", *_WHEN, "class", "type", "service", "status", "reason", "place", "disposition", "hours"),
    ),
    "order": (
        order_fact,
        ("text", *_WHEN, "occurs", "status", "intent", "category", "quantity", "unit", "reason", "site", "note"),
    ),
    "device": (device_fact, ("text", *_WHEN, "status", "intent", "reason", "note")),
    "device_use": (device_use_fact, ("text", *_WHEN, "recorded", "status", "reason", "note")),
    "report": (report_fact, ("text", *_WHEN, "issued", "status", "category", "coded", "says")),
    "claim": (claim_fact, ("text", *_WHEN, "status", "use", "place")),
    "benefit": (benefit_fact, ("text", *_WHEN, "status", "place")),
    "allergy": (allergy_fact, ("text", "recorded", "status", "verification", "note")),
    "goal": (goal_fact, ("text", "on", "due", "status", "note")),
    "care_plan": (care_plan_fact, ("text", *_WHEN, "status", "intent", "note")),
    "document": (document_fact, ("text", "on", "status", "says")),
}  # fmt: skip
"""Each kind with what makes its resources and the keys it may have."""
