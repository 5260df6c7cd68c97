"""Turns the record of a test patient into records that nobody shaped for the guideline."""

import copy
import re

OTHER_SYSTEM = "http://hospital.example.org/codes"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
YES = {"system": "http://terminology.hl7.org/CodeSystem/v2-0136", "code": "Y"}
NO = {"system": "http://terminology.hl7.org/CodeSystem/v2-0136", "code": "N"}


def each_node(value, change):
    """Return a copy of a JSON value in which `change` has replaced every object, innermost first."""
    if isinstance(value, dict):
        return change({key: each_node(inner, change) for key, inner in value.items()})
    if isinstance(value, list):
        return [each_node(inner, change) for inner in value]
    return value


def each_text(value, change, key=""):
    """Return a copy in which `change(key, text)` has replaced every text."""
    if isinstance(value, dict):
        return {name: each_text(inner, change, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [each_text(inner, change, key) for inner in value]
    return change(key, value) if isinstance(value, str) else value


def is_form(resource):
    return resource["resourceType"] == "QuestionnaireResponse"


def answers_of(resource):
    """Yield every answer of a form as our test patients write it: one level of items."""
    for item in resource.get("item", []):
        yield from item.get("answer", [])


# ---- Records that state nothing: the same findings as an empty record


def of_another_person(resources):
    def change(node):
        return {
            key: {"reference": "Patient/somebody-else"} if key in ("subject", "patient", "individual") else value
            for key, value in node.items()
        }

    return [each_node(resource, change) | {"subject": {"reference": "Patient/somebody-else"}} for resource in resources]


def entered_in_error(resources):
    found = []
    for resource in copy.deepcopy(resources):
        if resource["resourceType"] in ("Condition", "AllergyIntolerance"):
            resource["verificationStatus"] = {"coding": [{"code": "entered-in-error"}]}
        elif resource["resourceType"] == "Goal":
            resource["lifecycleStatus"] = "entered-in-error"
        else:
            resource["status"] = "entered-in-error"
        found.append(resource)
    return found


def in_words_only(resources):
    """Every code becomes words; every answer of the form becomes free text."""

    def change(node):
        if "coding" in node:
            return {"text": node.get("text", "as written in the note")}
        if set(node) >= {"system", "code"} and set(node) <= {"system", "code", "display", "version"}:
            return {"display": "as written in the note"}
        return node

    found = []
    for resource in copy.deepcopy(resources):
        if is_form(resource):
            for item in resource["item"]:
                item["answer"] = [{"valueString": "see the attached letter"} for _ in item["answer"]]
            found.append(resource)
        else:
            found.append(each_node(resource, change))
    return found


def in_codes_of_the_house(resources):
    """Every code comes from a list of the hospital that nobody else knows; every question has a link of its own."""

    def change(node):
        if "system" in node and "code" in node and "value" not in node:
            return {**node, "system": OTHER_SYSTEM, "code": f"LOCAL-{node['code']}"}
        return node

    found = []
    for resource in copy.deepcopy(resources):
        for number, item in enumerate(resource.get("item", []) if is_form(resource) else []):
            item["linkId"] = f"house-{number}"
        found.append(each_node(resource, change))
    return found


def not_finished(resources):
    """Forms in progress, results preliminary, procedures being prepared, claims in draft, orders called off."""
    words = {
        "QuestionnaireResponse": "in-progress", "Observation": "preliminary", "Procedure": "preparation",
        "DiagnosticReport": "registered", "Claim": "draft", "ExplanationOfBenefit": "draft", "Encounter": "planned",
        "ServiceRequest": "revoked", "DeviceRequest": "revoked", "MedicationRequest": "draft", "CarePlan": "draft",
        "MedicationStatement": "intended", "MedicationDispense": "preparation", "DeviceUseStatement": "intended",
        "ImagingStudy": "registered", "Goal": "proposed",
    }  # fmt: skip
    found = []
    for resource in copy.deepcopy(resources):
        kind = resource["resourceType"]
        if kind in ("Condition", "AllergyIntolerance"):
            resource["verificationStatus"] = {"coding": [{"code": "refuted"}]}
        elif kind == "Goal":
            resource["lifecycleStatus"] = words[kind]
        else:
            resource["status"] = words.get(kind, "draft")
        found.append(resource)
    return found


def of_the_wrong_shape(resources):
    """Objects where texts belong, texts where objects belong, dates that no calendar has, holes in lists."""
    found = []
    for resource in copy.deepcopy(resources):
        wrong = {"resourceType": resource["resourceType"], "id": resource["id"]}
        for key, value in resource.items():
            if key in wrong:
                continue
            if isinstance(value, dict):
                wrong[key] = "text" if key != "subject" else value
            elif isinstance(value, list):
                wrong[key] = [None, 5, "text"]
            elif DAY.match(str(value)):
                wrong[key] = "2026-02-30"
            else:
                wrong[key] = {"value": value}
        found.append(wrong)
    return found


STATES_NOTHING = {
    "of another person": of_another_person,
    "entered in error": entered_in_error,
    "in words only": in_words_only,
    "in codes of the house": in_codes_of_the_house,
    "not finished": not_finished,
    "of the wrong shape": of_the_wrong_shape,
}


# ---- Records that state less: a finding may become open, and never turns round


def without_dates(resources):
    def change(node):
        return {
            key: value
            for key, value in node.items()
            if not (isinstance(value, str) and DAY.match(value)) and not (isinstance(value, dict) and not value)
        }

    return [each_node(resource, change) for resource in resources]


def with_years_only(resources):
    return each_text(list(resources), lambda _key, text: text[:4] if DAY.match(text) else text)


def far_in_the_future(resources):
    return each_text(
        list(resources), lambda _key, text: f"20{int(text[2:4]) + 40}{text[4:]}" if DAY.match(text) else text
    )


def in_other_units(resources):
    def change(node):
        if "value" in node and ("unit" in node or "code" in node) and isinstance(node["value"], int | float):
            return {
                "value": node["value"],
                "unit": "furlong",
                "code": "[fur_us]",
                "system": "http://unitsofmeasure.org",
            }
        return node

    return [each_node(resource, change) for resource in resources]


def without_values(resources):
    """Results whose value is absent, with the reason."""
    found = []
    for resource in copy.deepcopy(resources):
        if resource["resourceType"] != "Observation":
            found.append(resource)
            continue
        kept = {key: value for key, value in resource.items() if not key.startswith("value")}
        found.append(kept | {"dataAbsentReason": {"coding": [{"code": "not-performed"}]}})
    return found


def without_status(resources):
    return [
        {key: value for key, value in resource.items() if key != "status" or is_form(resource)}
        for resource in resources
    ]


def contradicted_by_a_second_form(resources):
    """A second completed form says no where the first says yes, and yes where it says no."""
    found = list(resources)
    for resource in resources:
        if not is_form(resource):
            continue
        second = copy.deepcopy(resource) | {"id": "second-form"}
        second["item"] = [
            {**item, "answer": [{"valueBoolean": not one["valueBoolean"]}]}
            for item in second["item"]
            for one in item["answer"]
            if "valueBoolean" in one
        ]
        found.append(second)
    return found


STATES_LESS = {
    "without dates": without_dates,
    "with years only": with_years_only,
    "far in the future": far_in_the_future,
    "in other units": in_other_units,
    "without values": without_values,
    "without status": without_status,
    "contradicted by a second form": contradicted_by_a_second_form,
}


# ---- Records that state the same in other words: the same findings


def as_one_bundle(resources):
    return [
        {"resourceType": "Bundle", "id": "b", "type": "collection", "entry": [{"resource": one} for one in resources]}
    ]


def with_diagnoses_as_claims_write_them(resources):
    def change(node):
        if node.get("system") == "http://hl7.org/fhir/sid/icd-10-cm":
            return {**node, "system": "urn:oid:2.16.840.1.113883.6.90", "code": node["code"].replace(".", "")}
        return node

    return [each_node(resource, change) for resource in resources]


def with_other_codings_beside(resources):
    def change(node):
        if isinstance(node.get("coding"), list) and node["coding"]:
            own = {"system": OTHER_SYSTEM, "code": f"HOUSE-{node['coding'][0].get('code')}"}
            return {**node, "coding": [own, *node["coding"]], "text": "in the note"}
        return node

    return [resource if is_form(resource) else each_node(resource, change) for resource in resources]


def with_forms_in_pages_and_coded_answers(resources):
    found = []
    for resource in copy.deepcopy(resources):
        if is_form(resource):
            for one in answers_of(resource):
                if "valueBoolean" in one:
                    one["valueCoding"] = YES if one.pop("valueBoolean") else NO
                elif "valueDate" in one:
                    one["valueDateTime"] = one.pop("valueDate") + "T12:00:00Z"
                elif "valueInteger" in one:
                    one["valueDecimal"] = one.pop("valueInteger")
            resource["item"] = [{"linkId": "page", "item": [{"linkId": "part", "item": resource["item"]}]}]
        found.append(resource)
    return found


def twice(resources):
    return [*resources, *({**resource, "id": f"{resource['id']}-again"} for resource in resources)]


STATES_THE_SAME = {
    "as one bundle": as_one_bundle,
    "with diagnoses as claims write them": with_diagnoses_as_claims_write_them,
    "with other codings beside": with_other_codings_beside,
    "with forms in pages and coded answers": with_forms_in_pages_and_coded_answers,
    "twice": twice,
}
