"""What a card proposes to do with one click: another order, one more order, a task for a form, a mended Coverage."""

from collections.abc import Mapping
from datetime import date, timedelta

from openum.adapters.fhir.bundle import references_in
from openum.adapters.fhir.codes import NPI, PLACE_OF_SERVICE
from openum.adapters.fhir.crd.information import TEMP, coding_of
from openum.adapters.fhir.crd.orders import Order
from openum.adapters.fhir.crd.people import Covered
from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json, day, part, rows, text
from openum.needs.rules import Alternative, Companion, Service

SDC = "http://hl7.org/fhir/uv/sdc/CodeSystem/temp"
_CODE_ELEMENTS = {"ServiceRequest": "code", "DeviceRequest": "code", "MedicationRequest": "medication"}
_COVERAGE_CLASS = "http://terminology.hl7.org/CodeSystem/coverage-class"
_SUBSCRIBER = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
_NOT_COPIED = frozenset({"id", "text", "extension", "identifier", "meta"})
_SHARED = ("subject", "encounter", "requester", "reasonCode", "reasonReference", "insurance")


def exchange(order: Order, alternative: Alternative) -> list[Json]:
    """Return how to change an order: another code means delete and create, another place or provider an update."""
    resource = order.resource
    kind = resource["resourceType"]
    if alternative.service is not None and kind in _CODE_ELEMENTS:
        display = alternative.display or alternative.label
        created = {key: value for key, value in resource.items() if key not in _NOT_COPIED and not _is_code(key, kind)}
        created |= {_code_element(kind): _concept(alternative.service, display)}
        created = _without_unused(created)
        return [
            {"type": "delete", "description": "Remove the order", "resourceId": order.reference},
            {"type": "create", "description": f"Order instead: {display}", "resource": created},
        ]
    if alternative.place and kind == "ServiceRequest":
        place = [{"coding": [{"system": PLACE_OF_SERVICE, "code": alternative.place}]}]
        return [_update("Change the place", {**resource, "locationCode": place})]
    if alternative.npi and (changed := _with_performer(resource, alternative)) is not None:
        return [_update("Change who does it", _without_unused(changed))]
    return []


def _without_unused(created: Json) -> Json:
    """Leave out contained resources that nothing refers to any more (FHIR R4, dom-3)."""
    contained = list(rows(created.get("contained")))
    named = {text(one.get("reference")) for one in references_in(created)}
    kept = [one for one in contained if f"#{text(one.get('id'))}" in named]
    found = {key: value for key, value in created.items() if key != "contained"}
    return {**found, "contained": kept} if kept else found


def is_taken(order: Order, alternative: Alternative) -> bool:
    """Say whether the order is already what the alternative proposes."""
    return (
        (alternative.service is not None and alternative.service in (*order.services, *order.billing_options))
        or (bool(alternative.place) and alternative.place == order.place)
        or (bool(alternative.npi) and alternative.npi in order.performers)
    )


def companion_order(order: Order, companion: Companion, *, on: date) -> Json:
    """Return a further order for the same person, to be signed like the first; what it names inside comes along (ref-1)."""
    kind = _kind_of(companion.service)
    made: Json = {"resourceType": kind, "status": "draft", "intent": "original-order"}
    made[_code_element(kind)] = _concept(companion.service, companion.display)
    made |= {name: order.resource[name] for name in _SHARED if name in order.resource}
    made["authoredOn"] = on.isoformat()
    return _without_unused({**made, "contained": list(rows(order.resource.get("contained")))})


def task_for(
    order: Order, canonical: str, *, patient: str, payer: Mapping[str, str], on: date, version: Version
) -> Json:
    """Return the Task that puts a form on a clinician's list.

    Args:
        payer: name and number of the plan that asks.
    """
    organization: Json = {"resourceType": "Organization", "id": "payer", "active": True, "name": payer["name"]}
    if payer["npi"]:
        organization["identifier"] = [{"system": NPI, "value": payer["npi"]}]
    kind = {"coding": [{"system": SDC, "code": "questionnaire"}], "text": "questionnaire"}
    form = {"type": kind, "valueCanonical": canonical}
    task: Json = {
        "resourceType": "Task",
        "meta": {"profile": [version.task_profile]},
        "contained": [organization],
        "basedOn": [{"reference": order.reference}],
        "status": "ready",
        "intent": "order",
        "code": {"coding": [{"system": SDC, "code": "complete-questionnaire"}]},
        "description": "Complete the form of the plan",
        "for": {"reference": patient},
        "authoredOn": on.isoformat(),
        "requester": {"reference": "#payer"},
        "input": [form],
    }
    if version.tells_what_follows:
        task["reasonCode"] = {"coding": [{"system": TEMP, "code": "reason-prior-auth"}]}
        task["input"].append(
            {
                "type": {"coding": [{"system": TEMP, "code": "after-completion-action"}]},
                "valueCodeableConcept": {"coding": [{"system": TEMP, "code": "prior-auth-include"}]},
            }
        )
    return task


def mended_coverage(covered: Covered, *, patient: str, payer: Mapping[str, str]) -> tuple[Json, list[str]] | None:
    """Return the client's Coverage as our file has it, and what differs; None: nothing does, or it is not ours to say.

    Without a Coverage of the client's, the whole of it is new.
    """
    held = covered.held
    if held is None or not covered.is_certain:
        return None
    ends = held.valid_to - timedelta(days=1) if held.valid_to else None
    ours: Json = {"subscriberId": held.subscriber_number, "period": {"start": held.valid_from.isoformat()}}
    if ends is not None:
        ours["period"]["end"] = ends.isoformat()
    if held.group_number:
        ours["class"] = [_class("group", held.group_number)]
    if not covered.resource:
        made: Json = {
            "resourceType": "Coverage", "status": "active", **ours, "beneficiary": {"reference": patient},
            "relationship": {"coding": [{"system": _SUBSCRIBER, "code": held.relationship}]},
            "payor": [_payor(payer)],
        }  # fmt: skip
        return (made, ["it is not in your record"]) if not covered.trouble else None
    return _differences(covered, ours, ends)


def _differences(covered: Covered, ours: Json, ends: date | None) -> tuple[Json, list[str]] | None:
    sent = covered.resource
    made = dict(sent)
    differs: list[str] = []
    numbers = {text(sent.get("subscriberId")), *(text(one.get("value")) for one in rows(sent.get("identifier")))}
    own = covered.member.member_number if covered.member else ""
    if not numbers & {ours["subscriberId"], own}:
        made["subscriberId"] = ours["subscriberId"]
        differs.append("the member number")
    period = part(sent, "period")
    if day(period.get("end")) != ends and (ends is not None or day(period.get("end")) is not None):
        made["period"] = {**{key: value for key, value in period.items() if key != "end"}, **ours["period"]}
        differs.append("its last day")
    groups = [one for one in rows(sent.get("class")) if _class_code(one) == "group"]
    if groups and "class" in ours and all(one.get("value") != ours["class"][0]["value"] for one in groups):
        made["class"] = [*(one for one in rows(sent.get("class")) if _class_code(one) != "group"), *ours["class"]]
        differs.append("the group")
    if covered.trouble and sent.get("status") == "active":
        made["status"] = "cancelled"
        differs.append("it is not active")
    return (made, differs) if differs else None


def _update(description: str, resource: Json) -> Json:
    return {"type": "update", "description": description, "resource": resource}


def _with_performer(resource: Json, alternative: Alternative) -> Json | None:
    reference: Json = {"identifier": {"system": NPI, "value": alternative.npi}}
    if alternative.display:
        reference["display"] = alternative.display
    kind = resource["resourceType"]
    if kind == "ServiceRequest":
        return {**resource, "performer": [reference]}
    if kind == "DeviceRequest":
        return {**resource, "performer": reference}
    if kind == "MedicationRequest":
        return {**resource, "dispenseRequest": {**part(resource, "dispenseRequest"), "performer": reference}}
    return None


def _is_code(key: str, kind: str) -> bool:
    """Say whether an element holds the code of an order: `code`, `codeReference`, `medicationCodeableConcept` …"""
    stem = _CODE_ELEMENTS[kind]
    return key == stem or key in {f"{stem}CodeableConcept", f"{stem}Reference"}


def _code_element(kind: str) -> str:
    stem = _CODE_ELEMENTS[kind]
    return stem if kind == "ServiceRequest" else f"{stem}CodeableConcept"


def _kind_of(service: Service) -> str:
    system, code = service
    if system == "RXNORM":
        return "MedicationRequest"
    return "DeviceRequest" if system == "HCPCS" and code[:1] in "AEKL" else "ServiceRequest"


def _concept(service: Service, display: str) -> Json:
    return {"coding": [{**coding_of(service), "display": display}], "text": display}


def _class(code: str, value: str) -> Json:
    return {"type": {"coding": [{"system": _COVERAGE_CLASS, "code": code}]}, "value": value}


def _class_code(row: Json) -> str:
    return next((text(one.get("code")) for one in rows(part(row, "type").get("coding"))), "")


def _payor(payer: Mapping[str, str]) -> Json:
    identifier = {"identifier": {"system": NPI, "value": payer["npi"]}} if payer["npi"] else {}
    return {**identifier, "display": payer["name"]}
