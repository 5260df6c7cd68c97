"""The PAS request Bundle of a chart's order, and the inquiry after it. Pure."""

from datetime import datetime, timedelta
from typing import Any

from samples import codes, named
from samples.bundles import PAS, X12
from samples.ehr.chart import ORDER, Chart, concept, reference

Json = dict[str, Any]

GUIDES = {"2.0": "2.0.1", "2.2": "2.2.1"}


def request_bundle(
    chart: Chart, *, base: str, version: str, identifier: str, at: datetime, response: Json | None = None
) -> Json:
    """Return the Bundle that asks for the order.

    Args:
        chart: the patient's record; all of it travels.
        base: address of the record system's FHIR server, the beginning of every fullUrl.
        version: `2.0` or `2.2`.
        identifier: names the request.
        at: when it is made, aware.
        response: the filled form, if there is one.
    """
    order = chart.get(ORDER) or {}
    resources = [{**one, **({"status": "active"} if one is order else {})} for one in chart.resources]
    extra = [response] if response is not None else []
    claim = _claim(chart, order, version=version, identifier=identifier, at=at, response=response)
    return {
        "resourceType": "Bundle",
        "id": identifier,
        "meta": {"profile": [f"{PAS}profile-pas-request-bundle"]},
        "identifier": {"system": "urn:small-practice:messages", "value": identifier},
        "type": "collection",
        "timestamp": at.isoformat(),
        "entry": [
            {"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one}
            for one in (claim, *resources, *extra)
        ],
    }


def _claim(chart: Chart, order: Json, *, version: str, identifier: str, at: datetime, response: Json | None) -> Json:
    insurer, performer = list(chart.of("Organization"))[:2]
    conditions = list(chart.of("Condition"))
    quantity = order.get("quantityQuantity", {}).get("value", 1)
    planned = order.get("occurrenceDateTime") or (at.astimezone(named.ZONE).date() + timedelta(days=3)).isoformat()
    claim: Json = {
        "resourceType": "Claim",
        "id": identifier,
        "meta": {"profile": [f"{PAS}profile-claim"]},
        "identifier": [{"system": "urn:small-practice:requests", "value": identifier}],
        "status": "active",
        "type": concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        "use": "preauthorization",
        "patient": reference(chart.one("Patient")),
        "created": at.isoformat(),
        "insurer": reference(insurer),
        "provider": reference(chart.one("Practitioner")),
        "priority": concept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
        "careTeam": [{
            "sequence": 1, "extension": [{"url": f"{PAS}extension-careTeamClaimScope", "valueBoolean": False}],
            "provider": reference(performer), "role": concept(f"{X12}98", "SJ"),
        }],
        "diagnosis": [
            {"sequence": number, "diagnosisCodeableConcept": {"coding": one["code"]["coding"]}}
            for number, one in enumerate(conditions, start=1)
        ],
        "insurance": [{"sequence": 1, "focal": True, "coverage": reference(chart.one("Coverage"))}],
        "item": [{
            "sequence": 1,
            "extension": [
                {"url": f"{PAS}extension-itemTraceNumber",
                 "valueIdentifier": {"system": "urn:small-practice:lines", "value": f"{identifier}-1"}},
                _coded("extension-serviceItemRequestType", "1525", "HS"),
                _coded("extension-certificationType", "1322", "I"),
                {"url": f"{PAS}extension-requestedService", "valueReference": {"reference": ORDER}},
            ],
            "careTeamSequence": [1],
            "diagnosisSequence": [number for number, _ in enumerate(conditions, start=1)],
            "category": concept(f"{X12}1365", "42" if _is_home(order) else "62"),
            "productOrService": {"coding": order["code"]["coding"]},
            "servicedDate": planned,
            "locationCodeableConcept": concept(
                "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
                "12" if _is_home(order) else "11",
            ),
            "quantity": {"value": quantity, "unit": "Unit", "system": "http://unitsofmeasure.org", "code": "{unit}"},
        }],
    }  # fmt: skip
    if version == "2.2":
        claim["extension"] = [_coded("extension-certificationType", "1322", "I")]
    if response is not None:
        system = "PASSupportingInfoType" if version == "2.2" else "PASTempCodes"
        claim["supportingInfo"] = [{
            "sequence": 1,
            "category": concept(f"http://hl7.org/fhir/us/davinci-pas/CodeSystem/{system}", "additionalInformation"),
            "valueReference": reference(response),
        }]  # fmt: skip
    return claim


def _is_home(order: Json) -> bool:
    return bool(order["code"]["coding"][0]["system"] == codes.HCPCS)


def _coded(name: str, element: str, code: str) -> Json:
    return {"url": f"{PAS}{name}", "valueCodeableConcept": concept(f"{X12}{element}", code)}


def inquiry_bundle(asked: Json) -> Json:
    """Return the inquiry after a request: the same Claim and people, asking how it stands."""
    kept = {"Claim", "Patient", "Coverage", "Organization", "Practitioner"}
    entries = [entry for entry in asked["entry"] if entry["resource"]["resourceType"] in kept]
    claim = {key: value for key, value in entries[0]["resource"].items() if key != "supportingInfo"}
    item = {key: value for key, value in claim["item"][0].items() if key != "extension"}
    claim["item"] = [item]
    claim["meta"] = {"profile": [f"{PAS}profile-claim-inquiry"]}
    return {
        **asked,
        "meta": {"profile": [f"{PAS}profile-pas-inquiry-request-bundle"]},
        "entry": [{**entries[0], "resource": claim}, *entries[1:]],
    }
