"""One made-up record with the shapes that real ones have: choices, extensions, references, backbone elements."""

from __future__ import annotations

from typing import Any

from tests.cql.kit import LOINC, UCUM, concept, condition, mass, patient, visit

RECORD: list[dict[str, Any]] = [
    patient()
    | {
        "gender": "male",
        "extension": [
            {
                "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
                "extension": [
                    {
                        "url": "ombCategory",
                        "valueCoding": {
                            "system": "urn:oid:2.16.840.1.113883.6.238",
                            "code": "2106-3",
                            "display": "White",
                        },
                    },
                    {"url": "text", "valueString": "White"},
                ],
            },
            {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "M"},
        ],
        "contained": [{"resourceType": "Organization", "id": "o9", "name": "In"}],
        "managingOrganization": {"reference": "#o9"},
        "deceasedBoolean": False,
        "address": [{"line": ["1 St"], "city": "X", "state": "EX", "period": {"start": "2020-01-01"}}],
        "telecom": [{"system": "phone", "value": "1"}],
    },
    condition(
        "c1",
        "2026-09-14",
        clinicalStatus=concept("active", "http://terminology.hl7.org/CodeSystem/condition-clinical"),
        verificationStatus=concept("confirmed", "http://terminology.hl7.org/CodeSystem/condition-ver-status"),
        recordedDate="2026-09-15",
        severity=concept("severe"),
        encounter={"reference": "Encounter/e1"},
    ),
    condition("c2", None, onsetPeriod={"start": "2026-01-01"}),
    condition("c3", None, code="other", onsetAge={"value": 50, "unit": "a", "code": "a", "system": UCUM}),
    mass("o1", 34.2),
    mass("o2", 30, "2026-01-01"),
    visit("t1", "2026-10-01"),
    {
        "resourceType": "Observation",
        "id": "bp",
        "status": "final",
        "category": [concept("vital-signs", "http://terminology.hl7.org/CodeSystem/observation-category")],
        "code": concept("85354-9", LOINC),
        "effectivePeriod": {"start": "2026-10-01T08:00:00Z", "end": "2026-10-01T09:00:00Z"},
        "component": [
            {
                "code": concept("8480-6", LOINC),
                "valueQuantity": {"value": 140, "unit": "mmHg", "code": "mm[Hg]", "system": UCUM},
            },
            {
                "code": concept("8462-4", LOINC),
                "valueQuantity": {"value": 90, "unit": "mmHg", "code": "mm[Hg]", "system": UCUM},
            },
        ],
    },
    {
        "resourceType": "Observation",
        "id": "cv",
        "status": "final",
        "code": concept("smoke"),
        "valueCodeableConcept": concept("never"),
        "effectiveInstant": "2026-10-01T08:00:00Z",
        "issued": "2026-10-01T08:00:00Z",
    },
    {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "type": [concept("inp")],
        "period": {"start": "2026-10-01T08:00:00Z", "end": "2026-10-04T09:00:00Z"},
        "diagnosis": [{"condition": {"reference": "Condition/c1"}, "rank": 1}],
        "hospitalization": {"dischargeDisposition": concept("home")},
        "location": [
            {
                "location": {"reference": "Location/l1"},
                "period": {"start": "2026-10-01T08:00:00Z", "end": "2026-10-02T09:00:00Z"},
            }
        ],
        "participant": [{"individual": {"reference": "Practitioner/pr1"}}],
        "length": {"value": 3, "unit": "d", "code": "d", "system": UCUM},
    },
    {"resourceType": "Location", "id": "l1", "type": [concept("icu")]},
    {
        "resourceType": "Practitioner",
        "id": "pr1",
        "name": [{"use": "official", "family": "Fam", "given": ["Gi", "Ven"]}],
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "123"}],
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": concept("drug"),
        "authoredOn": "2026-10-01",
        "doNotPerform": False,
        "dosageInstruction": [
            {
                "timing": {
                    "repeat": {
                        "boundsPeriod": {"start": "2026-10-01", "end": "2026-12-01"},
                        "frequency": 2,
                        "period": 1,
                        "periodUnit": "d",
                        "timeOfDay": ["08:00:00"],
                    }
                },
                "asNeededBoolean": False,
                "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tab", "code": "{tab}", "system": UCUM}}],
            }
        ],
        "dispenseRequest": {
            "expectedSupplyDuration": {"value": 30, "unit": "d", "code": "d", "system": UCUM},
            "numberOfRepeatsAllowed": 2,
            "quantity": {"value": 60},
        },
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m2",
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "Medication/md1"},
        "authoredOn": "2026-10-01",
    },
    {"resourceType": "Medication", "id": "md1", "code": concept("drug")},
    {
        "resourceType": "ServiceRequest",
        "id": "s1",
        "status": "active",
        "intent": "order",
        "code": concept("svc"),
        "quantityQuantity": {"value": 5},
        "occurrenceTiming": {"repeat": {"boundsDuration": {"value": 3, "unit": "mo", "code": "mo", "system": UCUM}}},
        "performer": [{"reference": "Practitioner/pr1"}],
        "reasonReference": [{"reference": "Condition/c1"}],
        "bodySite": [concept("left")],
    },
    {
        "resourceType": "Coverage",
        "id": "cov",
        "status": "active",
        "beneficiary": {"reference": "Patient/p1"},
        "type": concept("MA"),
        "period": {"start": "2026-01-01", "end": "2026-12-31"},
        "payor": [{"reference": "#x"}],
    },
    {
        "resourceType": "QuestionnaireResponse",
        "id": "qr1",
        "status": "completed",
        "questionnaire": "urn:q|1",
        "item": [
            {"linkId": "1", "answer": [{"valueBoolean": True}]},
            {"linkId": "2", "answer": [{"valueInteger": 7}]},
            {
                "linkId": "3",
                "item": [{"linkId": "3.1", "answer": [{"valueCoding": {"system": "urn:own", "code": "x"}}]}],
            },
        ],
    },
    {
        "resourceType": "DeviceRequest",
        "id": "d1",
        "status": "active",
        "intent": "order",
        "codeCodeableConcept": concept("E0601", "hcpcs"),
        "occurrencePeriod": {"start": "2026-10-01", "end": "2026-12-01"},
        "performer": {"reference": "Practitioner/pr1"},
    },
    {
        "resourceType": "Immunization",
        "id": "i1",
        "status": "completed",
        "vaccineCode": concept("flu"),
        "occurrenceDateTime": "2025-10-01",
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "code": concept("pen"),
        "verificationStatus": concept("confirmed"),
        "clinicalStatus": concept("active"),
    },
    {
        "resourceType": "Goal",
        "id": "g1",
        "lifecycleStatus": "active",
        "description": {"text": "x"},
        "target": [
            {
                "dueDate": "2027-01-01",
                "detailRange": {
                    "low": {"value": 1, "code": "kg", "system": UCUM},
                    "high": {"value": 5, "code": "kg", "system": UCUM},
                },
            }
        ],
    },
]
