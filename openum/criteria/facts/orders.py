"""What was ordered, given and paid for: medicines, services, devices, claims. Pure."""

from openum.criteria.facts.parts import (
    UCUM,
    Fact,
    NotAFact,
    Resource,
    concept_of,
    listed,
    maybe_concept,
    moment_of,
    notes_of,
    period_of,
    quantity_of,
    resource_of,
    timed_as,
)


def medication_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a MedicationRequest, MedicationStatement or MedicationDispense."""
    kind = fact.get("kind", "request")
    medicine = {"medicationCodeableConcept": concept_of(fact["medication"], fact.get("text"))}
    days = {"value": fact["days"], "unit": "d", "system": UCUM, "code": "d"} if fact.get("days") else None
    dose = _dose(fact)
    if kind == "statement":
        elements = {
            "status": fact.get("status", "active"), **medicine, **timed_as(fact, "effective"), "dosage": dose,
            "reasonCode": listed(maybe_concept(fact.get("reason"))), "note": notes_of(fact),
        }  # fmt: skip
        return [resource_of("MedicationStatement", identity, ("subject", subject), elements)]
    given = fact.get("on", fact.get("from"))
    if kind == "dispense":
        elements = {
            "status": fact.get("status", "completed"), **medicine, "daysSupply": days, "dosageInstruction": dose,
            "whenHandedOver": moment_of(given) if given is not None else None, "note": notes_of(fact),
        }  # fmt: skip
        return [resource_of("MedicationDispense", identity, ("subject", subject), elements)]
    if kind != "request":
        raise NotAFact(f"the kind “{kind}” of a medication is none of: request, statement, dispense.")
    supply = {"validityPeriod": period_of(fact), "expectedSupplyDuration": days}
    supply = {name: value for name, value in supply.items() if value is not None}
    elements = {
        "status": fact.get("status", "active"), "intent": "order", **medicine,
        "authoredOn": moment_of(given) if given is not None else None, "dosageInstruction": dose,
        "reasonCode": listed(maybe_concept(fact.get("reason"))), "dispenseRequest": supply or None, "note": notes_of(fact),
    }  # fmt: skip
    return [resource_of("MedicationRequest", identity, ("subject", subject), elements)]


def _dose(fact: Fact) -> list[Resource] | None:
    dose: Resource = {}
    if fact.get("dose"):
        dose["text"] = str(fact["dose"])
    if fact.get("per_day"):
        dose["timing"] = {"repeat": {"frequency": fact["per_day"], "period": 1, "periodUnit": "d"}}
    return [dose] if dose else None


def order_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a ServiceRequest."""
    period = period_of(fact)
    quantity = fact.get("quantity")
    elements = {
        "status": fact.get("status", "active"),
        "intent": fact.get("intent", "order"),
        "category": listed(maybe_concept(fact.get("category"))),
        "code": concept_of(fact["order"], fact.get("text")),
        "authoredOn": moment_of(fact["on"]) if fact.get("on") is not None else None,
        "occurrenceDateTime": moment_of(fact["occurs"]) if fact.get("occurs") is not None else None,
        "occurrencePeriod": period,
        "quantityQuantity": quantity_of(quantity, fact.get("unit")) if quantity is not None else None,
        "reasonCode": listed(maybe_concept(fact.get("reason"))),
        "bodySite": listed(maybe_concept(fact.get("site"))),
        "note": notes_of(fact),
    }
    return [resource_of("ServiceRequest", identity, ("subject", subject), elements)]


def device_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a DeviceRequest."""
    elements = {
        "status": fact.get("status", "active"),
        "intent": fact.get("intent", "order"),
        "codeCodeableConcept": concept_of(fact["device"], fact.get("text")),
        "authoredOn": moment_of(fact["on"]) if fact.get("on") is not None else None,
        "occurrencePeriod": period_of(fact),
        "reasonCode": listed(maybe_concept(fact.get("reason"))),
        "note": notes_of(fact),
    }
    return [resource_of("DeviceRequest", identity, ("subject", subject), elements)]


def device_use_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a Device and DeviceUseStatement."""
    device = {
        "resourceType": "Device", "id": f"{identity}-device", "patient": {"reference": subject},
        "type": concept_of(fact["device_use"], fact.get("text")),
    }  # fmt: skip
    elements = {
        "status": fact.get("status", "active"),
        "device": {"reference": f"Device/{identity}-device"},
        "recordedOn": moment_of(fact["recorded"]) if fact.get("recorded") is not None else None,
        "reasonCode": listed(maybe_concept(fact.get("reason"))),
        "note": notes_of(fact),
        **timed_as(fact, "timing"),
    }
    return [device, resource_of("DeviceUseStatement", identity, ("subject", subject), elements)]


def _items(fact: Fact, code: object) -> list[Resource]:
    item: Resource = {"sequence": 1, "productOrService": concept_of(code, fact.get("text"))}
    if fact.get("on") is not None:
        item["servicedDate"] = moment_of(fact["on"])
    elif period := period_of(fact):
        item["servicedPeriod"] = period
    if place := maybe_concept(fact.get("place")):
        item["locationCodeableConcept"] = place
    return [item]


def claim_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return a Claim of one item."""
    elements = {
        "status": fact.get("status", "active"),
        "use": fact.get("use", "claim"),
        "item": _items(fact, fact["claim"]),
    }
    return [resource_of("Claim", identity, ("patient", subject), elements)]


def benefit_fact(fact: Fact, identity: str, subject: str) -> list[Resource]:
    """Return an ExplanationOfBenefit of one item."""
    elements = {
        "status": fact.get("status", "active"), "use": "claim", "outcome": "complete",
        "item": _items(fact, fact["benefit"]),
    }  # fmt: skip
    return [resource_of("ExplanationOfBenefit", identity, ("patient", subject), elements)]
