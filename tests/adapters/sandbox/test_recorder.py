"""What the sandbox records, who sees it, how it is explained, and what leaves when it is taken out."""

from datetime import timedelta

import orjson
import pytest
from django.db.models import Sum
from django.test import Client

from openum.accounts.connections import pace
from openum.accounts.models import CallPace
from openum.accounts.services import register_client, register_person
from openum.adapters.sandbox import recorder, tasks
from openum.adapters.sandbox.annotations import rule_of, rules, whereabouts
from openum.adapters.sandbox.models import RecordedMessage
from openum.adapters.sandbox.queries import submission_of
from openum.adapters.sandbox.tree import MOST_ELEMENTS, elements_of, parsed
from openum.audit.models import EventRow
from openum.cases.models import Case, Request, ServiceLine
from openum.directory.models import Member
from openum.vocabulary.terms import Role
from tests.adapters.kit import message

pytestmark = pytest.mark.django_db


@pytest.fixture
def integrator(world):
    return person(world, "integrator", [(Role.INTEGRATOR, world.sandbox, None)])


def person(world, name, roles):
    return register_person(email=f"{name}@sandbox.example", name=name, password="x" * 16, roles=roles)


def browser(user):
    found = Client()
    found.force_login(user)
    return found


def text(answer):
    return answer.content.decode()


# ---- what is kept


def test_a_message_and_its_answer_are_kept_byte_for_byte_without_credentials(door):
    sent = orjson.dumps(message("home-care"))
    answer = door.post(sent, base="2.2")
    row = RecordedMessage.objects.get()
    assert (row.method, row.address, row.status) == ("POST", "/fhir/2.2/Claim/$submit", 200)
    assert (bytes(row.body), bytes(row.answer)) == (sent, answer.content)
    kept = b"".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in vars(row).values()
    )
    assert b"sandbox-token" not in kept


def test_refusals_and_hook_calls_are_kept_as_well(door, client):
    door.post(b"{", base="2.0")
    client.post(
        "/crd/2.0/cds-services/order-sign", b"{}", content_type="application/json",
        headers={"authorization": "Bearer sandbox-token"},
    )  # fmt: skip
    assert list(RecordedMessage.objects.order_by("pk").values_list("status", flat=True)) == [400, 422]


def test_only_sandbox_clients_are_recorded_and_only_when_known(door):
    door.post(message("home-care"), token="plan-token")
    door.post(message("home-care"), token="wrong")
    door.post(message("home-care"), token=None)
    assert RecordedMessage.objects.count() == 0


def test_the_pace_of_every_known_client_is_counted(door, monkeypatch):
    monkeypatch.setattr(pace, "EVERY", 0.0)
    door.post(message("home-care"), token="plan-token")
    door.post(b"{", token="plan-token")
    door.post(message("home-care"), token="wrong")
    counted = CallPace.objects.values_list("client__plan__key").annotate(calls=Sum("calls"), failed=Sum("failed"))
    assert list(counted) == [(door.world.plan.key, 2, 1)]


def test_a_large_body_keeps_its_size_only(door, monkeypatch):
    monkeypatch.setattr(recorder, "MOST_BYTES", 100)
    door.post(message("home-care"))
    row = RecordedMessage.objects.get()
    assert (row.body, row.answer) == (None, None)
    assert row.body_size > 100
    assert "Too large" in text(browser(door.world.physician).get(f"/sandbox/messages/{row.public_id}/"))


def test_old_messages_and_those_over_the_limit_are_forgotten(door, at, monkeypatch):
    monkeypatch.setattr(recorder, "MOST_KEPT", 3)
    monkeypatch.setattr(recorder, "FORGET_EVERY", 1)
    for _ in range(5):
        door.post(b"{")
    assert RecordedMessage.objects.count() == 3
    recorder.forget_old(at=at + recorder.KEPT_FOR - timedelta(seconds=5))
    assert RecordedMessage.objects.count() == 3
    tasks.forget({}, at=at + recorder.KEPT_FOR + timedelta(days=1))
    assert RecordedMessage.objects.count() == 0


def test_what_we_send_is_kept_too_even_when_nobody_answers(world, at):
    facts = {"method": "POST", "address": "http://listener.example/hook", "answer": b"", "started": 0.0, "at": at}
    recorder.record_sent(client=world.sandbox_client, body=b"{}", status=None, **facts)
    recorder.record_sent(client=world.client, body=b"{}", status=200, **facts)
    row = RecordedMessage.objects.get()
    assert (row.direction, row.status, bytes(row.body)) == ("to_client", None, b"{}")


# ---- who sees it


def test_a_clients_own_people_see_its_messages_and_nobody_else(door, world, integrator):
    door.post(message("home-care"))
    row = RecordedMessage.objects.get()
    own = register_client(
        name="practice sandbox", plan=world.sandbox, token="practice", organization=world.practice, enrols_unknown=True
    )
    door.post(message("home-care"), token="practice")
    theirs = RecordedMessage.objects.get(client=own)
    elsewhere = person(world, "elsewhere", [(Role.INTEGRATOR, world.plan, None)])
    office = person(world, "office", [(Role.INTEGRATOR, None, world.practice)])
    seen = {
        name: [browser(who).get(f"/sandbox/messages/{one.public_id}/").status_code for one in (row, theirs)]
        for name, who in {"plan": integrator, "office": office, "elsewhere": elsewhere, "nurse": world.nurse}.items()
    }
    assert seen == {"plan": [200, 404], "office": [404, 200], "elsewhere": [404, 404], "nurse": [403, 403]}
    assert str(row.public_id) not in text(browser(office).get("/sandbox/messages/"))


def test_reading_leaves_a_trace(door, integrator):
    door.post(message("home-care"))
    row = RecordedMessage.objects.get()
    page = browser(integrator)
    page.get(f"/sandbox/messages/{row.public_id}/")
    page.get("/sandbox/messages/")
    page.post("/sandbox/messages/export/")
    read, listed, taken = EventRow.objects.filter(type__startswith="RecordedMessages").order_by("pk")
    assert [one.type for one in (read, listed, taken)] == [
        "RecordedMessagesRead", "RecordedMessagesRead", "RecordedMessagesExported",
    ]  # fmt: skip
    assert str(row.public_id) in str(taken.fields())
    assert taken.actor_id == integrator.public_id


def test_words_are_looked_for_in_both_bodies_and_never_stand_in_the_address(door, integrator):
    door.post(message("home-care"))
    door.post(b"{")
    good, bad = RecordedMessage.objects.order_by("pk")
    page = browser(integrator)
    found = text(page.post("/sandbox/messages/", {"words": "OperationOutcome"}))
    assert (str(bad.public_id) in found, str(good.public_id) in found) == (True, False)
    found = text(page.post("/sandbox/messages/", {"words": "CLAIMRESPONSE 200"}))
    assert (str(bad.public_id) in found, str(good.public_id) in found) == (False, True)
    assert "No message is recorded" in text(page.post("/sandbox/messages/", {"words": "nowhere-at-all"}))


# ---- how it is explained


def test_every_rule_of_a_column_names_one_that_exists():
    owners = {"line": ServiceLine, "request": Request, "case": Case, "member": Member}
    columns = {name: {field.name for field in model._meta.get_fields()} for name, model in owners.items()}
    for key, rule in rules().items():
        assert rule.rule.endswith("."), key
        assert rule.source, key
        if rule.field:
            owner, _, name = rule.field.partition(".")
            assert name in columns[owner], key


def test_an_element_tells_the_rule_and_what_the_case_holds_of_it(door, integrator):
    door.arm("approve")
    door.post(message("home-care"), base="2.2")
    row = RecordedMessage.objects.get()
    places = whereabouts(submission_of(row))
    by_key = {}
    for element in elements_of(parsed(bytes(row.body))):
        by_key.setdefault((element.key, element.item), element)
    line = ServiceLine.objects.get(sequence=2)
    element = by_key["Claim.item.productOrService", 2]
    rule = rule_of(element)
    assert "278" in rule.source
    assert places.value_of(rule, element) == line.code
    ServiceLine.objects.filter(pk=line.pk).update(code="OTHER")
    assert whereabouts(submission_of(row)).value_of(rule, element) == "OTHER"
    page = text(browser(integrator).get(f"/sandbox/messages/{row.public_id}/"))
    for words in (rule.rule, rule.source, "OTHER", Case.objects.get().number, "Claim.item" not in rule.rule and "A1"):
        assert words in page


def test_most_elements_of_a_request_and_its_answer_are_explained(door):
    door.arm("approve")
    door.post(message("home-care"), base="2.2")
    row = RecordedMessage.objects.get()
    for body, kind in ((row.body, "Claim"), (row.answer, "ClaimResponse")):
        elements = [one for one in elements_of(parsed(bytes(body))) if one.key.startswith(f"{kind}.")]
        tops = {one.key for one in elements if one.key.count(".") == 1} - {
            f"{kind}.id",
            f"{kind}.meta",
            f"{kind}.resourceType",
        }
        unexplained = {key for key in tops if key not in rules()} - {f"{kind}.type", f"{kind}.patient", f"{kind}.text"}
        assert unexplained == set()


def test_the_raw_form_holds_everything(door, integrator):
    door.post(b'{"resourceType": "Bundle", "type": "x", "strange": "\\u00e4"}')
    row = RecordedMessage.objects.get()
    page = text(browser(integrator).get(f"/sandbox/messages/{row.public_id}/?form=raw"))
    assert "&quot;strange&quot;: &quot;ä&quot;" in page
    door.post(b"not json <b>")
    row = RecordedMessage.objects.order_by("-pk").first()
    assert "not json &lt;b&gt;" in text(browser(integrator).get(f"/sandbox/messages/{row.public_id}/"))


@pytest.mark.parametrize(
    "raw", [b"[1,2]", b'"x"', b"", b'{"resourceType": 7}', b'{"a":' * 200 + b"1" + b"}" * 200, b'{"item":[null,{"sequence":"x"}]}']
)  # fmt: skip
def test_any_body_can_be_drawn(raw):
    assert len(elements_of(parsed(raw))) <= MOST_ELEMENTS


def test_a_huge_message_is_cut_in_the_drawing():
    content = {"resourceType": "Bundle", "entry": [{"n": number} for number in range(MOST_ELEMENTS)]}
    assert len(elements_of(content)) == MOST_ELEMENTS


def test_the_page_of_a_message_tells_what_the_guides_find_wrong_with_it(door, integrator):
    sent = message("home-care")
    door.post(orjson.dumps(sent), base="2.2")
    sent["entry"][0]["resource"]["priorty"] = "x"
    door.post(orjson.dumps(sent), base="2.2")
    door.post(b'{"resourceType":"Bundle","type":"collection","entry":[]}', base="2.2")
    fine, faulty, refused = rows = RecordedMessage.objects.order_by("pk")
    pages = {one.pk: text(browser(integrator).get(f"/sandbox/messages/{one.public_id}/")) for one in rows}
    assert "Bundle.entry[0].resource.priorty" in pages[faulty.pk]
    assert "Did you mean “priority”?" in pages[faulty.pk]
    assert "Did you mean" not in pages[fine.pk]
    assert "answered all the same" in pages[faulty.pk]
    assert "The message was refused" in pages[refused.pk]
