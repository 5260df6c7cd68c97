"""A lumbar MRI request as Da Vinci PAS bundles, with the form and the facts it rests on. Pure.

Everything is a parameter, so that the same story can be told with other names, codes, days and order of facts.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from samples import codes, named

Json = dict[str, Any]

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
NPI = "http://hl7.org/fhir/sid/us-npi"
X12 = "https://codesystem.x12.org/005010/"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"
EXAMINATION: Json = {
    "coding": [
        {"system": SNOMED, "code": "164728006", "display": "Examination of the back"},
        {"system": LOINC, "code": "10192-3", "display": "Findings of the back"},
    ]
}
"""The code that the guideline knew until the end of 2026, and the one that it knows since."""
_NAMES = UUID("6f0e3c1a-0000-4000-8000-000000000001")


@dataclass(frozen=True, kw_only=True)
class LumbarRequest:
    """A request for an MRI of the lower back that meets every criterion of the guideline, unless changed.

    Attributes:
        asked_at: the instant of the request, aware; the other days are those of the story.
        planned_step: the answer to the last question: a word of the guideline's list.
        leave_out: facts that are not sent: onset, therapy, medicine, examination, form, mri-answer, step-answer.
        shuffle: a seed that puts the facts into another order.
    """

    member_number: str = named.MENSAH_OSEI.number
    given: str = named.MENSAH_OSEI.given
    family: str = named.MENSAH_OSEI.family
    born: date = named.MENSAH_OSEI.born
    sex: str = named.MENSAH_OSEI.sex
    orderer: str = named.HADDAD
    orderer_given: str = "Ines"
    orderer_family: str = "Haddad"
    imaging: str = named.BAYLINE_IMAGING
    imaging_name: str = "Bayline Imaging"
    insurer_number: str = ""
    identifier: str = "LBP-2026-0001"
    asked_at: datetime = datetime.fromisoformat("2026-11-23T09:13:20-05:00")
    code: str = "72148"
    diagnosis: str = "M54.16"
    pain_since: date = date(2026, 9, 14)
    therapy: tuple[date, date] = (date(2026, 10, 1), date(2026, 11, 12))
    visits: int = 8
    medicine: tuple[str, str] = ("198012", "Naproxen 500 mg")
    medicine_days: tuple[date, date] = (date(2026, 9, 16), date(2026, 10, 28))
    examined_on: date = date(2026, 11, 23)
    planned_step: str = "injection"
    planned_on: date | None = None
    leave_out: frozenset[str] = frozenset()
    shuffle: int | None = None

    def moved(self, days: int) -> "LumbarRequest":
        """Return the same story on other days; the instant of asking moves as well."""
        step = timedelta(days=days)

        def both(pair: tuple[date, date]) -> tuple[date, date]:
            return pair[0] + step, pair[1] + step

        return replace(
            self,
            asked_at=self.asked_at + step,
            pain_since=self.pain_since + step,
            therapy=both(self.therapy),
            medicine_days=both(self.medicine_days),
            examined_on=self.examined_on + step,
            planned_on=self.planned_on + step if self.planned_on else None,
        )


def lumbar_mri_bundle(story: LumbarRequest | None = None, *, version: str = "2.0.1") -> Json:
    """Return the request Bundle of PAS 2.0.1 or 2.2.1."""
    return _Writer(story or LumbarRequest(), version).bundle()


class _Writer:
    """Writes one bundle."""

    def __init__(self, story: LumbarRequest, version: str) -> None:
        if version not in {"2.0.1", "2.2.1"}:
            raise ValueError("The guide versions are 2.0.1 and 2.2.1.")
        self.story = story
        self.version = version

    def url(self, name: str) -> str:
        """Return the fullUrl of an entry: the same story gives the same address."""
        return f"urn:uuid:{uuid5(_NAMES, f'{self.story.identifier}/{name}')}"

    def reference(self, name: str) -> Json:
        return {"reference": self.url(name)}

    def bundle(self) -> Json:
        facts = self.facts()
        if self.story.shuffle is not None:
            Random(self.story.shuffle).shuffle(facts)
        entries = [("claim", self.claim()), *self.people(), *facts]
        return {
            "resourceType": "Bundle",
            "id": self.url("bundle").rpartition(":")[2],
            "meta": {"profile": [PAS + "profile-pas-request-bundle"]},
            "identifier": {"system": "urn:bayline:requests", "value": self.story.identifier},
            "type": "collection",
            "timestamp": self.story.asked_at.isoformat(),
            "entry": [
                {"fullUrl": self.url(name), "resource": {**resource, "id": self.url(name).rpartition(":")[2]}}
                for name, resource in entries
            ],
        }

    def claim(self) -> Json:
        story = self.story
        planned = story.planned_on or story.asked_at.date() + timedelta(days=3)
        item: Json = {
            "sequence": 1,
            "extension": [
                {
                    "url": PAS + "extension-itemTraceNumber",
                    "valueIdentifier": {"system": "urn:bayline:lines", "value": f"{story.identifier}-1"},
                },
                _code_extension("extension-serviceItemRequestType", X12 + "1525", "HS", ""),
                _code_extension("extension-certificationType", X12 + "1322", "I", ""),
                {"url": PAS + "extension-requestedService", "valueReference": self.reference("order")},
            ],
            "careTeamSequence": [1],
            "diagnosisSequence": [1],
            "category": _concept(X12 + "1365", "62", ""),
            "productOrService": _concept(
                codes.CPT, story.code, codes.BY_CODE[story.code].wording if story.code in codes.BY_CODE else ""
            ),
            "servicedDate": planned.isoformat(),
            "locationCodeableConcept": _concept(
                "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set", "22", ""
            ),
            "quantity": {"value": 1, "unit": "Unit", "system": "http://unitsofmeasure.org", "code": "{unit}"},
        }
        information = [
            {
                "sequence": number,
                "category": _concept(
                    "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASSupportingInfoType", "additionalInformation", ""
                )
                if self.version == "2.2.1"
                else _concept(
                    "http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes", "additionalInformation", ""
                ),
                "valueReference": self.reference(name),
            }
            for number, (name, _) in enumerate(self.facts(), start=1)
            if name == "form"
        ]
        claim: Json = {
            "resourceType": "Claim",
            "meta": {"profile": [PAS + "profile-claim"]},
            "identifier": [{"system": "urn:bayline:requests", "value": story.identifier}],
            "status": "active",
            "type": _concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional", ""),
            "use": "preauthorization",
            "patient": self.reference("patient"),
            "created": story.asked_at.isoformat(),
            "insurer": self.reference("insurer"),
            "provider": self.reference("orderer"),
            "priority": _concept("http://terminology.hl7.org/CodeSystem/processpriority", "normal", ""),
            "careTeam": [
                {
                    "sequence": 1,
                    "extension": [{"url": PAS + "extension-careTeamClaimScope", "valueBoolean": False}],
                    "provider": self.reference("imaging"),
                    "role": _concept(X12 + "98", "SJ", ""),
                }
            ],
            "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": _concept(codes.ICD_10_CM, story.diagnosis, "")}],
            "insurance": [{"sequence": 1, "focal": True, "coverage": self.reference("coverage")}],
            "item": [item],
        }
        if information:
            claim["supportingInfo"] = information
        if self.version == "2.2.1":
            claim["extension"] = [
                _code_extension("extension-certificationType", X12 + "1322", "I", ""),
            ]
        return claim

    def people(self) -> list[tuple[str, Json]]:
        story = self.story
        return [
            (
                "patient",
                {
                    "resourceType": "Patient",
                    "meta": {"profile": [PAS + "profile-beneficiary"]},
                    "identifier": [
                        {
                            "type": _concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MB", ""),
                            "system": "urn:lumen-harbor:members",
                            "value": story.member_number,
                        }
                    ],
                    "name": [{"family": story.family, "given": [story.given]}],
                    "gender": story.sex,
                    "birthDate": story.born.isoformat(),
                },
            ),
            (
                "coverage",
                {
                    "resourceType": "Coverage",
                    "meta": {"profile": [PAS + "profile-coverage"]},
                    "status": "active",
                    "subscriberId": story.member_number,
                    "beneficiary": self.reference("patient"),
                    "relationship": _concept(
                        "http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self", ""
                    ),
                    "payor": [self.reference("insurer")],
                },
            ),
            (
                "insurer",
                {
                    "resourceType": "Organization",
                    "meta": {"profile": [PAS + "profile-insurer"]},
                    **(
                        {"identifier": [{"system": NPI, "value": story.insurer_number}]} if story.insurer_number else {}
                    ),
                    "active": True,
                    "type": [_concept(X12 + "98", "PR", "")],
                    "name": "Lumen Harbor Health Plan",
                },
            ),
            (
                "orderer",
                {
                    "resourceType": "Practitioner",
                    "meta": {"profile": [PAS + "profile-practitioner"]},
                    "identifier": [{"system": NPI, "value": story.orderer}],
                    "name": [{"family": story.orderer_family, "given": [story.orderer_given], "prefix": ["Dr."]}],
                },
            ),
            (
                "imaging",
                {
                    "resourceType": "Organization",
                    "meta": {"profile": [PAS + "profile-requestor"]},
                    "identifier": [{"system": NPI, "value": story.imaging}],
                    "active": True,
                    "name": story.imaging_name,
                },
            ),
            (
                "order",
                {
                    "resourceType": "ServiceRequest",
                    "meta": {"profile": [PAS + "profile-servicerequest"]},
                    "status": "active",
                    "intent": "order",
                    "code": _concept(codes.CPT, story.code, ""),
                    "subject": self.reference("patient"),
                    "requester": self.reference("orderer"),
                    "performer": [self.reference("imaging")],
                    "quantityQuantity": {"value": 1},
                },
            ),
        ]

    def facts(self) -> list[tuple[str, Json]]:
        """Return what the orderer's record knows: diagnosis, therapy, medicine, examination, and the form."""
        story, out = self.story, []
        patient = self.reference("patient")
        if "onset" not in story.leave_out:
            out.append(
                (
                    "pain",
                    {
                        "resourceType": "Condition",
                        "clinicalStatus": _concept(
                            "http://terminology.hl7.org/CodeSystem/condition-clinical", "active", ""
                        ),
                        "verificationStatus": _concept(
                            "http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed", ""
                        ),
                        "code": _concept(codes.ICD_10_CM, story.diagnosis, ""),
                        "subject": patient,
                        "onsetDateTime": story.pain_since.isoformat(),
                    },
                )
            )
        if "therapy" not in story.leave_out:
            first, last = story.therapy
            span = (last - first).days
            for number in range(story.visits):
                day = first + timedelta(days=round(span * number / max(story.visits - 1, 1)))
                out.append(
                    (
                        f"therapy-{number}",
                        {
                            "resourceType": "Procedure",
                            "status": "completed",
                            "code": _concept(codes.CPT, "97110", "Therapy exercises"),
                            "subject": patient,
                            "performedDateTime": day.isoformat(),
                        },
                    )
                )
        if "medicine" not in story.leave_out:
            code, name = story.medicine
            start, end = story.medicine_days
            out.append(
                (
                    "medicine",
                    {
                        "resourceType": "MedicationStatement",
                        "status": "completed",
                        "medicationCodeableConcept": _concept(RXNORM, code, name),
                        "subject": patient,
                        "effectivePeriod": {"start": start.isoformat(), "end": end.isoformat()},
                    },
                )
            )
        if "examination" not in story.leave_out:
            out.append(
                (
                    "examination",
                    {
                        "resourceType": "Observation",
                        "status": "final",
                        "code": EXAMINATION,
                        "subject": patient,
                        "effectiveDateTime": story.examined_on.isoformat(),
                        "valueString": "Straight-leg raise positive right, toe extension 4/5",
                    },
                )
            )
        if "form" not in story.leave_out:
            out.append(("form", self.form()))
        return out

    def form(self) -> Json:
        """Return the answered form. Its links are those of the guideline."""
        story = self.story
        answers: list[tuple[str, Json]] = [
            ("lbp.pain-radiates", {"valueBoolean": True}),
            ("lbp.pain-onset", {"valueDate": story.pain_since.isoformat()}),
            ("lbp.exam-date", {"valueDate": story.examined_on.isoformat()}),
        ]
        if "therapy" not in story.leave_out:
            answers += [
                ("lbp.care-start", {"valueDate": story.therapy[0].isoformat()}),
                ("lbp.care-end", {"valueDate": story.therapy[1].isoformat()}),
            ]
        if "mri-answer" not in story.leave_out:
            answers.append(("lbp.mri-last-12-months", {"valueBoolean": False}))
        if "step-answer" not in story.leave_out:
            answers.append(("lbp.planned-step", {"valueCoding": {"code": story.planned_step}}))
        return {
            "resourceType": "QuestionnaireResponse",
            "meta": {"profile": ["http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/dtr-questionnaireresponse"]},
            "questionnaire": "urn:openum:guideline:LBP-MRI",
            "status": "completed",
            "subject": self.reference("patient"),
            "authored": story.asked_at.isoformat(),
            "author": self.reference("orderer"),
            "item": [{"linkId": link, "answer": [answer]} for link, answer in answers],
        }


def _concept(system: str, code: str, display: str) -> Json:
    coding = {"system": system, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding]}


def _code_extension(name: str, system: str, code: str, display: str) -> Json:
    return {"url": PAS + name, "valueCodeableConcept": _concept(system, code, display)}
