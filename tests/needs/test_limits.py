"""An authorization that is nearly used up is told with what is left, over CRD and on the page."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from openum.cases.models import ServiceLine
from openum.determination.queries import authorization_of, current_segments
from openum.determination.services import approve_line, record_usage, reverse_usage
from openum.needs.models import Assertion
from openum.needs.rules import Authorization, Balance, Covered, Detail, Need, Standing, satisfied
from tests.adapters.crd import kit
from tests.adapters.crd.conftest import crd
from tests.needs.test_portal import form, office, page_after
from tests.world import knee_request, send

__all__ = ["crd", "office"]
NEED = Need(covered=Covered.COVERED, authorization=Authorization.NEEDED, reason="Because.")


@pytest.mark.parametrize(
    ("granted", "left", "is_low"),
    [
        ("12", "12", False), ("12", "3", False), ("12", "2.4", True), ("12", "2", True), ("40", "9", False),
        ("40", "8", True), ("1", "1", False), ("2", "1", True), ("2", "1.5", False), ("1", "0.5", True),
    ],
)  # fmt: skip
def test_one_unit_or_a_fifth_is_few(granted, left, is_low):
    assert Balance(granted=Decimal(granted), left=Decimal(left)).is_low is is_low


@pytest.mark.parametrize(
    ("unit", "words"), [("", "units"), ("UN", "units"), ("VS", "visits"), ("DA", "days"), ("HH", "hours")]
)
def test_the_detail_names_authorization_and_numbers(unit, words):
    balance = Balance(granted=Decimal("12.000"), left=Decimal("2.000"), unit=unit)
    (detail,) = satisfied(NEED, Standing(number="A-1", balance=balance)).details
    assert (detail.code, detail.value, detail.unit, detail.category) == (
        "allowed-quantity", 2, words, "cat-limitation",
    )  # fmt: skip
    assert detail.qualification == f"Left of the 12 {words} of authorization A-1"


def test_what_is_plenty_or_has_no_number_is_not_told_and_limits_of_the_list_stay():
    of_list = Detail(code="allowed-quantity", value=36, unit="sessions")
    plenty = Balance(granted=Decimal(12), left=Decimal(11))
    for balance in (None, plenty):
        need = satisfied(replace(NEED, details=(of_list,)), Standing(number="A-1", balance=balance))
        assert need.details == (of_list,)


@pytest.fixture
def segment(world, at):
    """Twelve units of a knee operation of the Medicare member, approved."""
    request = knee_request(world, of=world.member, at=at)
    request = replace(request, lines=(replace(request.lines[0], units=Decimal(12)),))
    send(world, request, at=at)
    line = ServiceLine.objects.get()
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="It is so.", cited_authority="plan page 1")
    return current_segments(authorization_of(line))[0]


def use(world, segment, units, at):
    return record_usage(
        segment=segment, kind="claim", units=Decimal(units), service_date=date(2026, 12, 17), reference="CL-1",
        by=world.engine, at=at,
    )  # fmt: skip


def limits(crd, base):
    """Return the limits told about the operation, each as its parts."""
    order = kit.order("27447", occurrenceDateTime="2026-12-18")
    (action,) = crd.ask(kit.call(order), base=base)["systemActions"]
    (parts,) = kit.information(action["resource"])
    assert parts["pa-needed"] == ["satisfied"]
    return [
        {one["url"]: next(value for key, value in one.items() if key.startswith("value")) for one in detail}
        for detail in parts.get("detail", [])
    ]


@pytest.mark.parametrize(("base", "category"), [("2.0", None), ("2.2", "cat-limitation")])
@pytest.mark.parametrize(("used", "left"), [("10", 2), ("10.5", 1.5)])
def test_crd_tells_what_is_left(crd, world, segment, at, base, category, used, left):
    assert limits(crd, base) == []
    entry = use(world, segment, used, at)
    (told,) = limits(crd, base)
    assert told.get("category") == category
    assert told["code"]["coding"][0]["code"] == "allowed-quantity"
    assert told["value"] == {"value": left, "unit": "units"}
    assert told["qualification"] == f"Left of the 12 units of authorization {segment.authorization.number}"
    reverse_usage(entry=entry, reference="CL-1R", by=world.engine, at=at)
    assert limits(crd, base) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Nearly used up", "2 of 12 units left")), ("es", ("Casi agotada", "Quedan 2 de 12 unidades"))],
)
def test_the_page_tells_what_is_left(office, world, segment, at, language, words):
    page = page_after(office, form(world, "27447", first_day="2026-12-18"))
    assert "Nearly used up" not in page
    use(world, segment, "10", at)
    page_after(office, form(world, "27447", first_day="2026-12-18"))
    newest = Assertion.objects.order_by("-pk").first()
    page = office.get(f"/needs/{newest.public_id}/", headers={"Accept-Language": language}).content.decode()
    for each in words:
        assert each in page
