"""PAS messages in our words: what each element becomes, what one can live with, and what nobody can decide over."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.outcome import MessageRefused
from openum.adapters.fhir.pas.mapping import parts_of
from openum.adapters.fhir.pas.versions import V2_2
from openum.submission.incoming import Identifier
from openum.vocabulary.terms import CertificationType, PartyRole, RequestKind, Urgency
from tests.adapters.conftest import actions
from tests.adapters.kit import JUNK, NAMES, message, read, resource, with_junk

REQUEST = "https://clinic.example/request"


def test_a_request_is_read_with_its_people_lines_and_dates():
    request = read(message("home-care"))
    assert request.identifiers == (Identifier(system=REQUEST, value="HC-1"),)
    assert (request.kind, request.certification, request.urgency) == (
        RequestKind.AUTHORIZATION,
        CertificationType.INITIAL,
        Urgency.STANDARD,
    )
    assert (request.related, request.relationship, request.problems, request.faults) == ((), "", (), ())
    member = request.member
    assert (member.member_id, member.subscriber_id, member.family, member.given) == (
        "M-700-1",
        "S-700",
        "Linden",
        "Mara Joy",
    )
    assert (member.birth_date, member.language) == (date(1961, 3, 4), "es")
    assert [(one.role, one.npi, one.name) for one in request.providers] == [
        (PartyRole.REQUESTER, "9100000014", "Birch Lane Clinic"),
        (PartyRole.SERVICING, "9100000030", "Ivo Moss"),
    ]
    assert request.providers[1].specialty == "207X00000X"
    first, second = request.lines
    assert (first.sequence, first.code, first.units, first.unit) == (1, "T1019", Decimal(8), "visit")
    assert (first.first_day, first.last_day, first.place) == (date(2026, 12, 1), date(2026, 12, 31), "12")
    assert first.traces == (Identifier(system="https://clinic.example/item-trace", value="T-11"),)
    assert first.diagnosis_sequences == (1,)
    assert first.provider_keys == ("https://clinic.example/fhir/PractitionerRole/role",)
    assert second.units == Decimal(4)
    assert [(one.code, one.on) for one in request.diagnoses] == [("M17.11", date(2026, 10, 1))]
    assert request.payer_name == "Example Payer"
    assert request.echo["claim"] == "https://clinic.example/fhir/Claim/first"


def test_an_urgent_referral_by_urn_references_keeps_order_document_and_transmission():
    request = read(message("referral-urn"), V2_2)
    assert (request.kind, request.urgency, request.urgency_attested_by) == (
        RequestKind.REFERRAL,
        Urgency.EXPEDITED,
        "Birch Lane Clinic",
    )
    (line,) = request.lines
    assert line.source["requested_service"]["type"] == "ServiceRequest"
    assert (line.units, line.unit, line.previous_authorization_number) == (Decimal(1), "visit", "OLD-1")
    assert (line.unit_price_cents, line.modifiers) == (12050, ("GT",))
    assert {one.role for one in request.providers} == {PartyRole.REQUESTER, PartyRole.SERVICING, PartyRole.ORDERING}
    assert [(one.kind, one.title, one.data) for one in request.evidence] == [
        ("document", "Visit note", b"Knee pain for seven weeks."),
        ("fhir", "Progress note", b""),
        ("fhir", "3", b""),
    ]
    assert request.evidence[0].page_texts == ("Knee pain for seven weeks.",)
    assert request.free_text == "Please see the note."
    assert request.levels == {"admission": "2026-12-02", "admission_to": "2026-12-04"}
    assert request.echo["transmission"]["extension"][0]["valueString"] == "CLINIC"
    assert (request.faults, request.problems) == ((), ())


def test_an_update_names_its_prior_and_what_it_changes():
    request = read(message("home-care-update"))
    assert request.related[0] == Identifier(system=REQUEST, value="HC-1")
    assert request.relationship == "prior"
    assert [(line.sequence, line.change, line.certification) for line in request.lines] == [
        (1, "", CertificationType.INITIAL),
        (2, "cancelled", CertificationType.CANCEL),
        (3, "added", CertificationType.INITIAL),
    ]
    assert request.echo["claim"] == "https://clinic.example/fhir/Claim/second"


def test_a_differential_update_without_a_prior_is_known_by_its_own_identifier():
    request = read(message("home-care-differential"))
    assert request.is_differential
    assert (request.related, request.relationship) == ((Identifier(system=REQUEST, value="HC-1"),), "prior")


def test_a_cancellation_of_the_whole_request_needs_no_items():
    request = read(message("home-care-cancel"))
    assert request.is_whole_cancellation
    assert request.certification is CertificationType.CANCEL
    assert Identifier(system=REQUEST, value="HC-1") in request.related
    assert (request.lines, request.problems, request.relationship) == ((), (), "replaces")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda claim: claim["priority"]["coding"][0].update(code="stat"), Urgency.EXPEDITED),
        (
            lambda claim: claim["item"][0]["extension"][1]["valueCodeableConcept"]["coding"][0].update(code="1"),
            Urgency.EXPEDITED,
        ),
        (lambda claim: claim.update(priority=None), Urgency.STANDARD),
    ],
)
def test_urgency_comes_from_priority_level_or_immediate_appeal(change, expected):
    data = message("home-care")
    change(resource(data, "Claim"))
    if expected is Urgency.EXPEDITED and resource(data, "Claim")["priority"]["coding"][0]["code"] != "stat":
        for item in resource(data, "Claim")["item"]:
            item["extension"] = [one for one in item["extension"] if "certificationType" not in one["url"]]
        resource(data, "Claim")["extension"] = [
            {
                "url": "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-certificationType",
                "valueCodeableConcept": {"coding": [{"code": "1"}]},
            }
        ]
    assert read(data).urgency is expected


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda data: data.update(type="batch"), "Bundle.type"),
        (lambda data: data.pop("timestamp"), "Bundle.timestamp"),
        (lambda data: data["entry"][2].pop("fullUrl"), "Bundle.entry[2].fullUrl"),
        (lambda data: data["entry"].append(data["entry"].pop(0)), "Bundle.entry[0]"),
        (lambda data: resource(data, "Claim").update(status="draft"), "Bundle.entry[0].resource.status"),
        (lambda data: resource(data, "Claim")["item"][1].pop("category"), "Bundle.entry[0].resource.item[1].category"),
        (
            lambda data: resource(data, "Claim")["item"][0]["extension"].append({"url": "urn:own", "valueString": "x"}),
            "Bundle.entry[0].resource.item[0].extension[3]",
        ),
        (lambda data: resource(data, "Patient").update(birthDate="1961-03"), "Bundle.entry[4].resource.birthDate"),
        (
            lambda data: resource(data, "Claim")["careTeam"][0]["provider"].update(reference="PractitionerRole/none"),
            "Bundle.entry[0].resource.careTeam[0].provider",
        ),
        (lambda data: resource(data, "Patient")["name"][0].update(family="x" * 400), "Bundle.entry[4].resource.name"),
    ],
)
def test_faults_one_can_live_with_are_named_and_hinder_nothing(change, path):
    data = message("home-care")
    change(data)
    request = read(data)
    assert request.problems == ()
    assert path in {fault.path for fault in request.faults}
    assert len(request.lines) == 2


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda claim: claim.pop("provider"), "missing-data", "provider"),
        (lambda claim: claim.update(use="claim"), "input-error", "use"),
        (lambda claim: claim["item"][1].update(sequence=1), "input-error", "item[1].sequence"),
        (lambda claim: claim["item"][0]["quantity"].update(value=0), "quantity", "item[0].quantity"),
        (lambda claim: claim["item"][0]["quantity"].update(value=-3), "quantity", "item[0].quantity"),
        (lambda claim: claim["item"][0]["quantity"].update(value=1e30), "quantity", "item[0].quantity"),
        (lambda claim: claim["item"][0]["servicedPeriod"].update(end="2026-11-01"), "date-order", "item[0]"),
        (
            lambda claim: claim["item"][0].update(productOrService={}, category={}),
            "procedure-code",
            "item[0].productOrService",
        ),
        (
            lambda claim: claim["item"][0]["extension"][2]["valueCodeableConcept"]["coding"][0].update(code="ZZ"),
            "input-error",
            "item[0]",
        ),
        (
            lambda claim: claim["item"][0].update(modifierExtension=[{"url": "urn:reverses", "valueBoolean": True}]),
            "input-error",
            "item[0].modifierExtension[0]",
        ),
        (lambda claim: claim["identifier"][0].update(value="9" * 5000), "input-error", "identifier"),
    ],
)
def test_business_problems_are_named_with_their_path(change, code, path):
    data = message("home-care")
    change(resource(data, "Claim"))
    assert [(one.code, one.path) for one in read(data).problems] == [(code, f"Bundle.entry[0].resource.{path}")]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda data: data["entry"].pop(0), "Bundle.entry[0].resource"),
        (lambda data: resource(data, "Claim").pop("patient"), "Bundle.entry[0].resource.patient"),
        (lambda data: data["entry"].pop(4), "Bundle.entry[0].resource.patient.reference"),
        (lambda data: data["entry"].pop(2), "Bundle.entry[0].resource.insurer.reference"),
        (lambda data: data["entry"].pop(1), "Bundle.entry[0].resource.provider.reference"),
        (lambda data: data["entry"].pop(3), "Bundle.entry[0].resource.insurance[0].coverage.reference"),
        (
            lambda data: resource(data, "Claim")["patient"].update(reference="Organization/clinic"),
            "Bundle.entry[0].resource.patient",
        ),
        (
            lambda data: resource(data, "Claim")["insurer"].update(
                reference="https://elsewhere.example/Organization/payer"
            ),
            "Bundle.entry[0].resource.insurer.reference",
        ),
    ],
)
def test_a_message_without_its_core_is_refused_with_path_and_cure(change, path):
    data = message("home-care")
    change(data)
    with pytest.raises(MessageRefused) as refused:
        parts_of(Bundle(data))
    assert refused.value.issue.path == path
    assert refused.value.issue.cure


def test_a_missing_insurer_is_taken_from_the_coverage():
    data = message("home-care")
    resource(data, "Claim").pop("insurer")
    assert parts_of(Bundle(data)).insurer.resource["name"] == "Example Payer"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\u202eevil", "👩🏽‍⚕️ émoji", "a\x07b\x1bc", "ש" * 50, " " * 20]
)
def test_any_text_passes_unchanged(text):
    data = message("home-care")
    resource(data, "Patient")["name"][0]["family"] = text
    assert read(data).member.family == text


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(NAMES), pick=st.integers(min_value=0), junk=JUNK)
def test_whatever_stands_anywhere_is_read_or_refused_but_never_crashes(name, pick, junk):
    try:
        request = read(with_junk(name, pick, junk), V2_2)
    except MessageRefused as refused:
        is_explained = bool(refused.issue.cure)
    else:
        is_explained = request.member is not None
    assert is_explained


def _with_prior(**prior):
    data = message("home-care")
    held = {"resourceType": "Claim", "id": "1", **prior}
    data["entry"].append({"fullUrl": "urn:uuid:11111111-0000-4000-8000-000000000000", "resource": held})
    claim = resource(data, "Claim")
    claim["related"] = [{"claim": {"reference": "urn:uuid:11111111-0000-4000-8000-000000000000"}}]
    return [one.value for one in read(data).related]


def test_a_prior_in_the_bundle_is_named_by_its_identifiers_and_by_its_id_only_without_them():
    address = "urn:uuid:11111111-0000-4000-8000-000000000000"
    assert _with_prior(identifier=[{"system": "urn:x", "value": "P-1"}]) == ["P-1", address]
    assert _with_prior() == [address, "Claim/1"]


@pytest.mark.parametrize(
    ("sent", "read_as"), [([1, 1], [1, 2]), ([2, None], [2, 1]), ([2, 2, 1], [2, 3, 1]), (["x", -1], [1, 2])]
)
def test_every_diagnosis_has_a_sequence_of_its_own(sent, read_as):
    data = message("home-care")
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M17.11"}]}
    resource(data, "Claim")["diagnosis"] = [
        {"diagnosisCodeableConcept": code, **({} if one is None else {"sequence": one})} for one in sent
    ]
    request = read(data)
    assert [one.sequence for one in request.diagnoses] == read_as
    assert any(one.path.endswith(".sequence") for one in request.faults)


@pytest.mark.sends_junk
def test_two_diagnoses_of_one_sequence_are_no_reason_to_fail(door):
    data = message("home-care")
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M17.11"}]}
    resource(data, "Claim")["diagnosis"] = [{"sequence": 1, "diagnosisCodeableConcept": code}] * 2
    assert actions(door.submit(data)) == {1: "A4", 2: "A4"}
