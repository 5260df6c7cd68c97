"""Synthetic FHIR records for population runs: plausible, messy, and the same for the same seed. Nobody is described."""

import random
from collections.abc import Iterator
from typing import Any

Resource = dict[str, Any]
ICD, CPT, LOINC, SNOMED = (
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://www.ama-assn.org/go/cpt",
    "http://loinc.org",
    "http://snomed.info/sct",
)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CONDITIONS = [
    "M54.16",
    "M54.17",
    "M17.11",
    "M17.12",
    "M17.0",
    "E11.9",
    "I10",
    "J44.9",
    "G47.33",
    "E66.01",
    "G83.4",
    "N18.3",
]
PROCEDURES = ["97110", "97112", "97140", "97161", "72148", "73562", "99213", "20610", "45378"]
LABS = [
    ("4548-4", "%"),
    ("39156-5", "kg/m2"),
    ("59408-5", "%"),
    ("2345-7", "mg/dL"),
    ("8480-6", "mm[Hg]"),
    ("33914-3", "mL/min/{1.73_m2}"),
]
MEDICINES = ["5640", "3355", "7258", "197806", "6809", "29046"]
SITES = ["52612000", "61685007", "72696002", "6757004"]


class Dice(random.Random):
    """Chance that can be told to give every date in full."""

    exact = False


def a_day(random_: random.Random, *, years: tuple[int, int] = (2024, 2026)) -> str:
    """Return a date, at times known to the month or year only."""
    year, month, day = random_.randint(*years), random_.randint(1, 12), random_.randint(1, 28)
    chance = random_.random()
    if getattr(random_, "exact", False):
        return f"{year}-{month:02d}-{day:02d}"
    if chance < 0.03:
        return f"{year}"
    return f"{year}-{month:02d}" if chance < 0.06 else f"{year}-{month:02d}-{day:02d}"


def an_instant(random_: random.Random) -> str:
    """Return a date or a date-time with an offset."""
    day = a_day(random_)
    if len(day) < 10 or random_.random() < 0.6:
        return day
    hour, minute = random_.randint(0, 23), random_.randint(0, 59)
    return f"{day}T{hour:02d}:{minute:02d}:00{random_.choice(['Z', '-05:00', '+02:00', '.500-05:00'])}"


def _period(random_: random.Random) -> Resource:
    days = sorted((an_instant(random_), an_instant(random_)))
    return {"start": days[0]} | ({"end": days[1]} if random_.random() < 0.8 else {})


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _condition(random_: random.Random) -> Resource:
    found: Resource = {
        "clinicalStatus": _concept("http://terminology.hl7.org/CodeSystem/condition-clinical", random_.choice(["active", "active", "resolved", "remission"])),
        "verificationStatus": _concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", random_.choice(["confirmed", "confirmed", "refuted", "provisional"])),
        "code": _concept(ICD, random_.choice(CONDITIONS)),
    }  # fmt: skip
    if random_.random() < 0.1:
        found["code"] = {"text": "Back pain with leg pain"}
    chance = random_.random()
    if chance < 0.5:
        found["onsetDateTime"] = an_instant(random_)
    elif chance < 0.6:
        found["onsetPeriod"] = _period(random_)
    elif chance < 0.65:
        found["onsetString"] = "since spring"
    if random_.random() < 0.7:
        found["recordedDate"] = an_instant(random_)
    if random_.random() < 0.1:
        found["abatementDateTime"] = an_instant(random_)
    if random_.random() < 0.4:
        found["bodySite"] = [_concept(SNOMED, random_.choice(SITES))]
    return found


def _procedure(random_: random.Random) -> Resource:
    found: Resource = {
        "status": random_.choice(["completed", "completed", "in-progress", "not-done"]),
        "code": _concept(CPT, random_.choice(PROCEDURES)),
    }
    if random_.random() < 0.05:
        found["code"] = {"text": "MRI of the lumbar spine"}
    if random_.random() < 0.7:
        found["performedDateTime"] = an_instant(random_)
    elif random_.random() < 0.7:
        found["performedPeriod"] = _period(random_)
    return found


def _observation(random_: random.Random) -> Resource:
    code, unit = random_.choice(LABS)
    found: Resource = {
        "status": random_.choice(["final", "final", "amended", "preliminary"]),
        "code": _concept(LOINC, code),
    }
    if random_.random() < 0.9:
        found["effectiveDateTime"] = an_instant(random_)
    chance = random_.random()
    if chance < 0.8:
        found["valueQuantity"] = {
            "value": round(random_.uniform(3, 150), random_.choice([0, 1, 2])),
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        }
        if random_.random() < 0.03:
            found["valueQuantity"]["comparator"] = "<"
    elif chance < 0.9:
        found["valueInteger"] = random_.randint(0, 5)
    elif chance < 0.95:
        found["valueString"] = "normal"
    if random_.random() < 0.3:
        found |= {
            "bodySite": _concept(SNOMED, random_.choice(SITES)),
            "category": [_concept("c", random_.choice(["exam", "laboratory"]))],
        }
    return found


def _encounter(random_: random.Random) -> Resource:
    return {
        "status": random_.choice(["finished", "finished", "planned"]),
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": random_.choice(["AMB", "IMP", "EMER"]),
        },
        "type": [_concept(SNOMED, random_.choice(["91251008", "722138006", "185345009"]))],
        "period": _period(random_),
    }


def _medication(random_: random.Random) -> Resource:
    code = {"medicationCodeableConcept": _concept(RXNORM, random_.choice(MEDICINES))}
    if random_.random() < 0.5:
        return {"resourceType": "MedicationStatement", "status": "active", "effectivePeriod": _period(random_)} | code
    found: Resource = {
        "status": random_.choice(["active", "completed", "stopped"]),
        "intent": "order",
        "authoredOn": an_instant(random_),
    } | code
    if random_.random() < 0.5:
        found["dispenseRequest"] = {
            "validityPeriod": _period(random_),
            "expectedSupplyDuration": {
                "value": random_.choice([30, 60, 90]),
                "code": "d",
                "system": "http://unitsofmeasure.org",
            },
        }
    if random_.random() < 0.3:
        found["dosageInstruction"] = [{"timing": {"repeat": {"boundsPeriod": _period(random_)}}}]
    return found | {"resourceType": "MedicationRequest"}


def _claim(random_: random.Random) -> Resource:
    item = {"sequence": 1, "productOrService": _concept(CPT, random_.choice(PROCEDURES))}
    serviced = {"servicedDate": a_day(random_)} if random_.random() < 0.7 else {"servicedPeriod": _period(random_)}
    return {"status": "active", "use": random_.choice(["claim", "preauthorization"]), "item": [item | serviced]}


def _form(random_: random.Random, links: tuple[str, ...]) -> Resource:
    items = []
    for link in links:
        if random_.random() < 0.6:
            continue
        answer = random_.choice(
            [
                {"valueBoolean": random_.random() < 0.6},
                {"valueDate": a_day(random_)},
                {"valueInteger": random_.randint(0, 12)},
                {"valueCoding": {"code": random_.choice(["injection", "none", "Y", "right", "3"])}},
            ]
        )
        items.append({"linkId": link, "answer": [answer]})
    group = [{"linkId": "group", "item": items}] if random_.random() < 0.5 else items
    return {"status": random_.choice(["completed", "completed", "in-progress"]), "item": group}


_MAKERS = [
    ("Condition", _condition, 4), ("Procedure", _procedure, 4), ("Observation", _observation, 8),
    ("Encounter", _encounter, 3), ("", _medication, 2), ("Claim", _claim, 2),
]  # fmt: skip


def a_record(seed: int, *, size: int = 20, links: tuple[str, ...] = (), exact: bool = False) -> list[Resource]:
    """Return about `size` resources of one person, a form with answers to some of the links among them.

    With `exact`, every date is known to the day.
    """
    random_ = Dice(seed)
    random_.exact = exact
    found: list[Resource] = [
        {
            "resourceType": "Patient",
            "birthDate": f"{random_.randint(1935, 2012)}-{random_.randint(1, 12):02d}-{random_.randint(1, 28):02d}",
            "gender": random_.choice(["female", "male"]),
        }
    ]
    kinds = [entry for entry in _MAKERS for _ in range(entry[2])]
    for _ in range(max(0, size - 2 + random_.randint(-2, 2))):
        kind, make, _weight = random_.choice(kinds)
        found.append(
            {"resourceType": kind, "subject": {"reference": "Patient/p"}} | make(random_) if kind else make(random_)
        )
    if links:
        found.append({"resourceType": "QuestionnaireResponse"} | _form(random_, links))
    for number, resource in enumerate(found):
        resource["id"] = f"{number}"
    return found


def records(
    count: int, *, size: int = 20, links: tuple[str, ...] = (), exact: bool = False
) -> Iterator[list[Resource]]:
    """Yield records of as many people."""
    for seed in range(count):
        yield a_record(seed, size=size, links=links, exact=exact)
