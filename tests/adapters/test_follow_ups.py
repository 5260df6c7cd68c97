"""Which case an update, extension, renewal or cancellation belongs to: whatever name or number its sender knows."""

import copy

import orjson
import pytest

from openum.accounts.services import register_client
from openum.adapters.fhir import codes
from openum.cases.models import Case, Request, ServiceLine
from openum.determination.models import Authorization
from openum.determination.services import approve_line
from openum.submission.incoming import Identifier, IncomingLine
from openum.submission.prior import NOT_ON_FILE
from openum.submission.rules import Names, lines_of_items, shown_sequences, speaks_of
from openum.vocabulary.terms import CertificationType
from tests.adapters.conftest import actions, claim_response
from tests.adapters.kit import message, resource
from tests.adapters.test_updates import certify, update_of

BASES = ["2.0", "2.2"]
CERTIFICATION = {"4": CertificationType.EXTENSION, "R": CertificationType.RENEWAL}


def _claim(data):
    return resource(data, "Claim")


def _naming(data, *, reference=None, identifier=None, file_number=None, number="2"):
    """Return an update that names its prior in the ways given, and nothing else of it."""
    new = update_of(data, number)
    related = _claim(new)["related"][0]
    related["claim"] = {}
    if reference:
        related["claim"]["reference"] = reference
    if identifier:
        related["claim"]["identifier"] = identifier
    if file_number:
        related["reference"] = file_number
    if not related["claim"]:
        del related["claim"]
    return new


def _named(number, url=codes.AUTHORIZATION_NUMBER):
    return {"url": url, "valueString": number}


def _by_number_alone(number, *, code, items, on_claim=False, sequence=1):
    """Return a request of its own numbering that names an authorization and no Claim."""
    new = message("home-care")
    claim = _claim(new)
    claim["id"] = "later"
    claim["identifier"][0]["value"] = "LATER-1"
    next(entry for entry in new["entry"] if entry["resource"] is claim)["fullUrl"] = (
        "urn:uuid:" + "5" * 8 + "-0000-4000-8000-000000000000"
    )
    for entry in new["entry"]:
        _absolute(entry["resource"])
    certify(claim, code)
    kept = [one for one in claim["item"] if one["sequence"] in items]
    for place, item in enumerate(kept, start=sequence):
        item["sequence"] = place
        item["extension"] = [one for one in item.get("extension", []) if one["url"] != codes.ITEM_TRACE]
        certify(item, code)
        item["servicedPeriod"] = {"start": "2027-01-01", "end": "2027-01-31"}
        if not on_claim:
            item["extension"].append(_named(number))
    if on_claim:
        claim.setdefault("extension", []).append(_named(number))
    if kept:
        claim["item"] = kept
    else:
        del claim["item"]
    return new


def _absolute(node):
    if isinstance(node, dict):
        text = node.get("reference")
        if isinstance(text, str) and "/" in text and ":" not in text:
            node["reference"] = f"https://clinic.example/fhir/{text}"
        for value in node.values():
            _absolute(value)
    elif isinstance(node, list):
        for value in node:
            _absolute(value)


def _numbers():
    return dict(ServiceLine.objects.order_by("pk").values_list("sequence", "authorizations__number"))


NAMED_BY = {
    "our id": lambda first: {"reference": f"Claim/{first.public_id}"},
    "our address": lambda first: {"reference": f"http://testserver/fhir/2.0/Claim/{first.public_id}"},
    "our urn": lambda first: {"reference": f"urn:uuid:{first.public_id}"},
    "its own id": lambda _first: {"reference": "Claim/first"},
    "its own address": lambda _first: {"reference": "https://clinic.example/fhir/Claim/first"},
    "its own version": lambda _first: {"reference": "https://clinic.example/fhir/Claim/first/_history/1"},
    "second identifier": lambda _first: {"identifier": {"system": "https://clinic.example/other", "value": "SECOND"}},
    "identifier without system": lambda _first: {"identifier": {"value": "SECOND"}},
    "file number": lambda first: {"file_number": {"value": first.administrative_number}},
    "authorization number": lambda _first: {"identifier": {"value": _numbers()[2]}},
}  # fmt: skip


@pytest.mark.parametrize(("way", "base"), list(zip(NAMED_BY, BASES * 5, strict=True)))
def test_an_update_finds_its_prior_by_any_name(door, base, way):
    first = message("home-care")
    _claim(first)["identifier"].append({"system": "https://clinic.example/other", "value": "SECOND"})
    door.arm("approve")
    door.submit(first, base=base)
    second = _naming(message("home-care"), **NAMED_BY[way](Request.objects.get()))
    next(one for one in second["entry"] if one["resource"] is _claim(second))["fullUrl"] = "urn:uuid:" + "6" * 8 + "-0000-4000-8000-000000000000"  # fmt: skip
    for entry in second["entry"][1:]:
        _absolute(entry["resource"])
    for name in ("patient", "provider", "insurer", "insurance", "careTeam", "diagnosis", "supportingInfo"):
        _absolute(_claim(second).get(name))
    answer = door.submit(second, base=base)
    assert (Case.objects.count(), Request.objects.count()) == (1, 2)
    assert actions(answer) == {1: "A1", 2: "A1"}


@pytest.mark.parametrize("way", ["our address", "authorization number"])
def test_what_another_sent_is_not_found_by_any_name_and_the_answer_says_so(door, way):
    door.arm("approve")
    door.submit(message("home-care"))
    register_client(name="another", plan=door.world.sandbox, token="other-token", enrols_unknown=True)
    answer = door.submit(_naming(message("home-care"), **NAMED_BY[way](Request.objects.get())), token="other-token")
    assert Case.objects.count() == 2
    assert any(NOT_ON_FILE.text in note["text"] for note in claim_response(answer)["processNote"])


@pytest.mark.parametrize(
    ("base", "code", "on_claim"), [("2.0", "4", True), ("2.0", "R", False), ("2.2", "R", True), ("2.2", "4", False)]
)
def test_an_extension_or_renewal_by_number_alone_goes_on_with_the_authorization(door, base, code, on_claim):
    door.arm("approve")
    door.submit(message("home-care"), base=base)
    number = _numbers()[1]
    door.arm("approve")
    answer = door.submit(_by_number_alone(number, code=code, items={1}, on_claim=on_claim), base=base)
    assert Case.objects.count() == 1
    renewed = ServiceLine.objects.get(sequence=1, replaced_by__isnull=True)
    assert renewed.request.certification == CERTIFICATION[code]
    assert Authorization.objects.get(number=number).line == renewed
    assert renewed.replaces.sequence == 1
    assert actions(answer)[1] == "A1"


@pytest.mark.parametrize("base", BASES)
def test_an_item_renewed_by_number_keeps_the_sequence_its_sender_gave_it(door, base):
    door.arm("approve")
    door.submit(message("home-care"), base=base)
    number = _numbers()[2]
    door.arm("ask_for_documents")
    renewal = _by_number_alone(number, code="R", items={2})
    answer = door.submit(renewal, base=base)
    renewed = ServiceLine.objects.get(sequence=2, replaced_by__isnull=True)
    assert renewed.replaces.authorizations.get().number == number
    assert actions(answer) == {3: "A1", 1: "A4"}
    (task,) = [one["resource"] for one in answer["entry"] if one["resource"]["resourceType"] == "Task"]
    given = [one for asked in task["input"] for one in asked.get("extension", []) if "ineNumber" in one["url"]]
    assert {one.get("valueInteger") or one.get("valuePositiveInt") for one in given} == {1}
    gone = update_of(renewal, 9)
    certify(_claim(gone)["item"][0], "3")
    answer = door.submit(gone, base=base)
    assert actions(answer) == {3: "A1", 1: "C"}
    assert Case.objects.count() == 1


@pytest.mark.parametrize(("base", "on_claim"), [("2.0", False), ("2.2", True)])
def test_a_cancellation_by_number_cancels_what_the_number_stands_for(door, base, on_claim):
    door.arm("approve")
    door.submit(message("home-care"), base=base)
    items = set() if on_claim else {2}
    gone = _by_number_alone(_numbers()[2], code="3", items=items, on_claim=on_claim)
    door.submit(gone, base=base)
    assert list(ServiceLine.objects.order_by("sequence").values_list("status", flat=True)) == ["approved", "cancelled"]
    assert Case.objects.count() == 1


def test_a_cancellation_by_the_number_of_the_request_cancels_it_whole(door):
    door.submit(message("home-care"))
    gone = _by_number_alone("", code="3", items=set())
    _claim(gone)["extension"].append(_named(Request.objects.get().administrative_number, codes.ADMINISTRATIVE_NUMBER))
    assert actions(door.submit(gone)) == {1: "C", 2: "C"}


def test_a_cancellation_by_a_number_nobody_has_is_an_error(door):
    door.submit(message("home-care"))
    response = claim_response(door.submit(_by_number_alone("A-00-1", code="3", items=set(), on_claim=True)))
    assert response["outcome"] == "error"
    assert response["error"][0]["code"]["coding"][0]["code"] == "33"


@pytest.mark.parametrize("code", CERTIFICATION)
def test_a_number_of_another_sender_or_payer_opens_a_case_and_says_so(door, code):
    door.arm("approve")
    door.submit(message("home-care"))
    register_client(name="another", plan=door.world.sandbox, token="other-token", enrols_unknown=True)
    renewal = _by_number_alone(_numbers()[1], code=code, items={1})
    answer = door.submit(renewal, token="other-token")
    assert Case.objects.count() == 2
    assert any(NOT_ON_FILE.text in note["text"] for note in claim_response(answer)["processNote"])


@pytest.mark.parametrize("base", BASES)
def test_a_number_that_a_revision_replaced_is_found(door, world, at, base):
    door.arm("approve")
    first = message("home-care")
    door.submit(first, base=base)
    number = _numbers()[1]
    revised = update_of(first, 2)
    _claim(revised)["item"][0]["quantity"]["value"] = 7
    door.submit(revised, base=base)
    again = update_of(revised, 3)
    _claim(again)["item"][0]["quantity"]["value"] = 8
    door.submit(again, base=base)
    asked = message("inquiry")
    _claim(asked)["item"][0]["extension"] = [_named(number)]
    (found,) = door.inquire(asked, base=base)
    assert actions(found) == {1: "A4", 2: "A1"}
    line = ServiceLine.objects.get(sequence=1, replaced_by__isnull=True)
    approve_line(line=line, by=world.physician, at=at, rationale="Needed.", cited_authority="plan, page 1")
    assert line.authorizations.get().number == number
    (found,) = door.inquire(asked, base=base)
    assert actions(found) == {1: "A1", 2: "A1"}


FIRST = Names(
    identifiers=(("urn:a", "HC-1"),), address="https://clinic.example/fhir/Claim/first", own_id="first",
    given=("0190-ab", "C-26-1-1", ""),
)  # fmt: skip


@pytest.mark.parametrize(
    ("system", "value", "is_it"),
    [
        ("urn:a", "HC-1", True),
        ("", "HC-1", True),
        ("urn:b", "HC-1", False),
        ("", "", False),
        ("", "c-26-1-1", True),
        ("", "https://anywhere.example/Claim/0190-AB", True),
        ("", "https://clinic.example/fhir/Claim/first", True),
        ("", "Claim/first", True),
        ("", "Claim/firs", False),
        ("", "https://other.example/fhir/Claim/first", False),
    ],
)
def test_a_name_fits_its_own_request_alone(system, value, is_it):
    assert speaks_of(Identifier(system=system, value=value), FIRST) is is_it


def test_a_claim_sent_without_a_base_is_known_by_its_id_under_any():
    sent = Names(address="urn:uuid:1", own_id="abc")
    assert speaks_of(Identifier(system="", value="https://clinic.example/fhir/Claim/abc"), sent)


@pytest.mark.parametrize(
    ("items", "by_number", "inherited", "held", "found"),
    [
        ([(1, "")], {}, {}, {1, 2}, {}),
        ([(1, "A")], {"A": 2}, {}, {1, 2}, {1: 2}),
        ([(1, "A"), (2, "")], {"A": 2}, {}, {1, 2}, {1: 2, 2: 3}),
        ([(1, "A"), (2, "A")], {"A": 2}, {}, {1, 2}, {1: 2, 2: 3}),
        ([(1, "")], {}, {1: 2}, {1, 2}, {1: 2}),
        ([(1, ""), (2, "")], {}, {1: 2}, {1, 2}, {1: 2, 2: 3}),
        ([(3, "")], {}, {1: 2}, {1, 2}, {1: 2}),
        ([], {}, {1: 2}, {1, 2}, {1: 2}),
    ],
)
def test_items_mean_lines_by_number_then_as_before_then_by_sequence(items, by_number, inherited, held, found):
    lines = [IncomingLine(sequence=sequence, previous_authorization_number=number) for sequence, number in items]
    assert lines_of_items(lines, by_number=by_number, inherited=inherited, held=frozenset(held)) == found


@pytest.mark.parametrize(
    ("sequences", "held", "shown"),
    [({}, [1, 2], {}), ({1: 2}, [1, 2], {2: 1, 1: 3}), ({1: 2, 2: 3}, [1, 2, 3], {2: 1, 3: 2, 1: 4}), ({5: 2}, [1, 2], {2: 5})],
)  # fmt: skip
def test_lines_are_told_under_the_senders_sequences(sequences, held, shown):
    assert shown_sequences(sequences, held) == shown


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("operation", ["submit", "inquire"])
def test_a_bundle_inside_parameters_is_read(door, base, operation):
    door.submit(message("home-care"), base=base)
    body = copy.deepcopy(message("home-care" if operation == "submit" else "inquiry"))
    wrapped = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": body}]}
    answer = orjson.loads(door.post(wrapped, operation, base=base).content)
    if answer["resourceType"] == "Parameters":
        answer = answer["parameter"][0]["resource"]
    assert actions(answer) == {1: "A4", 2: "A4"}


def test_parameters_without_the_bundle_are_refused_with_path_and_cure(door):
    response = door.post({"resourceType": "Parameters", "parameter": [{"name": "bundle", "resource": {}}]})
    assert response.status_code == 400
    issue = orjson.loads(response.content)["issue"][0]
    assert issue["expression"] == ["Parameters.parameter"]
