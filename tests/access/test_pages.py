"""Every address for every persona, at the plan of the rows and at another one: in, refused, or not there at all."""

from collections import Counter
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse
from django_htmx.middleware import HtmxDetails

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.config.access import Door, open_door
from openum.config.middleware import ClosedDoors
from openum.db import clock
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Role
from tests.access.town import ABROAD, HOME, Town, make
from tools.access_table import doors

DOORS = {name: view for name, _, view in doors()}

ROWS: dict[str, dict[str, str]] = {
    "accounts:connection": {"public_id": "client"},
    "callers:call": {"public_id": "call"},
    "command:behind": {"figure": "=came"},
    "cases:case": {"public_id": "case"},
    "cases:add_note": {"public_id": "case"},
    "cases:break_seal": {"public_id": "sealed case"},
    "cases:document": {"public_id": "document"},
    "clocks:time": {"public_id": "request"},
    "clocks:note": {"public_id": "escalation"},
    "clocks:breach": {"public_id": "breach"},
    "clocks:hour": {"hour": "=9"},
    "criteria:simulation": {"public_id": "simulation"},
    "criteria:simulation-file": {"public_id": "simulation"},
    "criteria:editor": {"draft_id": "guideline draft"},
    "criteria:draft-step": {"draft_id": "guideline draft"},
    "needs:answer": {"public_id": "answer"},
    "submission:save": {"public_id": "portal draft"},
    "submission:papers": {"public_id": "portal draft"},
    "submission:check": {"public_id": "portal draft"},
    "submission:step": {"public_id": "portal draft", "step": "=patient"},
    "submission:receipt": {"public_id": "submission"},
    "submission:call": {"public_id": "nothing"},
    "submission:capture_one": {"public_id": "portal draft"},
    "intake:submission": {"public_id": "waiting"},
    "intake:close": {"public_id": "waiting"},
    "intake:settle_hint": {"public_id": "hint"},
    "intake:move": {"public_id": "document"},
    "intake:undo_move": {"public_id": "nothing"},
    "intake:refile": {"public_id": "request"},
    "intake:refile_back": {"public_id": "nothing"},
    "intake:propose_receipt": {"public_id": "request"},
    "intake:settle_receipt": {"public_id": "receipt proposal"},
    "intake:take_provisional": {"public_id": "waiting"},
    "intake:provisional_person": {"public_id": "provisional"},
    "intake:forward": {"public_id": "waiting"},
    "intake:forwarding": {"public_id": "forwarding"},
    "intake:package": {"public_id": "forwarding"},
    "intake:paper": {"public_id": "paper"},
    "intake:fields": {"public_id": "paper"},
    "intake:field": {"public_id": "paper", "key": "=family_name"},
    "intake:service": {"public_id": "paper"},
    "intake:order": {"public_id": "paper"},
    "intake:picture": {"public_id": "paper", "page_id": "page"},
    "intake:enter": {"public_id": "paper"},
    "review:messages": {"public_id": "case"},
    "review:line": {"public_id": "line"},
    "review:start": {"public_id": "line"},
    "review:release": {"public_id": "line"},
    "review:answer": {"public_id": "line", "leaf": "=1"},
    "review:link": {"public_id": "line"},
    "review:settle_link": {"public_id": "line", "link_id": "nothing"},
    "cases:page_picture": {"public_id": "nothing", "number": "=1"},
    "review:anchor_note": {"public_id": "line"},
    "review:take_note_away": {"public_id": "line", "note_id": "nothing"},
    "review:ask": {"public_id": "line"},
    "review:mark_paper": {"public_id": "line", "kind": "=clinical-note"},
    "review:ask_missing": {"public_id": "request"},
    "review:keep": {"public_id": "line", "form": "=ask"},
    "review:refer": {"public_id": "line"},
    "review:withdraw": {"public_id": "slot"},
    "review:conversation": {"public_id": "talk"},
    "review:arrange": {"public_id": "talk"},
    "review:attempt": {"public_id": "talk"},
    "review:change": {"public_id": "talk"},
    "review:calendar_file": {"public_id": "talk"},
    "review:book": {"public_id": "talk"},
    "review:ask_to_talk": {"public_id": "denied line"},
    "review:respond": {"public_id": "question"},
    "determination:attempts": {"public_id": "line"},
    "determination:network": {"public_id": "line"},
    "determination:told": {"public_id": "denied line"},
    "determination:decide": {"public_id": "line"},
    "determination:approve": {"public_id": "line"},
    "determination:alternative": {"public_id": "line"},
    "determination:intend": {"public_id": "line"},
    "determination:offer": {"public_id": "line"},
    "determination:deny": {"public_id": "line"},
    "determination:give_back": {"public_id": "line"},
    "determination:reading": {"public_id": "nothing"},
    "determination:approval": {"public_id": "nothing"},
    "determination:reopen": {"public_id": "denied line"},
    "determination:close": {"public_id": "line"},
    "determination:decided": {"public_id": "denied line"},
    "determination:end": {"public_id": "line"},
    "determination:flags": {"public_id": "case"},
    "determination:case-machines": {"public_id": "case"},
    "determination:request": {"public_id": "case"},
    "determination:my_request": {"public_id": "case"},
    "determination:share": {"public_id": "case"},
    "determination:again": {"public_id": "case"},
    "determination:add_code": {"public_id": "denied line"},
    "determination:renew": {"public_id": "denied line"},
    "notices:again": {"public_id": "letter"},
    "notices:handed": {"public_id": "letter"},
    "notices:returned": {"public_id": "letter", "sending_id": "nothing"},
    "notices:preview": {"public_id": "line"},
    "notices:stay": {"public_id": "line"},
    "notices:write": {"public_id": "line", "step": "=coverage-end"},
    "notices:preview-end": {"public_id": "line"},
    "notices:letter": {"public_id": "letter"},
    "notices:pdf": {"public_id": "letter"},
    "notices:translate": {"public_id": "letter"},
    "notices:release": {"public_id": "letter"},
    "appeals:take_in": {"public_id": "denied line"},
    "appeals:packet": {"public_id": "packet"},
    "appeals:appeal": {"public_id": "appeal"},
    "appeals:representative": {"public_id": "appeal"},
    "appeals:act": {"public_id": "appeal"},
    "appeals:decide": {"public_id": "appeal"},
    "appeals:open_document": {"public_id": "appeal", "document_id": "nothing"},
    "appeals:file": {"public_id": "denied line"},
    "appeals:ask_outside": {"public_id": "appeal"},
    "appeals:ask_again": {"public_id": "appeal"},
    "appeals:end_representative": {"public_id": "appeal"},
    "grievances:grievance": {"public_id": "grievance"},
    "grievances:dispute": {"public_id": "dispute"},
    "grievances:file_dispute": {"public_id": "denied line"},
    "attention:listed": {"public_id": "nothing"},
    "attention:person": {"public_id": "nothing"},
    "utilization:metric": {"metric": "=acute_admits"},
    "utilization:behind": {"public_id": "nothing", "metric": "=acute_admits"},
    "utilization:behind-file": {"public_id": "nothing"},
    "utilization:file": {"public_id": "nothing"},
    "utilization:snapshot": {"public_id": "nothing"},
    "utilization:workbook": {"public_id": "nothing"},
    "loading:load": {"public_id": "nothing"},
    "loading:aside": {"public_id": "nothing"},
    "loading:aside-file": {"public_id": "nothing"},
    "loading:take-back": {"public_id": "nothing"},
    "agreement:round": {"public_id": "nothing"},
    "agreement:file": {"public_id": "nothing"},
    "agreement:close": {"public_id": "nothing"},
    "agreement:read": {"public_id": "nothing", "number": "=1"},
    "agreement:hand-in": {"public_id": "nothing"},
    "agreement:mine": {"public_id": "nothing"},
    "sampling:sample": {"public_id": "sample"},
    "sampling:file": {"public_id": "sample", "position": "=1"},
    "sampling:results": {"public_id": "sample"},
    "sampling:universe": {"public_id": "sample"},
    "sampling:admit": {"public_id": "sample"},
    "sampling:shut-out": {"public_id": "sample", "guest_id": "nothing"},
    "sampling:close": {"public_id": "sample"},
    "register:policy": {"public_id": "policy"},
    "programme:answer": {"public_id": "nothing"},
    "programme:report": {
        "plan": "=harbor",
        "law": "=medicare_advantage",
        "key": "=no contract number",
        "year": "=2026",
    },
    "retrospective:lead": {"public_id": "lead"},
    "retrospective:claim": {"public_id": "claim line"},
    "retrospective:feedback": {"npi": "=nobody"},
    "retrospective:feedback-file": {"npi": "=nobody"},
    "retrospective:reply": {"public_id": "nothing"},
    "retrospective:act": {"public_id": "claim line", "step": "=send"},
    "work:queue": {"public_id": "nothing"},
    "work:cancel_absence": {"public_id": "nothing"},
    "work:answer_hand_over": {"public_id": "nothing"},
    "work:cancel_on_call": {"public_id": "nothing"},
    "work:task": {"public_id": "nothing"},
    "work:new_task": {"public_id": "case"},
    "work:step": {"public_id": "case"},
    "work:watch": {"public_id": "case"},
    "work:untag": {"public_id": "case"},
    "review:undo": {"public_id": "nothing"},
    "fhir:form": {"public_id": "filling"},
    "fhir:form-save": {"public_id": "filling"},
    "fhir:form-records": {"public_id": "filling"},
    "fhir:form-response": {"public_id": "filling"},
    "fhir:form-throw-away": {"public_id": "filling"},
    "sandbox:message": {"public_id": "nothing"},
    "sandbox:conversation": {"public_id": "nothing"},
    "sandbox:chart": {"key": "=x"},
}
"""What stands in an address: the name of a row in the town, or a text after an equals sign."""

PUBLIC_ROWS = frozenset({"clocks:hour", "command:behind", "sandbox:chart"})
"""Addresses whose argument is nobody's: each reader sees one's own part behind them."""

SOMEBODY = frozenset({HOME, ABROAD})


@pytest.fixture
def town(world, at):
    """The rows and the personas."""
    made = make(world, at)
    clock.set_demo_clock(at)
    return made


def gated() -> list[str]:
    return sorted(name for name, view in DOORS.items() if hasattr(view, "permissions"))


def address(town: Town, name: str) -> str:
    known = {"nothing": UUID(int=1)}
    given = {
        key: value[1:] if value.startswith("=") else known.get(value) or town.id_of(value)
        for key, value in ROWS.get(name, {}).items()
    }
    return reverse(name, kwargs=given)


def call(path: str, user: User, method: str) -> int:
    """Call a page as its gate sees it and return its status; a refusal's status is that of its kind."""
    request: HttpRequest = getattr(RequestFactory(), method)(path)
    match = resolve(path)
    request.user, request.session, request.resolver_match = user, SessionStore(), match
    request._messages = CookieStorage(request)
    request.htmx = HtmxDetails(request)
    try:
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except OpenUMError as refusal:
        return refusal.status
    except Http404:
        return 404
    return answer.status_code


def test_every_address_names_its_permission_or_stands_open_for_a_reason():
    shut = [name for name, view in DOORS.items() if not hasattr(view, "permissions") and open_door(name) is None]
    assert shut == []


def test_a_page_that_nobody_opened_stays_closed():
    gate = ClosedDoors(lambda _: HttpResponse())
    request = RequestFactory().get("/forgotten/")
    request.resolver_match = SimpleNamespace(view_name="forgotten")
    refused = gate.process_view(request, lambda _: HttpResponse("member data"), (), {})
    assert refused is not None
    assert refused.status_code == 404
    assert gate.process_view(request, DOORS["cases:find"], (), {}) is None


def test_every_address_with_an_argument_has_a_row():
    with_argument = {name for name, path, view in doors() if hasattr(view, "permissions") and "<" in path}
    assert with_argument == set(ROWS)


def test_every_page_for_every_persona(town):
    """Whoever lacks the permission is refused; whoever has it elsewhere finds nothing; nobody sees a fault of ours."""
    wrong: list[str] = []
    told = Counter()
    for name in gated():
        path, permissions = address(town, name), set(DOORS[name].permissions)
        for (role, place), user in town.people.items():
            may = not scope_of(user).permissions.isdisjoint(permissions)
            for method in ("get", "post"):
                if may and place == HOME and method == "post":
                    continue  # what a form without fields does is told by the tests of its page
                status = call(path, user, method)
                told[status] += 1
                if status == 405:
                    continue
                if not may:
                    right = status == 403
                elif place == ABROAD and name in ROWS and name not in PUBLIC_ROWS:
                    right = status in {403, 404}
                else:
                    right = status < 500 and status != 403
                if not right:
                    wrong.append(f"{name} {method} {role} at the {place} plan: {status}")
    assert wrong == []
    assert min(told[403], told[404], told[200]) > 100


def test_systems_pages_ask_for_a_token():
    systems = {name for name, view in DOORS.items() if not hasattr(view, "permissions")}
    assert {name for name in systems if open_door(name)[0] == Door.SYSTEM} >= {"fhir:submit", "oauth:token"}


def test_lists_hold_nothing_of_another_plan(town):
    """Whatever a list shows to its own plan, the same role of another plan does not read it."""
    number = town.rows["case"].number.encode()
    seen = Counter()
    for name in gated():
        if name in ROWS:
            continue
        for (role, place), user in town.people.items():
            if scope_of(user).permissions.isdisjoint(DOORS[name].permissions):
                continue
            if number in _body(reverse(name), user):
                seen[place] += 1
                assert place == HOME, (name, role)
    assert seen[HOME] > 10


def _body(path: str, user: User) -> bytes:
    request = RequestFactory().get(path)
    match = resolve(path)
    request.user, request.session, request.resolver_match = user, SessionStore(), match
    request._messages = CookieStorage(request)
    request.htmx = HtmxDetails(request)
    try:
        answer = match.func(request, *match.args, **match.kwargs)
    except (OpenUMError, Http404):
        return b""
    return b"".join(answer) if answer.streaming else answer.content


def test_a_permission_counts_only_where_it_is_held(town, at):
    """A nurse of one plan who takes messages in at another decides nothing there, and reads its guidelines only."""
    nurse = town.people[Role.NURSE, ABROAD]
    nurse.memberships.create(role=Role.MEMBER, plan=town.world.plan)
    fresh = User.objects.get(pk=nurse.pk)
    assert call(address(town, "cases:case"), fresh, "get") == 404
    assert town.rows["case"].number.encode() not in _body(reverse("cases:find"), fresh)
