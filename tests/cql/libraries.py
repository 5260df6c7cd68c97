"""Libraries in our own words that use what published prepopulation and measure libraries use."""

from __future__ import annotations

# Helper functions over lists of records, as order forms are filled with.
LOOKING_BACK = """
library LookingBack version '1.2.0'
using FHIR version '4.0.0'
include FHIRHelpers version '4.0.0' called FHIRHelpers
codesystem "Clinical": 'http://terminology.hl7.org/CodeSystem/condition-clinical'
codesystem "Verification": 'http://terminology.hl7.org/CodeSystem/condition-ver-status'
code "active": 'active' from "Clinical" display 'Active'
code "confirmed": 'confirmed' from "Verification"
concept "Active Problem": { "active" } display 'Active'
private define "Window": 3 months

/** A Period as an interval. */
define function AsInterval(span FHIR.Period):
  if span is null then null
  else Interval[span."start".value, span."end".value]

define function Final(list List<Observation>):
  list O where O.status.value in { 'final', 'corrected', 'amended' }

define function InUnit(list List<Observation>, wanted String):
  list O where (O.value as FHIR.Quantity).unit.value = wanted or (O.value as FHIR.Quantity).code.value = wanted

define function Recent(list List<Observation>, back System.Quantity):
  list O
    let span: Interval[Now() - back, Now()]
    where (O.effective as FHIR.dateTime).value in span
      or (O.effective as FHIR.instant).value in span
      or AsInterval(O.effective as FHIR.Period) overlaps span

define function Newest(list List<Observation>):
  Last(list O sort by Coalesce((effective as FHIR.dateTime).value, (effective as FHIR.instant).value,
    (effective as FHIR.Period)."end".value, issued.value))

define function Lowest(list List<Observation>):
  Min(list O return FHIRHelpers.ToQuantity(O.value as Quantity))

define function Number(one Observation): NumberOf(cast one.value as Quantity)
define function NumberOf(amount FHIR.Quantity): if amount is not null then amount.value.value else null

define function Codes(list List<Condition>):
  distinct(flatten(
    list C
      let codings: (C.code.coding) coding where coding.system.value in { 'urn:own', 'urn:b' } return FHIRHelpers.ToCode(coding)
      return codings))

define function OnlyActive(list List<Condition>): list C where C.clinicalStatus ~ "Active Problem" and C.abatement is null
define function Initials(name FHIR.HumanName): Combine((name.given part return Substring(part.value, 0, 1)), '')
define fluent function monthsOld(since FHIR.date): months between since and Today()
define fluent function half(x Integer): x / 2
define fluent function half(x Decimal): x / 2.0
define fluent function half(x Interval<Integer>): Interval[start of x, (end of x) div 2]
define function "Kind Of"(choice Choice<Integer, Date>):
  if choice is Integer then 'number' else if choice is Date then 'day' else 'neither'
define function Outside(x Integer) returns Integer : external
"""

# Fluent functions and intervals, as measures are written with.
TIMING = """
library published.timing.Spans version '2.0'
using QICore version '4.1.1'
include FHIRHelpers version '4.0.1'
context Patient

define fluent function span(choice Choice<DateTime, Quantity, Interval<DateTime>, Interval<Quantity>, Timing>):
  case
    when choice is DateTime then Interval[choice as DateTime, choice as DateTime]
    when choice is Interval<DateTime> then choice as Interval<DateTime>
    when choice is Quantity then
      Interval[Patient.birthDate + (choice as Quantity), Patient.birthDate + (choice as Quantity) + 1 year)
    when choice is Timing then
      Message(null, true, 'not-done', 'Error', 'A timing has no span.') as Interval<DateTime>
    else null as Interval<DateTime>
  end

define fluent function hasEnd(period Interval<DateTime>): not (end of period is null or end of period = maximum DateTime)
define fluent function latest(choice Choice<DateTime, Quantity, Interval<DateTime>, Interval<Quantity>>):
  (choice.span()) period return if period.hasEnd() then end of period else start of period
define fluent function identifier(uri String): Last(Split(uri, '/'))
define fluent function theEncounter(reference Reference):
  singleton from ([Encounter] E where E.id = reference.reference.identifier())
define fluent function pointsTo(reference Reference, resource Resource): resource.id = reference.reference.identifier()

define function Quantity(value Decimal, unit String):
  if value is not null then System.Quantity { value: value, unit: unit } else null

define function Daily(frequency System.Integer, period System.Quantity):
  case period.unit
    when 'h' then frequency * (24.0 / period.value)
    when 'd' then frequency * 1.0 / period.value
    when 'wk' then frequency / (period.value * 7)
    else Message(null, true, 'unit', 'Warning', 'Unknown unit ' & period.unit)
  end

define function Supplied(Request "MedicationRequest"):
  Request R
    let
      dosage: singleton from R.dosageInstruction,
      dose: singleton from dosage.doseAndRate,
      timing: dosage.timing,
      frequency: Coalesce(timing.repeat.frequencyMax, timing.repeat.frequency),
      period: Quantity(timing.repeat.period, timing.repeat.periodUnit),
      perDay: Coalesce(Daily(frequency, period), Count(timing.repeat.timeOfDay), 1.0),
      bounds: timing.repeat.bounds as Period,
      lasting: (convert R.dispenseRequest.expectedSupplyDuration to days).value,
      refills: Coalesce(R.dispenseRequest.numberOfRepeatsAllowed, 0),
      first: Coalesce(date from start of bounds, date from R.authoredOn),
      total: Coalesce(lasting, R.dispenseRequest.quantity.value / ((dose.dose as Quantity).value * perDay)) * (1 + refills)
    return if first is not null and total is not null then Interval[first, first + Quantity(total - 1, 'day')] else null

define function RolledOut(spans List<Interval<Date>>):
  spans I
    aggregate all R starting (null as List<Interval<Date>>):
      R union ({
        I X
          let S: Max({ end of Last(R) + 1 day, start of X }), E: S + Quantity(Coalesce(duration in days of X, 0), 'day')
          return Interval[S, E]
      })

define function DaysCovered(spans List<Interval<Date>>):
  if spans is not null then Sum((collapse spans per day) X return all (difference in days between start of X and end of X) + 1)
  else null
"""
SOURCES = {"LookingBack": LOOKING_BACK, "published.timing.Spans": TIMING}
HEADER = """
library Form version '1'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1' called FHIRHelpers
include LookingBack version '1.2.0' called Back
include published.timing.Spans version '2.0' called Spans
codesystem "LOINC": 'http://loinc.org'
codesystem "Own": 'urn:own'
valueset "Leg Pain": 'urn:vs:leg-pain'
valueset "Therapy": 'urn:vs:therapy' version '2026'
code "Body Mass": '39156-5' from "LOINC" display 'Body mass index'
code "Systolic": '8480-6' from "LOINC"
code "Leg": 'leg-pain' from "Own"
code "Other": 'other' from "Own"
concept "Pain": { "Leg", "Other" } display 'Pain'
parameter "Order" ServiceRequest
parameter "Year" Interval<DateTime> default Interval[@2026-01-01T00:00:00.0, @2026-12-31T23:59:59.999]
parameter "Least" default 2
context Patient
"""
