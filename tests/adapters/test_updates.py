"""Updates as the guides and the test suites send them: added, changed and cancelled items, whole cancellations,
extensions and renewals, full and differential, in both versions, with what is told and inquired in between.
"""

import copy
from datetime import timedelta

import pytest

from openum.adapters.fhir import codes
from openum.cases.models import Case, Request, ServiceLine
from openum.determination.services import approve_line
from tests.adapters.conftest import actions, claim_response
from tests.adapters.kit import message, resource
from tests.adapters.subscriptions.conftest import Rest, wanted
from tests.adapters.subscriptions.listener import event_numbers, listening
from tests.conformance import tables

BASES = ["2.0", "2.2"]
GUIDE = {"2.0": "2.0.1", "2.2": "2.2.1"}


def _claim(data):
    return resource(data, "Claim")


def _mark(item, change):
    item.setdefault("extension", []).append({"url": codes.INFO_CHANGED, "valueCode": change})
    return item


def certify(element, code):
    held = [one for one in element.get("extension", []) if one["url"] != codes.CERTIFICATION_TYPE]
    system = codes.X12 + "1322"
    concept = {"coding": [{"system": system, "code": code}]}
    element["extension"] = [*held, {"url": codes.CERTIFICATION_TYPE, "valueCodeableConcept": concept}]
    return element


def _cancel(item):
    certify(item, "3")
    item["modifierExtension"] = [{"url": codes.INFO_CANCELLED, "valueBoolean": True}]
    return _mark(item, "changed")


def _item(data, sequence):
    return next(one for one in _claim(data)["item"] if one["sequence"] == sequence)


def update_of(data, number, *, by="prior"):
    """Return the next version of a request, related to the one before."""
    new = copy.deepcopy(data)
    claim = _claim(new)
    before = claim["identifier"][0]
    claim["identifier"] = [before | {"value": f"HC-{number}"}]
    claim["related"] = [
        {
            "relationship": {"coding": [{"code": by}]},
            "claim": {"identifier": {k: before[k] for k in ("system", "value")}},
        }
    ]
    for item in claim["item"]:
        item["extension"] = [one for one in item.get("extension", []) if one["url"] != codes.INFO_CHANGED]
    return new


def _check(bundle, base):
    if tables.DERIVED.is_dir():
        assert tables.problems(bundle, "profile-pas-response-bundle", GUIDE[base]) == []
        assert tables.problems(claim_response(bundle), "profile-claimresponse", GUIDE[base]) == []
    return actions(bundle)


def _physician_approves(case, world, at):
    for line in ServiceLine.objects.filter(case=case, replaced_by__isnull=True, status__startswith="pended"):
        approve_line(line=line, by=world.physician, at=at, rationale="Needed at home.", cited_authority="plan, page 1")


@pytest.mark.parametrize("base", BASES)
def test_the_four_steps_of_an_update_with_notification_and_inquiry(door, client, world, at, base, monkeypatch):
    rest = Rest(client, at)
    monkeypatch.setattr("openum.db.clock.now", lambda: at)
    with listening() as listener:
        rest.subscribe(wanted(listener.url), base=base)
        rest.run(2)
        first = message("home-care")
        door.arm("pend")
        assert _check(door.submit(first, base=base), base) == {1: "A4", 2: "A4"}
        case = Case.objects.get()

        added = update_of(first, 2)
        third = _mark(copy.deepcopy(_item(added, 1)) | {"sequence": 3}, "added")
        third["productOrService"] = {"coding": [{"system": codes.SYSTEMS_OF_CODES["HCPCS"], "code": "S5125"}]}
        _claim(added)["item"].append(third)
        assert _check(door.submit(added, base=base), base) == {1: "A4", 2: "A4", 3: "A4"}

        changed = update_of(added, 3)
        _mark(_item(changed, 1), "changed")["quantity"]["value"] = 5
        _cancel(_item(changed, 2))
        assert _check(door.submit(changed, base=base), base) == {1: "A4", 2: "C", 3: "A4"}

        _physician_approves(case, world, at + timedelta(seconds=60))
        rest.run(60)
        assert listener.kinds() == ["handshake", "event-notification"]
        assert event_numbers(listener.posts[-1]) == [1]
        (found,) = door.inquire(changed, base=base)
        assert actions(found) == {1: "A1", 2: "C", 3: "A1"}

        gone = update_of(changed, 4)
        certify(_claim(gone), "3")
        assert _check(door.submit(gone, base=base), base) == {1: "C", 2: "C", 3: "C"}
    assert (Case.objects.count(), Request.objects.count()) == (1, 4)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("by", ["prior", "replaces"])
def test_an_untouched_item_keeps_its_answer(door, base, by):
    first = message("home-care")
    door.arm("approve")
    before = door.submit(first, base=base)
    same = update_of(first, 2, by=by)
    answer = door.submit(same, base=base)
    assert actions(answer) == {1: "A1", 2: "A1"}
    assert claim_response(answer)["item"][0]["adjudication"] == claim_response(before)["item"][0]["adjudication"]


@pytest.mark.parametrize("base", BASES)
def test_a_whole_cancellation_needs_no_items(door, base):
    first = message("home-care")
    door.submit(first, base=base)
    gone = update_of(first, 2)
    certify(_claim(gone), "3")
    del _claim(gone)["item"]
    assert _check(door.submit(gone, base=base), base) == {1: "C", 2: "C"}


@pytest.mark.parametrize("base", BASES)
def test_a_differential_update_touches_what_it_holds_alone(door, base):
    first = message("home-care")
    door.submit(first, base=base)
    part = update_of(first, 2)
    claim = _claim(part)
    claim["meta"] = {
        "tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}]
    }
    claim["item"] = [_cancel(_item(part, 2))]
    assert _check(door.submit(part, base=base), base) == {1: "A4", 2: "C"}


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("code", ["4", "R"])
def test_an_extension_or_renewal_asks_again_and_names_the_number_before(door, world, base, code):
    first = message("home-care")
    door.arm("approve")
    door.submit(first, base=base)
    line = ServiceLine.objects.get(sequence=1)
    number = line.authorizations.get().number
    longer = update_of(first, 2)
    certify(_claim(longer), code)
    item = certify(_item(longer, 1), code)
    item["servicedPeriod"] = {"start": "2027-01-01", "end": "2027-01-31"}
    item["extension"].append({"url": codes.AUTHORIZATION_NUMBER, "valueString": number})
    door.arm("approve")
    answer = door.submit(longer, base=base)
    shown = claim_response(answer)["item"][0]
    given = {one["url"]: one for one in shown["extension"]}
    assert actions(answer)[1] == "A1"
    assert given[codes.AUTHORIZATION_NUMBER]["valueString"] == number
    assert given[codes.PRE_AUTH_PERIOD]["valuePeriod"]["end"] >= "2027-01-31"
    review = shown["adjudication"][0]["extension"][0]["extension"]
    assert review[0] == {"url": "number", "valueString": number}
    assert ServiceLine.objects.filter(sequence=1).count() == 2


@pytest.mark.parametrize("base", BASES)
def test_a_denied_request_is_not_updated(door, base):
    first = message("home-care")
    door.arm("deny")
    door.submit(first, base=base)
    response = claim_response(door.submit(update_of(first, 2), base=base))
    assert response["outcome"] == "error"
    follow_up = {one["url"]: one for one in response["error"][0]["extension"]}[codes.ERROR_FOLLOW_UP]
    assert follow_up["valueCodeableConcept"]["coding"][0]["code"] == "N"


@pytest.mark.parametrize("base", BASES)
def test_a_cancelled_item_is_not_brought_back_by_a_later_update(door, base):
    first = message("home-care")
    door.submit(first, base=base)
    without = update_of(first, 2)
    _cancel(_item(without, 2))
    door.submit(without, base=base)
    later = update_of(without, 3)
    _mark(_item(later, 1), "changed")["quantity"]["value"] = 2
    assert _check(door.submit(later, base=base), base) == {1: "A4", 2: "C"}


def test_an_update_of_anothers_request_opens_a_case_of_its_own(door, world):
    from openum.accounts.services import register_client

    register_client(name="another", plan=world.sandbox, token="other-token", enrols_unknown=True)
    first = message("home-care")
    door.submit(first)
    door.submit(update_of(first, 2), token="other-token")
    assert Case.objects.count() == 2
