"""A record and definitions over it: retrieves, choices, conversions, functions, included libraries."""

from __future__ import annotations

from typing import Any

from tests.cql.kit import LOINC, concept, condition, mass, visit

VALUE_SETS = {
    "Leg Pain": (("urn:own", "leg-pain"), ("urn:own", "leg-pain-left")),
    "Therapy": (("urn:own", "therapy"),),
    "Nothing": (),
}
RESOURCES: tuple[dict[str, Any], ...] = (
    {
        "resourceType": "Patient",
        "id": "p1",
        "gender": "female",
        "birthDate": "1958-04-12",
        "active": True,
        "name": [{"use": "official", "family": "Doe", "given": ["Jo", "Ann"]}, {"use": "nickname", "given": ["Jo"]}],
        "deceasedBoolean": False,
        "extension": [{"url": "urn:marked", "valueString": "yes"}, {"url": "urn:other", "valueInteger": 4}],
    },
    condition("c1", "2026-09-14", clinicalStatus=concept("active", "urn:status")),
    condition("c2", None, onsetPeriod={"start": "2026-02-01", "end": "2026-03-01"}),
    condition("c3", "2026-10", code="other"),
    visit("t1", "2026-10-01"),
    visit("t2", "2026-10-08T10:30:00+02:00"),
    {**visit("t3", "2026-10-15"), "status": "not-done"},
    {
        "resourceType": "Procedure",
        "id": "t4",
        "status": "completed",
        "code": concept("therapy"),
        "performedPeriod": {"start": "2026-09-01", "end": "2026-09-20"},
    },
    mass("o1", 34.2, "2026-09-30"),
    mass("o2", 36, "2026-10-14"),
    mass("o3", None, "2026-10-20"),
    {
        "resourceType": "Observation",
        "id": "o4",
        "status": "final",
        "category": [{"coding": [{"system": "urn:cat", "code": "exam"}]}],
        "code": {"coding": [{"system": LOINC, "code": "8480-6"}], "text": "Pressure"},
        "effectiveDateTime": "2026-10-14T08:00:00Z",
        "component": [
            {"code": concept("systolic"), "valueQuantity": {"value": 142, "unit": "mmHg", "code": "mm[Hg]"}},
            {"code": concept("diastolic"), "valueQuantity": {"value": 91, "unit": "mmHg", "code": "mm[Hg]"}},
        ],
        "referenceRange": [{"low": {"value": 90, "unit": "mmHg"}, "high": {"value": 140, "unit": "mmHg"}}],
    },
    {"resourceType": "Observation", "id": "o5", "status": "final", "code": concept("smoker"), "valueBoolean": False},
    {"resourceType": "Observation", "id": "o6", "status": "final", "code": concept("count"), "valueInteger": 7},
    {
        "resourceType": "Observation",
        "id": "o8",
        "status": "final",
        "code": concept("stay"),
        "valueQuantity": {"value": 30, "unit": "days", "code": "d", "system": "http://unitsofmeasure.org"},
    },
    {
        "resourceType": "Observation",
        "id": "o9",
        "status": "final",
        "code": concept("pills"),
        "valueQuantity": {"value": 3, "unit": "{tablet}", "code": "TAB", "system": "urn:other-units"},
    },
    {
        "resourceType": "Observation",
        "id": "o7",
        "status": "final",
        "code": concept("grade"),
        "valueCodeableConcept": concept("leg-pain"),
    },
)
INCLUDED = """
library Shared version '2'
using FHIR version '4.0.1'
valueset "Therapy": 'urn:vs:therapy'
parameter "Ordered" Date
context Patient
define "Done": [Procedure: "Therapy"] P where P.status = 'completed'
define "Since": "Ordered" - 6 months
define function "DaysTo"(d Date): days between d and "Ordered"
define fluent function doubled(n Integer): n * 2
"""
DEFINITIONS = """
library Records version '1'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1' called FHIRHelpers
include Shared version '2' called S
codesystem "LOINC": 'http://loinc.org'
codesystem "Own": 'urn:own'
valueset "Leg Pain": 'urn:vs:leg-pain'
valueset "Therapy": 'urn:vs:therapy'
valueset "Nothing": 'urn:vs:nothing'
code "Body Mass": '39156-5' from "LOINC" display 'Body mass index'
code "Systolic": 'systolic' from "Own"
code "Smoker": 'smoker' from "Own"
code "Count Code": 'count' from "Own"
code "Grade": 'grade' from "Own"
code "Pressure": '8480-6' from "LOINC"
concept "Pains": { "Systolic", "Smoker" } display 'Both'
parameter "Ordered" Date
parameter "Limit" Integer default 30
context Patient

define "Everyone": Patient.gender = 'female' and Patient.active
define "Born": Patient.birthDate
define "Age": AgeInYearsAt(@2026-04-11)
define "Age Now": AgeInYears()
define "Age In Months": AgeInMonthsAt(@2026-05-01)
define "Official": First(Patient.name N where N.use = 'official' return N.family)
define "Given": flatten (Patient.name N return all N.given)
define "Given Count": Count(Patient.name.given)
define "Dead": Patient.deceased as FHIR.boolean
define "Dead Is Boolean": Patient.deceased is FHIR.boolean
define "Marked": First(Patient.extension E where E.url = 'urn:marked' return E.value as FHIR.string)
define "Pain": [Condition: "Leg Pain"]
define "Pain Exists": exists "Pain"
define "Nothing Exists": exists [Condition: "Nothing"]
define "Pain Ids": "Pain" C return C.id
define "Pain Active": exists ("Pain" C where C.clinicalStatus ~ Code { code: 'active', system: 'urn:status' })
define "Onsets": [Condition] C where C.onset is FHIR.dateTime return C.onset as FHIR.dateTime
define "Onset Dates": [Condition] C where C.onset is FHIR.dateTime return date from (C.onset as FHIR.dateTime)
define "Onset Before": exists ("Pain" C where (C.onset as FHIR.dateTime) 6 weeks or more before @2026-11-01)
define "Period Days": First([Condition] C where C.onset is FHIR.Period
  return days between date from (C.onset as FHIR.Period).start and date from (C.onset as FHIR.Period).end)
define "Done": Count(S."Done")
define "Done Recently": Count(S."Done" P where P.performed during day of Interval[S."Since", "Ordered"])
define "Done By Status": [Procedure] P where P.status in { 'completed', 'not-done' } return P.id
define "Doubled": Count(S."Done").doubled()
define "Days": S.DaysTo(@2026-10-01)
define "Since": S."Since"
define "Masses": [Observation: "Body Mass"] O where O.value is not null
define "Latest Mass": Last("Masses" O sort by (effective as FHIR.dateTime))
define "Latest Value": "Latest Mass".value as Quantity
define "Mass Below": ("Latest Mass".value as Quantity) < 40 'kg/m2'
define "Mass Below Limit": ("Latest Mass".value as Quantity).value < "Limit"
define "Highest": Max("Masses" O return (O.value as Quantity).value)
define "Mass Days": "Masses" O return date from (O.effective as FHIR.dateTime)
define "Systolic Value": First([Observation: "Pressure"] O return First(O.component C where C.code ~ "Systolic"
  return C.value as Quantity))
define "High Pressure": exists ([Observation: "Pressure"] O where exists (O.component C
  where C.code ~ "Systolic" and (C.value as Quantity) > 140 'mm[Hg]'))
define "Exam Category": exists ([Observation] O where exists (O.category C where exists (C.coding K where K.code = 'exam')))
define "Code Text": First([Observation: "Pressure"] O return O.code.text)
define "Low Reference": First([Observation: "Pressure"] O return First(O.referenceRange).low.value)
define "Smoker Value": First([Observation: "Smoker"] O return O.value as FHIR.boolean)
define "Not Smoker": not (First([Observation: "Smoker"] O return O.value as FHIR.boolean))
define "Counted": First([Observation: "Count Code"] O return (O.value as FHIR.integer) + 1)
define "Grade In Pain": exists ([Observation: "Grade"] O where (O.value as FHIR.CodeableConcept) in "Leg Pain")
define "Stay": First([Observation] O where O.id = 'o8' return O.value as Quantity)
define "Stay Ends": @2026-01-01 + (First([Observation] O where O.id = 'o8' return O.value as Quantity))
define "Pills": First([Observation] O where O.id = 'o9' return O.value as Quantity)
define "Code In Set": First([Condition] C where C.code in "Leg Pain" return C.id)
define "By Concept": exists [Observation: "Pains"]
define "Kinds": [Observation] O return case when O.value is FHIR.Quantity then 'quantity'
  when O.value is FHIR.boolean then 'boolean' when O.value is null then 'nothing' else 'other' end
define "With": Count("Pain" C with S."Done" P such that (P.performed as FHIR.dateTime) after (C.onset as FHIR.dateTime))
define "Without": Count("Pain" C without S."Done" P such that (P.performed as FHIR.dateTime) before (C.onset as FHIR.dateTime))
define "Pairs": from "Masses" A, "Masses" B where A.id < B.id return A.id + B.id
define "Sum": ("Masses") O aggregate Total starting 0.0: Total + (O.value as Quantity).value
define "Tuples": "Masses" O return Tuple { id: O.id, value: (O.value as Quantity).value, low: (O.value as Quantity) < 35 'kg/m2' }
define "Ordered Is": "Ordered"
define "Declared Code": "Body Mass".code
define "Declared Concept": "Pains".codes
define function half(q Quantity): q / 2
define "Half": half("Latest Value")
"""
