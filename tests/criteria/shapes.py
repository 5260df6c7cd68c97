"""Records of many shapes: the same fact as different systems write it."""

from datetime import UTC, date, datetime, timedelta

from openum.criteria.program import parameters_for
from openum.criteria.record import Person, StoredResource, build_record
from tests.criteria.documents import program

NOW = datetime(2026, 11, 23, 14, 13, 20, tzinfo=UTC)
DAY = date(2026, 11, 23)

ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
CPT = "http://www.ama-assn.org/go/cpt"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"


def before(days, *, day=DAY):
    """Return the day so many days before the request."""
    return (day - timedelta(days=days)).isoformat()


def run(name, *resources, side=None, day=DAY, code="72148"):
    """Answer a guideline of the policy pack for a record."""
    record = build_record(
        [StoredResource(resource, str(number)) for number, resource in enumerate(resources)],
        person=Person(frozenset({"Patient/p"}), frozenset({"M-1"})),
    )
    return program(name).run(
        record.resources, parameters=parameters_for(request_date=day, code=code, side=side), now=NOW
    )


def concept(system, code, text=""):
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def condition(system, code, *, identity="c", **elements):
    return {"resourceType": "Condition", "id": identity, "subject": {"reference": "Patient/p"},
            "code": concept(system, code), **elements}  # fmt: skip


def status(word):
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": word}]}


def verified(word):
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": word}]}


def answers(*, status="completed", identity="qr", nested=False, **by_link):
    """Return a form; keys write a point as two underscores, for example lbp__pain_onset."""
    items = [
        {"linkId": link.replace("__", ".").replace("_", "-"), "answer": [answer(value)]}
        for link, value in by_link.items()
    ]
    if nested:
        items = [{"linkId": "page", "item": [{"linkId": "part", "item": items}]}]
    return {"resourceType": "QuestionnaireResponse", "id": identity, "status": status, "item": items}


def answer(value):
    if isinstance(value, dict):
        return value
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int):
        return {"valueInteger": value}
    if isinstance(value, float):
        return {"valueDecimal": value}
    return {"valueDate": value}


def coded(code, system="urn:openum:codes"):
    return {"valueCoding": {"system": system, "code": code}}


def words(text):
    return {"valueString": text}


def procedures(system, code, days, *, status="completed", **elements):
    return [
        {"resourceType": "Procedure", "id": f"p{number}", "status": status, "subject": {"reference": "Patient/p"},
         "code": concept(system, code), "performedDateTime": day, **elements}
        for number, day in enumerate(days)
    ]  # fmt: skip


def values(result):
    """Return the finding of each criterion."""
    return {answer.leaf.key: answer.value.value for answer in result.answers}
