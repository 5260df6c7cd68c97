"""$submit-attachment: records asked for, sent ahead, and matched by a person; forms that fill the criteria."""

import base64
from datetime import date

import orjson
import pytest

from openum.accounts.services import register_client
from openum.audit.models import EventRow
from openum.cases.models import Attachment, Case, InformationItem, InformationRequest, Request, ServiceLine
from openum.submission.models import AttachmentMessage, Submission
from openum.submission.services import close_waiting, match_attachment
from openum.vocabulary.errors import Conflict, Invalid
from samples.bundles import LumbarRequest, lumbar_mri_bundle
from tests.adapters.conftest import actions
from tests.adapters.kit import AT, message, resource

NPI = {"system": "http://hl7.org/fhir/sid/us-npi", "value": "9100000022"}
LOINC = "http://loinc.org"
VISIT_NOTE = "11506-3"


def document(content=b"Seen in the clinic.", kind="text/plain", **facts):
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"coding": [{"system": LOINC, "code": VISIT_NOTE, "display": "Progress note"}]},
        "content": [
            {"attachment": {"contentType": kind, "title": "Visit", "data": base64.b64encode(content).decode()}}
        ],
    } | facts


def attached(content, *, lines=(), code=""):
    parts = [{"name": "LineItem", "valueString": str(one)} for one in lines]
    if code:
        parts.append({"name": "Code", "valueCodeableConcept": {"coding": [{"system": LOINC, "code": code}]}})
    return {"name": "Attachment", "part": [*parts, {"name": "Content", "resource": content}]}


def records(tracking, *attachments, member="M-700-1", final=None, **more):
    """Return the parameters of the operation."""
    named = {
        "TrackingId": {"valueIdentifier": {"system": "https://clinic.example/tracking", "value": tracking}},
        "AttachTo": {"valueCode": "preauthorization"},
        "OrganizationId": {"valueIdentifier": NPI},
        "MemberId": {"valueIdentifier": {"value": member}},
    } | more
    rows = [{"name": name, **value} for name, value in named.items() if value is not None]
    if final is not None:
        rows.append({"name": "Final", "valueBoolean": final})
    return {"resourceType": "Parameters", "parameter": [*rows, *attachments]}


class Sender:
    """Sends records as a client does."""

    def __init__(self, http):
        self.http = http

    def __call__(
        self, body, *, base="2.2", token="sandbox-token", path="$submit-attachment", kind="application/fhir+json"
    ):
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.http.post(
            f"/fhir/{base}/{path}", raw, content_type=kind, headers={"Authorization": f"Bearer {token}"}
        )

    def told(self, body, **options):
        response = self(body, **options)
        assert response.status_code == 200, response.content
        outcome = orjson.loads(response.content)
        assert outcome["resourceType"] == "OperationOutcome"
        return outcome["issue"]


@pytest.fixture
def send(client, world, demo_clock):
    return Sender(client)


def _member(case):
    return case.member.member_number


def _ask(door, **options):
    door.arm("ask_for_documents")
    door.submit(message("home-care"), **options)
    return Case.objects.latest("pk"), InformationRequest.objects.order_by("pk")


@pytest.mark.parametrize("base", ["2.0", "2.2"])
@pytest.mark.parametrize("path", ["$submit-attachment", "Claim/$submit-attachment"])
def test_records_answer_the_task_that_asked_for_them(send, door, base, path):
    case, questions = _ask(door, base=base)
    for question in questions:
        tracking = f"urn:uuid:{question.public_id}"
        (issue,) = send.told(records(tracking, attached(document()), member=_member(case)), base=base, path=path)
        assert issue["severity"] == "information"
    assert not InformationItem.objects.filter(state="requested").exists()
    assert set(ServiceLine.objects.values_list("status", flat=True)) == {"pended_with_payer"}
    kept = Attachment.objects.filter(kind="document", title="Visit").first()
    assert (bytes(kept.content), kept.content_type, kept.channel) == (b"Seen in the clinic.", "text/plain", "fhir")
    submission = Submission.objects.latest("pk")
    assert (submission.state, submission.case, submission.door) == (
        "admitted",
        case,
        f"/fhir/{base} $submit-attachment",
    )
    assert submission.answer is not None


@pytest.mark.parametrize("name", ["claim", "administrative", "line", "item", "trace"])
def test_any_number_of_the_request_ties_records_to_it(send, door, name):
    case, questions = _ask(door)
    request = case.requests.get()
    numbers = {
        "claim": "HC-1",
        "administrative": request.administrative_number,
        "line": f"urn:uuid:{case.lines.first().public_id}",
        "item": str(questions[0].items.get().public_id),
        "trace": "T-11",
    }
    (issue,) = send.told(records(numbers[name], attached(document()), member=_member(case)))
    assert "put with the request" in issue["details"]["text"]
    assert Submission.objects.latest("pk").case == case


def test_the_payers_own_reference_ties_as_well(send, door):
    case, _ = _ask(door)
    number = case.requests.get().administrative_number
    body = records(
        "theirs-1", attached(document()), member=_member(case), AdminRefNumber={"valueIdentifier": {"value": number}}
    )
    assert "put with the request" in send.told(body)[0]["details"]["text"]


def test_only_what_is_answered_is_settled(send, door):
    case, questions = _ask(door)
    first = questions[0].items.get()
    line = first.line.sequence
    other = InformationItem.objects.create(
        information_request=questions[0], line=first.line, text="The imaging report", document_kind="imaging-report"
    )
    body = records("HC-1", attached(document(), lines=[line], code=VISIT_NOTE), member=_member(case))
    (issue,) = send.told(body)
    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.state, other.state) == ("received", "requested")
    assert "still open" in issue["details"]["text"]
    assert first.attachment is not None
    assert InformationItem.objects.filter(state="requested").exclude(line=first.line).count() == questions.count() - 1


def test_records_that_are_not_final_settle_nothing_yet(send, door):
    case, _ = _ask(door)
    send.told(records("HC-1", attached(document()), member=_member(case), final=False))
    assert not InformationItem.objects.exclude(state="requested").exists()
    send.told(records("HC-1", attached(document(b"Second part")), member=_member(case), final=True))
    assert not InformationItem.objects.filter(state="requested").exists()
    assert Attachment.objects.filter(kind="document", title="Visit").count() == 2


def test_the_same_records_again_get_the_same_bytes(send, door):
    case, _ = _ask(door)
    body = records("HC-1", attached(document()), member=_member(case))
    first, second = send(body), send(body)
    assert first.content == second.content
    assert Submission.objects.filter(door__endswith="$submit-attachment").count() == 1


def test_records_sent_ahead_are_held_and_put_on_the_request_when_it_comes(send, door):
    data = message("home-care")
    body = records("ahead-7", attached(document(b"Sent ahead")), member="M-700-1")
    (issue,) = send.told(body)
    assert "held" in issue["details"]["text"]
    assert Submission.objects.get().state == Submission.WAITING
    claim = resource(data, "Claim")
    claim["supportingInfo"] = [
        *claim.get("supportingInfo", []),
        {"sequence": 90, "category": {"coding": [{"code": "additionalInformation"}]},
         "extension": [{"url": "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-documentInformation",
                        "extension": [{"url": "controlNumber", "valueString": "ahead-7"}]}]},
    ]  # fmt: skip
    door.submit(data, base="2.2")
    case = Case.objects.get()
    assert Attachment.objects.filter(case=case, title="Visit").count() == 1
    assert set(Submission.objects.values_list("state", "case")) == {("admitted", case.pk)}
    assert not AttachmentMessage.objects.filter(is_held=True).exists()
    assert EventRow.objects.filter(type="SubmissionSettled").count() == 1


def test_records_held_for_another_number_or_sender_stay_held(send, door, world):
    register_client(name="another", plan=world.sandbox, token="other-token", enrols_unknown=True)
    send.told(records("another-number", attached(document())))
    send.told(records("HC-1", attached(document())), token="other-token")
    door.submit(message("home-care"))
    assert AttachmentMessage.objects.filter(is_held=True).count() == 2
    assert Attachment.objects.filter(title="Visit").count() == 0


@pytest.mark.parametrize(("token", "member"), [("other-token", "M-700-1"), ("sandbox-token", "SOMEBODY-ELSE")])
def test_another_sender_or_member_reaches_no_case_and_learns_nothing(send, door, world, token, member):
    register_client(name="another", plan=world.sandbox, token="other-token", enrols_unknown=True)
    _, questions = _ask(door)
    known = send(records(str(questions[0].public_id), attached(document()), member=member), token=token)
    unknown = send(records("no-such-number", attached(document()), member=member), token=token)
    texts = [orjson.loads(one.content)["issue"][0]["details"]["text"] for one in (known, unknown)]
    assert texts[0] == texts[1]
    assert InformationItem.objects.exclude(state="requested").count() == 0


def _story(world, **changes):
    facts = {
        "member_number": "C-1", "given": "Rose", "family": "Alder", "born": date(1960, 5, 4),
        "orderer": world.surgeon_npi, "imaging": world.facility_npi, "asked_at": AT,
        "pain_since": date(2026, 9, 7), "therapy": (date(2026, 9, 20), date(2026, 11, 10)),
        "medicine_days": (date(2026, 9, 9), date(2026, 11, 1)), "examined_on": date(2026, 11, 12),
    }  # fmt: skip
    return LumbarRequest(**(facts | changes))


@pytest.mark.parametrize(("base", "guide"), [("2.0", "2.0.1"), ("2.2", "2.2.1")])
def test_a_form_that_arrives_by_attachment_fills_the_criteria_and_the_request_is_approved(send, door, base, guide):
    thin = _story(door.world, leave_out=frozenset({"therapy", "medicine", "form"}))
    bundle = door.submit(lumbar_mri_bundle(thin, version=guide), base=base, token="plan-token")
    assert actions(bundle) == {1: "A4"}
    whole = lumbar_mri_bundle(_story(door.world), version=guide)
    held = {
        "QuestionnaireResponse",
        "Procedure",
        "MedicationStatement",
        "Encounter",
        "Observation",
        "MedicationRequest",
    }
    facts = [entry["resource"] for entry in whole["entry"] if entry["resource"]["resourceType"] in held]
    question = InformationRequest.objects.get()
    body = records(str(question.public_id), *(attached(one) for one in facts), member="C-1")
    send.told(body, base=base, token="plan-token")
    line = ServiceLine.objects.get()
    assert line.status == "approved"
    question.refresh_from_db()
    assert question.closed_at is not None


def test_records_in_an_update_answer_what_was_asked_for(door):
    thin = _story(door.world, leave_out=frozenset({"therapy", "medicine", "form"}))
    door.submit(lumbar_mri_bundle(thin), token="plan-token")
    whole = lumbar_mri_bundle(_story(door.world))
    claim = whole["entry"][0]["resource"]
    claim["related"] = [
        {"relationship": {"coding": [{"code": "prior"}]}, "claim": {"identifier": claim["identifier"][0]}}
    ]
    claim["identifier"] = [claim["identifier"][0] | {"value": "second"}]
    assert actions(door.submit(whole, token="plan-token")) == {1: "A1"}
    assert (Case.objects.count(), Request.objects.count()) == (1, 2)
    assert not InformationRequest.objects.filter(closed_at__isnull=True).exists()


BROKEN = [
    (b"not json", 400, "Parameters"),
    (b"[]", 400, "Parameters"),
    (b'{"resourceType":"Bundle"}', 400, "Parameters"),
    (b"[" * 3000 + b"]" * 3000, 400, "Parameters"),
    (records("1", attached(document()), TrackingId=None), 400, "TrackingId"),
    (records("", attached(document())), 400, "TrackingId"),
    (records("1" * 300, attached(document())), 400, "TrackingId"),
    (records("1", attached(document()), MemberId=None), 400, "MemberId"),
    (records("1", attached(document()), OrganizationId=None), 400, "OrganizationId"),
    (records("1", attached(document()), AttachTo=None), 400, "AttachTo"),
    (records("1", attached(document()), AttachTo={"valueCode": "claim"}), 422, "AttachTo"),
    (records("1", attached(document()), AttachTo={"valueCode": "predetermination"}), 422, "AttachTo"),
    (records("1", attached(document()), AttachTo={"valueCoding": {"code": "claim"}}), 422, "AttachTo"),
    (records("1", attached(document()), AttachTo={"valueCode": "everything"}), 400, "AttachTo"),
    (records("1", attached(document()), AttachTo={"valueCodeableConcept": {}}), 400, "AttachTo"),
    (records("1", attached(document()), ServiceDate={"valueDate": "soon"}), 400, "ServiceDate"),
    (records("1"), 400, "Attachment"),
    (records("1", {"name": "Attachment"}), 400, "Parameters.parameter[4].part"),
    (records("1", attached({"status": "current"})), 400, "Parameters.parameter[4].part"),
    (records("1", *[attached(document())] * 201), 400, "Parameters.parameter"),
]


@pytest.mark.parametrize(("body", "status", "path"), BROKEN)
def test_records_that_cannot_be_taken_are_refused_with_path_and_cure_and_kept(send, body, status, path):
    response = send(body)
    issue = orjson.loads(response.content)["issue"][0]
    named = path if path.startswith("Parameters") else f"Parameters.parameter.where(name = '{path}')"
    assert (response.status_code, issue["expression"]) == (status, [named])
    assert issue["diagnostics"]
    assert Submission.objects.get().state == Submission.REFUSED


def test_content_type_size_token_and_method_are_checked(send, client, settings):
    body = records("1", attached(document()))
    assert send(body, kind="multipart/form-data; boundary=x").status_code == 415
    assert send(body, token="wrong").status_code == 401
    assert send(body, base="1.0").status_code == 404
    assert client.get("/fhir/2.2/$submit-attachment").status_code == 405
    settings.OPENUM_MAX_BODY_BYTES = 100
    response = send(body)
    assert response.status_code == 413
    assert orjson.loads(response.content)["issue"][0]["expression"] == ["Parameters"]


def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_kept(send, door):
    case, _ = _ask(door)
    broken = document()
    broken["content"][0]["attachment"]["data"] = "%%%"
    issues = send.told(records("HC-1", attached(broken), attached(document()), member=_member(case)))
    assert [one["severity"] for one in issues] == ["information", "warning", "warning"]
    assert [one["expression"] for one in issues[1:]] == [
        ["Bundle.entry[0].resource.content[0].attachment.data"],
        ["Parameters.parameter[4].part[0].resource.content[0].attachment.data"],
    ]


def test_a_person_at_intake_puts_held_records_on_a_case(client, send, door, world):
    story = _story(world)
    door.submit(lumbar_mri_bundle(story), token="plan-token")
    case = Case.objects.get()
    send.told(records("lost", attached(document(b"Lost and found")), member="C-1"), token="plan-token")
    waiting = Submission.objects.get(state=Submission.WAITING)
    client.force_login(world.intake)
    page = client.get(f"/intake/{waiting.public_id}/")
    assert page.status_code == 200
    assert case.number in page.content.decode()
    assert "lost" in page.content.decode()
    answer = client.post(f"/intake/{waiting.public_id}/", {"case": str(case.public_id)})
    assert (answer.status_code, answer.headers["Location"].endswith(f"{case.public_id}/")) == (302, True)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.case, waiting.settled_by) == ("admitted", case, world.intake)
    assert Attachment.objects.filter(case=case, title="Visit").exists()
    with pytest.raises(Conflict):
        match_attachment(submission=waiting, case=case, by=world.intake, at=AT)


def test_held_records_are_found_by_case_number_and_closed_with_a_reason(client, send, door, world):
    door.submit(lumbar_mri_bundle(_story(world)), token="plan-token")
    case = Case.objects.get()
    send.told(records("lost", attached(document()), member="UNKNOWN"), token="plan-token")
    waiting = Submission.objects.get(state=Submission.WAITING)
    client.force_login(world.intake)
    assert case.number not in client.get(f"/intake/{waiting.public_id}/").content.decode()
    assert case.number in client.post(f"/intake/{waiting.public_id}/", {"number": case.number}).content.decode()
    close_waiting(submission=waiting, reason="sent to the wrong plan", by=world.intake, at=AT)
    assert not AttachmentMessage.objects.filter(is_held=True).exists()


def test_a_message_that_holds_no_records_is_not_put_on_a_case(door, world):
    door.submit(lumbar_mri_bundle(_story(world, member_number="C-0")), token="plan-token")
    door.submit(lumbar_mri_bundle(_story(world)), token="plan-token")
    waiting = Submission.objects.get(state=Submission.WAITING)
    with pytest.raises(Invalid):
        match_attachment(submission=waiting, case=Case.objects.get(), by=world.intake, at=AT)


SIGNATURE = {
    "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.5"}],
    "when": "2026-11-16T10:00:00Z", "who": {"display": "Dr. Iris Vale"}, "data": "ZXlKaGJHY2lPaUpTVXpJMU5pSjk=",
}  # fmt: skip


@pytest.mark.requirement("CDex 2.1.0 signatures")
def test_signatures_are_kept_as_they_came_and_said_to_be_unverified(send, door):
    case, questions = _ask(door)
    tracking = f"urn:uuid:{questions[0].public_id}"
    bundle = {
        "resourceType": "Bundle", "type": "document", "signature": SIGNATURE,
        "entry": [{"fullUrl": "urn:uuid:1", "resource": document()}],
    }  # fmt: skip
    form = {
        "resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "urn:form",
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-signature", "valueSignature": SIGNATURE}
        ],
    }  # fmt: skip
    purpose = {"valueCoding": {"code": "preauthorization"}}
    body = records(tracking, attached(bundle), attached(form), member=_member(case), AttachTo=purpose)
    texts = [one["details"]["text"] for one in send.told(body)]
    assert "Signatures received: 2. They are kept as they came, and were not verified." in texts
    kept = Attachment.objects.get(document_kind="Signature", case=case)
    assert (kept.title, kept.resource["signature"]) == (
        "Dr. Iris Vale: signed, signature not verified", SIGNATURE,
    )  # fmt: skip
    signed = Attachment.objects.filter(title__endswith="(signed, signature not verified)")
    assert {one.resource["resourceType"] for one in signed} == {"QuestionnaireResponse"}
    submission = Submission.objects.filter(door__endswith="$submit-attachment").latest("pk")
    assert SIGNATURE["data"].encode() in bytes(submission.raw)
