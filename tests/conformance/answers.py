"""One answer of every kind, as plain views over a recorded message: what the structural checks look at."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.pas.mapping import parts_of
from openum.adapters.fhir.pas.versions import V2_2
from openum.adapters.fhir.pas.view import (
    AnswerView,
    AskedItem,
    AskView,
    AuthorizationView,
    ErrorView,
    LineView,
    Part,
    ProviderView,
    Reviewer,
    ServiceView,
)
from openum.vocabulary.terms import LineStatus, PartyRole
from tests.adapters.kit import AT, message, read, resource

HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ID = "0198c0de-0000-7000-8000-00000000000"


def _frame(name="referral-urn"):
    bundle = Bundle(message(name))
    parts = parts_of(bundle)
    request = read(message(name), V2_2)
    line = request.lines[0]
    held = {parts.patient.url, parts.insurer.url, parts.requester.url}
    others = [
        entry for entry in bundle.entries if entry.url not in held and entry.kind not in {"Claim", "DocumentReference"}
    ]
    doctor = next(entry for entry in bundle.entries if entry.kind == "Practitioner")
    asked = ServiceView(
        code_system=HCPCS, code="G0299", units=Decimal(8), unit="visit", place="12", unit_price_cents=12050,
        modifiers=("GT",), valid_from=date(2026, 12, 1), valid_to=date(2027, 1, 1),
    )  # fmt: skip
    view = LineView(
        sequence=1, trace=ID + "1", status=LineStatus.PENDED_WITH_PAYER, asked=asked,
        source={**line.source, "revenue": {"coding": [{"system": "https://www.nubc.org/CodeSystem/RevenueCodes", "code": "0551"}]}},
        traces=({"system": "https://clinic.example/item-trace", "value": "T-21"},),
        previous_authorization_number="OLD-1", administrative_number="C-26-0000001-1-1",
        diagnoses=(("http://hl7.org/fhir/sid/icd-10-cm", "M17.11"),),
        providers=(ProviderView(url=doctor.url, role=PartyRole.SERVICING),),
    )  # fmt: skip
    return AnswerView(
        identifier=ID + "0", answered_at=AT, base_url="https://plan.example/fhir/2.2", claim_url=parts.claim.url,
        patient=Part(parts.patient.url, parts.patient.resource), insurer=Part(parts.insurer.url, parts.insurer.resource),
        requestor=Part(parts.requester.url, parts.requester.resource),
        identifiers=tuple(resource(bundle.resource, "Claim")["identifier"]), claim_type=request.echo["type"],
        transmission=request.echo["transmission"], admission=(date(2026, 12, 2), date(2026, 12, 4)),
        discharge=date(2026, 12, 9), others=tuple(Part(one.url, one.resource) for one in others), lines=(view,),
    )  # fmt: skip


def _given(**change):
    service = replace(_frame().lines[0].asked, **change)
    return AuthorizationView(number="A-26-0000001", issued_on=date(2026, 11, 16), service=service)


def _with(status, **change):
    frame = _frame()
    return replace(frame, lines=(replace(frame.lines[0], status=status, **change),))


def pended():
    return replace(
        _with(LineStatus.PENDED_WITH_PAYER, notes=("Criterion 1: Is there a plan of care? Not known.",)),
        warnings=("Warning. Bundle.type: The Bundle should be of type collection.",),
    )


def asked_for_documents():
    items = (
        AskedItem(identifier=ID + "4", line=1, text="The visit note", loinc="11506-3"),
        AskedItem(identifier=ID + "5", line=1, text="Any record of therapy"),
    )
    ask = AskView(
        identifier=ID + "3",
        asked_on=date(2026, 11, 16),
        respond_by=date(2026, 11, 30),
        message="Two things",
        items=items,
    )
    return replace(_with(LineStatus.PENDED_WITH_PROVIDER), asks=(ask,))


def approved():
    return replace(_with(LineStatus.APPROVED, authorization=_given()), reviewer=Reviewer(is_person=False))


def approved_in_part():
    return _with(LineStatus.PARTIALLY_APPROVED, authorization=_given(units=Decimal(4)), notes=("Four visits now.",))


def modified():
    return _with(
        LineStatus.PARTIALLY_APPROVED, authorization=_given(code="G0300", code_end="G0301"), reason_codes=("0G",)
    )


def denied():
    return replace(
        _with(LineStatus.DENIED, reason_codes=("0F",), notes=("Imaging does not show it.",)),
        reviewer=Reviewer(is_person=True, npi="9100000048", specialty="Orthopaedic surgery"),
    )


def cancelled():
    return _with(LineStatus.CANCELLED)


def not_required():
    return _with(LineStatus.NOT_REQUIRED)


def in_error():
    error = ErrorView(
        reject="67",
        follow_up="C",
        element="2010C-NM109",
        path="Bundle.entry[4].resource",
        text="No member has this number.",
    )
    return replace(_frame(), lines=(), errors=(error,))


ALL = {
    function.__name__: function
    for function in (
        pended,
        asked_for_documents,
        approved,
        approved_in_part,
        modified,
        denied,
        cancelled,
        not_required,
        in_error,
    )
}
