"""Short forms of test patients and the FHIR R4 resources they stand for. Pure.

The short forms are written down in policies/guidelines/README.md; what none of them can say is written as `resource:`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openum.criteria.codes import SYSTEMS

Resource = dict[str, Any]
Fact = Mapping[str, Any]

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_UCUM = "http://unitsofmeasure.org"
ANSWER_SYSTEM = "urn:openum:codes"


class NotAFact(ValueError):
    """A short form cannot be read; the message says what to do."""


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
        return [_raw(fact, identity)]
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
            return {"valueDateTime": _time(value)}
        case date():
            return {"valueDate": value.isoformat()}
        case str():
            return {"valueCoding": {"system": ANSWER_SYSTEM, "code": value}}
        case {"words": str(words)}:
            return {"valueString": words}
        case {"coding": str(coding)}:
            return {"valueCoding": _coding(coding)}
        case dict() if value and all(re.match(r"value[A-Z]", str(key)) for key in value):
            return {key: _plain(inner) for key, inner in value.items()}
        case _:
            raise NotAFact(f"“{link}” must be yes, no, a date, a number, the code of a choice, or {{words: …}}.")


# ---- Parts


def _plain(value: Any) -> Any:
    """Return a YAML value as JSON: dates as text."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return _time(value) if isinstance(value, date) else value


def _raw(fact: Fact, identity: str) -> Resource:
    resource = fact["resource"]
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise NotAFact("“resource” must be a FHIR resource with “resourceType”.")
    if extra := sorted(set(fact) - {"resource", "id"}):
        raise NotAFact(f"beside “resource” only “id” may stand, not “{extra[0]}”.")
    return {"id": identity, **_plain(resource)}


def _time(value: object) -> str:
    """Return a day, a part of a day (2030-01) or an instant as FHIR writes it."""
    if isinstance(value, datetime):
        text = value.isoformat()
        return text if value.tzinfo else f"{text}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | str) and str(value):
        return str(value)
    raise NotAFact(f"“{value}” is no date; write 2030-01-31, or '2030-01' where only the month is known.")


def _coding(text: str) -> dict[str, str]:
    system, bar, code = text.rpartition("|")
    if not bar or not code or not (system in SYSTEMS or ":" in system):
        raise NotAFact(f"“{text}” must read SYSTEM|code with one of {', '.join(SYSTEMS)}, or the address of a system.")
    return {"system": SYSTEMS[system][0] if system in SYSTEMS else system, "code": code.strip()}


def _concept(value: object, text: object = None) -> Resource:
    """Return a code (`SYSTEM|code`), several, or words without a code as a CodeableConcept."""
    given = value if isinstance(value, list) else [value] if value else []
    concept: Resource = {}
    if given:
        concept["coding"] = [_coding(str(one)) for one in given]
    if text:
        concept["text"] = str(text)
    if not concept:
        raise NotAFact("it needs a code (SYSTEM|code) or “text”.")
    return concept


def _maybe_concept(value: object) -> Resource | None:
    """Return a code or plain words as a CodeableConcept, or None."""
    if value is None:
        return None
    is_code = isinstance(value, list) or "|" in str(value)
    return _concept(value) if is_code else {"text": str(value)}


def _hl7(table: str, code: object) -> Resource | None:
    return None if code is None else {"coding": [{"system": f"{_TERMINOLOGY}/{table}", "code": str(code)}]}


def _quantity(value: object, unit: object) -> Resource:
    quantity: Resource = {"value": value}
    if unit:
        quantity |= {"unit": str(unit), "system": _UCUM, "code": str(unit)}
    return quantity


def _period(fact: Fact) -> Resource | None:
    period = {end: _time(fact[key]) for end, key in (("start", "from"), ("end", "to")) if fact.get(key) is not None}
    return period or None


def _timed(fact: Fact, name: str) -> Resource:
    """Return `nameDateTime` or `namePeriod`, or nothing."""
    if fact.get("on") is not None:
        return {f"{name}DateTime": _time(fact["on"])}
    period = _period(fact)
    return {f"{name}Period": period} if period else {}


def _made(kind: str, identity: str, about: tuple[str, str], elements: Mapping[str, Any]) -> Resource:
    """Return a resource without the elements that are absent."""
    present = {name: value for name, value in elements.items() if value is not None}
    return {"resourceType": kind, "id": identity, about[0]: {"reference": about[1]}, **present}


def _each(value: Resource | None) -> list[Resource] | None:
    return None if value is None else [value]


def _notes(fact: Fact) -> list[Resource] | None:
    return [{"text": str(fact["note"])}] if fact.get("note") else None


# ---- Kinds


def _condition(fact: Fact, identity: str, subject: str) -> list[Resource]:
    elements = {
        "code": _concept(fact["condition"], fact.get("text")),
        "clinicalStatus": _hl7("condition-clinical", fact.get("status")),
        "verificationStatus": _hl7("condition-ver-status", fact.get("verification")),
        "category": _each(_hl7("condition-category", fact.get("category"))),
        "severity": _maybe_concept(fact.get("severity")),
        "bodySite": _each(_maybe_concept(fact.get("site"))),
        "onsetDateTime": _time(fact["onset"]) if fact.get("onset") is not None else None,
        "onsetString": fact.get("onset_words"),
        "abatementDateTime": _time(fact["abated"]) if fact.get("abated") is not None else None,
        "recordedDate": _time(fact["recorded"]) if fact.get("recorded") is not None else None,
        "stage": _each({"summary": _maybe_concept(fact["stage"])} if fact.get("stage") else None),
        "note": _notes(fact),
    }
    return [_made("Condition", identity, ("subject", subject), elements)]


def _procedure(fact: Fact, identity: str, subject: str) -> list[Resource]:
    elements = {
        "status": fact.get("status", "completed"),
        "statusReason": _maybe_concept(fact.get("status_reason")),
        "code": _concept(fact["procedure"], fact.get("text")),
        "bodySite": _each(_maybe_concept(fact.get("site"))),
        "reasonCode": _each(_maybe_concept(fact.get("reason"))),
        "outcome": _maybe_concept(fact.get("outcome")),
        "note": _notes(fact),
        **_timed(fact, "performed"),
    }
    return [_made("Procedure", identity, ("subject", subject), elements)]


def _value(fact: Fact) -> Resource:
    """Return the value of an observation or of one of its components."""
    if fact.get("coded"):
        return {"valueCodeableConcept": _concept(fact["coded"])}
    if fact.get("says"):
        return {"valueString": str(fact["says"])}
    value = fact.get("value")
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int | float | Decimal):
        unit = fact.get("unit")
        return (
            {"valueQuantity": _quantity(value, unit)} if unit or not isinstance(value, int) else {"valueInteger": value}
        )
    if isinstance(value, date):
        return {"valueDateTime": _time(value)}
    return {"valueString": value} if isinstance(value, str) else {}


def _observation(fact: Fact, identity: str, subject: str) -> list[Resource]:
    has_code = bool(fact["observation"])
    value = _value(fact)
    if not value and has_code and fact.get("text"):
        value = {"valueString": str(fact["text"])}
    elements = {
        "status": fact.get("status", "final"),
        "code": _concept(fact["observation"], None if has_code else fact.get("text")),
        "category": _each(_hl7("observation-category", fact.get("category"))),
        "bodySite": _maybe_concept(fact.get("site")),
        "method": _maybe_concept(fact.get("method")),
        "interpretation": _each(_maybe_concept(fact.get("interpretation"))),
        "issued": _time(fact["issued"]) if fact.get("issued") is not None else None,
        "note": _notes(fact),
        "component": [_component(one) for one in fact["components"]] if fact.get("components") else None,
        **_timed(fact, "effective"),
        **value,
    }
    return [_made("Observation", identity, ("subject", subject), elements)]


def _component(fact: object) -> Resource:
    if not isinstance(fact, dict) or "code" not in fact:
        raise NotAFact("each of “components” needs “code” and a value.")
    return {"code": _concept(fact["code"]), **_value(fact)}


def _medication(fact: Fact, identity: str, subject: str) -> list[Resource]:
    kind = fact.get("kind", "request")
    medicine = {"medicationCodeableConcept": _concept(fact["medication"], fact.get("text"))}
    days = {"value": fact["days"], "unit": "d", "system": _UCUM, "code": "d"} if fact.get("days") else None
    dose = _dose(fact)
    if kind == "statement":
        elements = {
            "status": fact.get("status", "active"), **medicine, **_timed(fact, "effective"), "dosage": dose,
            "reasonCode": _each(_maybe_concept(fact.get("reason"))), "note": _notes(fact),
        }  # fmt: skip
        return [_made("MedicationStatement", identity, ("subject", subject), elements)]
    given = fact.get("on", fact.get("from"))
    if kind == "dispense":
        elements = {
            "status": fact.get("status", "completed"), **medicine, "daysSupply": days, "dosageInstruction": dose,
            "whenHandedOver": _time(given) if given is not None else None, "note": _notes(fact),
        }  # fmt: skip
        return [_made("MedicationDispense", identity, ("subject", subject), elements)]
    if kind != "request":
        raise NotAFact(f"the kind “{kind}” of a medication is none of: request, statement, dispense.")
    supply = {"validityPeriod": _period(fact), "expectedSupplyDuration": days}
    supply = {name: value for name, value in supply.items() if value is not None}
    elements = {
        "status": fact.get("status", "active"), "intent": "order", **medicine,
        "authoredOn": _time(given) if given is not None else None, "dosageInstruction": dose,
        "reasonCode": _each(_maybe_concept(fact.get("reason"))), "dispenseRequest": supply or None, "note": _notes(fact),
    }  # fmt: skip
    return [_made("MedicationRequest", identity, ("subject", subject), elements)]


def _dose(fact: Fact) -> list[Resource] | None:
    dose: Resource = {}
    if fact.get("dose"):
        dose["text"] = str(fact["dose"])
    if fact.get("per_day"):
        dose["timing"] = {"repeat": {"frequency": fact["per_day"], "period": 1, "periodUnit": "d"}}
    return [dose] if dose else None


def _encounter(fact: Fact, identity: str, subject: str) -> list[Resource]:
    code = fact.get("class")
    length = fact.get("hours")
    place = _maybe_concept(fact.get("place"))
    period = _period(fact)
    if fact.get("on") is not None:
        period = {"start": _time(fact["on"]), "end": _time(fact["on"])}
    types = [concept for key in ("encounter", "type") if (concept := _maybe_concept(fact.get(key) or None)) is not None]
    if fact.get("text"):
        types.append({"text": str(fact["text"])})
    elements = {
        "status": fact.get("status", "finished"),
        "class": {"system": f"{_TERMINOLOGY}/v3-ActCode", "code": str(code)} if code else None,
        "type": types or None,
        "serviceType": _maybe_concept(fact.get("service")),
        "reasonCode": _each(_maybe_concept(fact.get("reason"))),
        "period": period,
        "length": _quantity(length, "h") if length is not None else None,
        "hospitalization": {"dischargeDisposition": _maybe_concept(fact["disposition"])}
        if fact.get("disposition")
        else None,
        "location": [{"location": {"display": str(fact["place"])}, "physicalType": place}] if place else None,
    }
    return [_made("Encounter", identity, ("subject", subject), elements)]


def _order(fact: Fact, identity: str, subject: str) -> list[Resource]:
    period = _period(fact)
    quantity = fact.get("quantity")
    elements = {
        "status": fact.get("status", "active"),
        "intent": fact.get("intent", "order"),
        "category": _each(_maybe_concept(fact.get("category"))),
        "code": _concept(fact["order"], fact.get("text")),
        "authoredOn": _time(fact["on"]) if fact.get("on") is not None else None,
        "occurrenceDateTime": _time(fact["occurs"]) if fact.get("occurs") is not None else None,
        "occurrencePeriod": period,
        "quantityQuantity": _quantity(quantity, fact.get("unit")) if quantity is not None else None,
        "reasonCode": _each(_maybe_concept(fact.get("reason"))),
        "bodySite": _each(_maybe_concept(fact.get("site"))),
        "note": _notes(fact),
    }
    return [_made("ServiceRequest", identity, ("subject", subject), elements)]


def _device(fact: Fact, identity: str, subject: str) -> list[Resource]:
    elements = {
        "status": fact.get("status", "active"),
        "intent": fact.get("intent", "order"),
        "codeCodeableConcept": _concept(fact["device"], fact.get("text")),
        "authoredOn": _time(fact["on"]) if fact.get("on") is not None else None,
        "occurrencePeriod": _period(fact),
        "reasonCode": _each(_maybe_concept(fact.get("reason"))),
        "note": _notes(fact),
    }
    return [_made("DeviceRequest", identity, ("subject", subject), elements)]


def _device_use(fact: Fact, identity: str, subject: str) -> list[Resource]:
    device = {
        "resourceType": "Device", "id": f"{identity}-device", "patient": {"reference": subject},
        "type": _concept(fact["device_use"], fact.get("text")),
    }  # fmt: skip
    elements = {
        "status": fact.get("status", "active"),
        "device": {"reference": f"Device/{identity}-device"},
        "recordedOn": _time(fact["recorded"]) if fact.get("recorded") is not None else None,
        "reasonCode": _each(_maybe_concept(fact.get("reason"))),
        "note": _notes(fact),
        **_timed(fact, "timing"),
    }
    return [device, _made("DeviceUseStatement", identity, ("subject", subject), elements)]


def _report(fact: Fact, identity: str, subject: str) -> list[Resource]:
    has_code = bool(fact["report"])
    elements = {
        "status": fact.get("status", "final"),
        "code": _concept(fact["report"], None if has_code else fact.get("text")),
        "category": _each(_maybe_concept(fact.get("category"))),
        "issued": _time(fact["issued"]) if fact.get("issued") is not None else None,
        "conclusion": str(fact["text"]) if has_code and fact.get("text") else fact.get("says"),
        "conclusionCode": _each(_maybe_concept(fact.get("coded"))),
        **_timed(fact, "effective"),
    }
    return [_made("DiagnosticReport", identity, ("subject", subject), elements)]


def _items(fact: Fact, code: object) -> list[Resource]:
    item: Resource = {"sequence": 1, "productOrService": _concept(code, fact.get("text"))}
    if fact.get("on") is not None:
        item["servicedDate"] = _time(fact["on"])
    elif period := _period(fact):
        item["servicedPeriod"] = period
    if place := _maybe_concept(fact.get("place")):
        item["locationCodeableConcept"] = place
    return [item]


def _claim(fact: Fact, identity: str, subject: str) -> list[Resource]:
    elements = {
        "status": fact.get("status", "active"),
        "use": fact.get("use", "claim"),
        "item": _items(fact, fact["claim"]),
    }
    return [_made("Claim", identity, ("patient", subject), elements)]


def _benefit(fact: Fact, identity: str, subject: str) -> list[Resource]:
    elements = {
        "status": fact.get("status", "active"), "use": "claim", "outcome": "complete",
        "item": _items(fact, fact["benefit"]),
    }  # fmt: skip
    return [_made("ExplanationOfBenefit", identity, ("patient", subject), elements)]


def _allergy(fact: Fact, identity: str, subject: str) -> list[Resource]:
    elements = {
        "clinicalStatus": _hl7("allergyintolerance-clinical", fact.get("status")),
        "verificationStatus": _hl7("allergyintolerance-verification", fact.get("verification")),
        "code": _concept(fact["allergy"], fact.get("text")),
        "recordedDate": _time(fact["recorded"]) if fact.get("recorded") is not None else None,
        "note": _notes(fact),
    }
    return [_made("AllergyIntolerance", identity, ("patient", subject), elements)]


def _goal(fact: Fact, identity: str, subject: str) -> list[Resource]:
    elements = {
        "lifecycleStatus": fact.get("status", "active"),
        "description": _concept(fact["goal"], fact.get("text")),
        "startDate": _time(fact["on"]) if fact.get("on") is not None else None,
        "target": [{"dueDate": _time(fact["due"])}] if fact.get("due") is not None else None,
        "note": _notes(fact),
    }
    return [_made("Goal", identity, ("subject", subject), elements)]


def _care_plan(fact: Fact, identity: str, subject: str) -> list[Resource]:
    elements = {
        "status": fact.get("status", "active"),
        "intent": fact.get("intent", "plan"),
        "category": [_concept(fact["care_plan"], fact.get("text"))],
        "created": _time(fact["on"]) if fact.get("on") is not None else None,
        "period": _period(fact),
        "note": _notes(fact),
    }
    return [_made("CarePlan", identity, ("subject", subject), elements)]


def _document(fact: Fact, identity: str, subject: str) -> list[Resource]:
    elements = {
        "status": fact.get("status", "current"),
        "type": _concept(fact["document"], fact.get("text")),
        "date": _time(fact["on"]) if fact.get("on") is not None else None,
        "description": fact.get("says"),
        "content": [{"attachment": {"contentType": "text/plain", "title": str(fact.get("says", "document"))}}],
    }
    return [_made("DocumentReference", identity, ("subject", subject), elements)]


_WHEN = ("on", "from", "to")
KINDS: dict[str, tuple[Callable[[Fact, str, str], list[Resource]], tuple[str, ...]]] = {
    "condition": (
        _condition,
        ("text", "onset", "onset_words", "abated", "recorded", "status", "verification", "category", "severity", "site",
         "stage", "note"),
    ),
    "procedure": (_procedure, ("text", *_WHEN, "status", "status_reason", "site", "reason", "outcome", "note")),
    "observation": (
        _observation,
        ("text", *_WHEN, "value", "unit", "coded", "says", "components", "status", "category", "site", "method",
         "interpretation", "issued", "note"),
    ),
    "medication": (_medication, ("text", "kind", *_WHEN, "days", "dose", "per_day", "status", "reason", "note")),
    "encounter": (
        _encounter,
        ("text", *_WHEN, "class", "type", "service", "status", "reason", "place", "disposition", "hours"),
    ),
    "order": (
        _order,
        ("text", *_WHEN, "occurs", "status", "intent", "category", "quantity", "unit", "reason", "site", "note"),
    ),
    "device": (_device, ("text", *_WHEN, "status", "intent", "reason", "note")),
    "device_use": (_device_use, ("text", *_WHEN, "recorded", "status", "reason", "note")),
    "report": (_report, ("text", *_WHEN, "issued", "status", "category", "coded", "says")),
    "claim": (_claim, ("text", *_WHEN, "status", "use", "place")),
    "benefit": (_benefit, ("text", *_WHEN, "status", "place")),
    "allergy": (_allergy, ("text", "recorded", "status", "verification", "note")),
    "goal": (_goal, ("text", "on", "due", "status", "note")),
    "care_plan": (_care_plan, ("text", *_WHEN, "status", "intent", "note")),
    "document": (_document, ("text", "on", "status", "says")),
}  # fmt: skip
"""Each kind with what makes its resources and the keys it may have."""
