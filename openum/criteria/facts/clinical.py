"""What was found and done: conditions, procedures, observations, encounters, reports, allergies, goals, documents. Pure."""

from datetime import date
from decimal import Decimal

from openum.criteria.facts.parts import (
    TERMINOLOGY,
    Fact,
    NotAFact,
    Resource,
    concept_of,
    hl7_code,
    listed,
    maybe_concept,
    moment_of,
    notes_of,
    period_of,
    quantity_of,
    resource_of,
    timed_as,
)


def condition_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a Condition."""
    elements = {
        "code": concept_of(fact["condition"], fact.get("text")),
        "clinicalStatus": hl7_code("condition-clinical", fact.get("status")),
        "verificationStatus": hl7_code("condition-ver-status", fact.get("verification")),
        "category": listed(hl7_code("condition-category", fact.get("category"))),
        "severity": maybe_concept(fact.get("severity")),
        "bodySite": listed(maybe_concept(fact.get("site"))),
        "onsetDateTime": moment_of(fact["onset"]) if fact.get("onset") is not None else None,
        "onsetString": fact.get("onset_words"),
        "abatementDateTime": moment_of(fact["abated"]) if fact.get("abated") is not None else None,
        "recordedDate": moment_of(fact["recorded"]) if fact.get("recorded") is not None else None,
        "stage": listed({"summary": maybe_concept(fact["stage"])} if fact.get("stage") else None),
        "note": notes_of(fact),
    }
    return [resource_of("Condition", identity, ("subject", subject), elements)]


def procedure_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a Procedure."""
    elements = {
        "status": fact.get("status", "completed"),
        "statusReason": maybe_concept(fact.get("status_reason")),
        "code": concept_of(fact["procedure"], fact.get("text")),
        "bodySite": listed(maybe_concept(fact.get("site"))),
        "reasonCode": listed(maybe_concept(fact.get("reason"))),
        "outcome": maybe_concept(fact.get("outcome")),
        "note": notes_of(fact),
        **timed_as(fact, "performed"),
    }
    return [resource_of("Procedure", identity, ("subject", subject), elements)]


def _value(fact: Fact) -> Resource:
    """Return the value of an observation or of one of its components."""
    if fact.get("coded"):
        return {"valueCodeableConcept": concept_of(fact["coded"])}
    if fact.get("says"):
        return {"valueString": str(fact["says"])}
    value = fact.get("value")
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int | float | Decimal):
        unit = fact.get("unit")
        return (
            {"valueQuantity": quantity_of(value, unit)}
            if unit or not isinstance(value, int)
            else {"valueInteger": value}
        )
    if isinstance(value, date):
        return {"valueDateTime": moment_of(value)}
    return {"valueString": value} if isinstance(value, str) else {}


def observation_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return an Observation."""
    has_code = bool(fact["observation"])
    value = _value(fact)
    if not value and has_code and fact.get("text"):
        value = {"valueString": str(fact["text"])}
    elements = {
        "status": fact.get("status", "final"),
        "code": concept_of(fact["observation"], None if has_code else fact.get("text")),
        "category": listed(hl7_code("observation-category", fact.get("category"))),
        "bodySite": maybe_concept(fact.get("site")),
        "method": maybe_concept(fact.get("method")),
        "interpretation": listed(maybe_concept(fact.get("interpretation"))),
        "issued": moment_of(fact["issued"]) if fact.get("issued") is not None else None,
        "note": notes_of(fact),
        "component": [_component(one) for one in fact["components"]] if fact.get("components") else None,
        **timed_as(fact, "effective"),
        **value,
    }
    return [resource_of("Observation", identity, ("subject", subject), elements)]


def _component(fact: object) -> Resource:
    if not isinstance(fact, dict) or "code" not in fact:
        raise NotAFact("each of “components” needs “code” and a value.")
    return {"code": concept_of(fact["code"]), **_value(fact)}


def encounter_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return an Encounter."""
    code = fact.get("class")
    length = fact.get("hours")
    place = maybe_concept(fact.get("place"))
    period = period_of(fact)
    if fact.get("on") is not None:
        period = {"start": moment_of(fact["on"]), "end": moment_of(fact["on"])}
    types = [concept for key in ("encounter", "type") if (concept := maybe_concept(fact.get(key) or None)) is not None]
    if fact.get("text"):
        types.append({"text": str(fact["text"])})
    elements = {
        "status": fact.get("status", "finished"),
        "class": {"system": f"{TERMINOLOGY}/v3-ActCode", "code": str(code)} if code else None,
        "type": types or None,
        "serviceType": maybe_concept(fact.get("service")),
        "reasonCode": listed(maybe_concept(fact.get("reason"))),
        "period": period,
        "length": quantity_of(length, "h") if length is not None else None,
        "hospitalization": {"dischargeDisposition": maybe_concept(fact["disposition"])}
        if fact.get("disposition")
        else None,
        "location": [{"location": {"display": str(fact["place"])}, "physicalType": place}] if place else None,
    }
    return [resource_of("Encounter", identity, ("subject", subject), elements)]


def report_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a DiagnosticReport."""
    has_code = bool(fact["report"])
    elements = {
        "status": fact.get("status", "final"),
        "code": concept_of(fact["report"], None if has_code else fact.get("text")),
        "category": listed(maybe_concept(fact.get("category"))),
        "issued": moment_of(fact["issued"]) if fact.get("issued") is not None else None,
        "conclusion": str(fact["text"]) if has_code and fact.get("text") else fact.get("says"),
        "conclusionCode": listed(maybe_concept(fact.get("coded"))),
        **timed_as(fact, "effective"),
    }
    return [resource_of("DiagnosticReport", identity, ("subject", subject), elements)]


def allergy_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return an AllergyIntolerance."""
    elements = {
        "clinicalStatus": hl7_code("allergyintolerance-clinical", fact.get("status")),
        "verificationStatus": hl7_code("allergyintolerance-verification", fact.get("verification")),
        "code": concept_of(fact["allergy"], fact.get("text")),
        "recordedDate": moment_of(fact["recorded"]) if fact.get("recorded") is not None else None,
        "note": notes_of(fact),
    }
    return [resource_of("AllergyIntolerance", identity, ("patient", subject), elements)]


def goal_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a Goal."""
    elements = {
        "lifecycleStatus": fact.get("status", "active"),
        "description": concept_of(fact["goal"], fact.get("text")),
        "startDate": moment_of(fact["on"]) if fact.get("on") is not None else None,
        "target": [{"dueDate": moment_of(fact["due"])}] if fact.get("due") is not None else None,
        "note": notes_of(fact),
    }
    return [resource_of("Goal", identity, ("subject", subject), elements)]


def care_plan_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a CarePlan."""
    elements = {
        "status": fact.get("status", "active"),
        "intent": fact.get("intent", "plan"),
        "category": [concept_of(fact["care_plan"], fact.get("text"))],
        "created": moment_of(fact["on"]) if fact.get("on") is not None else None,
        "period": period_of(fact),
        "note": notes_of(fact),
    }
    return [resource_of("CarePlan", identity, ("subject", subject), elements)]


def document_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a DocumentReference."""
    elements = {
        "status": fact.get("status", "current"),
        "type": concept_of(fact["document"], fact.get("text")),
        "date": moment_of(fact["on"]) if fact.get("on") is not None else None,
        "description": fact.get("says"),
        "content": [{"attachment": {"contentType": "text/plain", "title": str(fact.get("says", "document"))}}],
    }
    return [resource_of("DocumentReference", identity, ("subject", subject), elements)]
