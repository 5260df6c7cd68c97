"""Scopes: their grammar, and which of them opens which door."""

from datetime import timedelta

import orjson
import pytest
from django.urls import URLPattern
from hypothesis import given
from hypothesis import strategies as st

from openum.accounts.connections import scopes as words
from openum.accounts.connections.proving import Times
from openum.accounts.connections.scopes import LETTERS, OFFERED, Scope, ScopesNotRead, for_registration, read, shared
from openum.accounts.connections.tokens import issue
from openum.adapters.fhir.scopes import OPERATIONS, needed
from openum.adapters.fhir.urls import urlpatterns
from openum.db import clock

READS = {
    "system/Claim.cr": [Scope("Claim", "cr")],
    "system/Claim.read": [Scope("Claim", "rs")],
    "system/Claim.write": [Scope("Claim", "cud")],
    "system/Claim.*": [Scope("Claim", "cruds")],
    "system/*.rs": [Scope("*", "rs")],
    "system/Claim.c system/Claim.r": [Scope("Claim", "cr")],
    "system/Claim.rc": [],
    "system/Claim.": [],
    "system/claim.r": [],
    "patient/Claim.r user/Claim.r openid launch": [],
    "system/Claim.rs?status=active": [],
    "": [],
}


@pytest.mark.requirement("SMART App Launch 2, Scopes")
@pytest.mark.parametrize("text", READS)
def test_scopes_are_read(text):
    assert list(read(text)) == READS[text]


_LETTERS = st.lists(st.sampled_from(LETTERS), min_size=1).map(
    lambda some: "".join(one for one in LETTERS if one in some)
)
_SCOPES = st.lists(st.builds(Scope, st.sampled_from(["Claim", "Task", "*"]), _LETTERS), max_size=4).map(tuple)


@given(_SCOPES, _SCOPES, st.sampled_from(["Claim", "Task", "Patient"]), st.sampled_from(LETTERS))
def test_what_is_granted_was_asked_for_and_registered(asked, registered, kind, letter):
    granted = shared(asked, registered)
    both = words.covers(asked, kind, letter) and words.covers(registered, kind, letter)
    assert words.covers(granted, kind, letter) == both


@given(_SCOPES)
def test_scopes_that_are_written_read_the_same(some):
    once = read(words.write(some))
    assert read(words.write(once)) == once


def test_a_registration_takes_offered_scopes_only():
    assert for_registration("system/*.cruds") == tuple(sorted(OFFERED))
    with pytest.raises(ScopesNotRead, match="system/Claim"):
        for_registration("system/Patient.rs")


DOORS = {
    ("POST", "Claim/$submit"): ("Claim", "c"),
    ("POST", "Claim/$inquire"): ("Claim", "r"),
    ("POST", "$submit-attachment"): ("DocumentReference", "c"),
    ("POST", "Subscription"): ("Subscription", "c"),
    ("GET", "Subscription"): ("Subscription", "s"),
    ("POST", "Subscription/_search"): ("Subscription", "s"),
    ("GET", "Subscription/01"): ("Subscription", "r"),
    ("DELETE", "Subscription/01"): ("Subscription", "d"),
    ("PUT", "Task/01"): ("Task", "u"),
    ("PATCH", "Task/01"): ("Task", "u"),
    ("GET", "Subscription/01/$status"): ("Subscription", "r"),
    ("GET", "Subscription/$status"): ("Subscription", "r"),
    ("GET", "Subscription/01/$events"): ("Subscription", "r"),
    ("POST", "Questionnaire/$questionnaire-package"): ("Questionnaire", "r"),
    ("POST", "Questionnaire/01/$next-question"): ("Questionnaire", "r"),
    ("POST", "Questionnaire/$log-questionnaire-errors"): ("Questionnaire", "r"),
    ("GET", "ValueSet/$expand"): ("ValueSet", "r"),
    ("GET", "ClaimResponse/01"): ("ClaimResponse", "r"),
    ("POST", "Claim/$unheard-of"): ("Claim", LETTERS),
    ("POST", "$unheard-of"): ("*", LETTERS),
    ("TRACE", "Claim"): ("Claim", LETTERS),
    ("POST", ""): ("*", "c"),
    ("GET", "Claim//01"): ("Claim", "r"),
}


@pytest.mark.parametrize("door", DOORS, ids=" ".join)
def test_each_door_takes_its_scope(door):
    assert needed(*door) == DOORS[door]


def test_every_operation_that_is_served_has_its_row():
    """A door for an operation that nobody put into the table would take every letter of its resource."""
    routes = [str(pattern.pattern) for pattern in urlpatterns if isinstance(pattern, URLPattern)]
    served = {route.split("/", 2)[2] for route in routes if route.startswith("fhir/") and "$" in route}
    assert {"/".join(step for step in route.split("/") if not step.startswith("<")) for route in served} <= set(
        OPERATIONS
    )


ALONE = {"Claim/$submit": "system/Claim.c", "Claim/$inquire": "system/Claim.r"}


@pytest.mark.django_db
@pytest.mark.requirement("SMART App Launch 2, Backend Services: scopes; RFC 6750, 3.1")
@pytest.mark.parametrize("operation", ALONE)
@pytest.mark.parametrize("scope", [*(str(scope) for scope in OFFERED), "system/Claim.c", "system/Claim.r", ""])
def test_an_operation_is_refused_without_its_scope(town, operation, scope):
    token = issue(client=town.client, granted=read(scope), times=Times(real=clock.real_now(), shown=town.at))
    answer = town.post(f"/fhir/2.0/{operation}", token=token)
    kind, letters = OPERATIONS[operation]
    if words.covers(read(scope), kind, letters):
        assert answer.status_code == 400  # let in: the empty body is no Bundle
        return
    (issue_found,) = orjson.loads(answer.content)["issue"]
    assert answer.status_code == 403
    assert issue_found["code"] == "forbidden"
    assert ALONE[operation] in issue_found["details"]["text"]
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]


@pytest.mark.django_db
def test_an_access_token_ends_by_the_real_clock(town, monkeypatch):
    token = town.token()
    assert town.post("/fhir/2.0/Claim/$inquire", token=token).status_code == 400
    later = clock.real_now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert town.post("/fhir/2.0/Claim/$inquire", token=token).status_code == 401
