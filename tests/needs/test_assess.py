"""The published lists, the guideline behind the documents, authorizations and exemptions, through the one answer."""

from datetime import date

import pytest

from openum.accounts.models import Organization
from openum.audit.models import EventRow
from openum.cases.models import ServiceLine
from openum.cli.needs import lines_of, service_of
from openum.determination.services import approve_line
from openum.directory.models import Exclusion
from openum.needs.queries import Question, assess
from openum.needs.rules import Authorization, Covered
from openum.needs.services import Asker, note_asked, publish_requirements
from tests.world import knee_request, npi, send

DAY = date(2026, 11, 20)


def ask(world, code, **facts):
    facts.setdefault("product", world.medicare)
    return assess(Question(plan=world.plan, services=(("CPT", code),), on=facts.pop("on", DAY), **facts))


def test_a_listed_service_names_the_form_of_its_guideline(world):
    found = ask(world, "72148", birth_date=date(1960, 1, 1))
    assert (found.need.authorization, found.guideline.id) == (Authorization.NEEDED, "LBP-MRI")


def test_where_medicare_settles_the_matter_there_is_no_form_of_ours(world):
    world.medicare.state = "GA"
    found = ask(world, "27447", birth_date=date(1960, 1, 1))
    assert found.guideline is None
    assert [one.authority for one in found.exclusions] == ["LCD L33456, Total Joint Arthroplasty"]


@pytest.mark.parametrize(
    ("performers", "authorization"),
    [(set(), Authorization.CONDITIONAL), ({"surgeon"}, Authorization.NONE), ({"stranger"}, Authorization.NEEDED)],
)
def test_the_network_status_of_the_performer_decides(world, performers, authorization):
    numbers = {"surgeon": world.surgeon_npi, "stranger": npi(900000777)}
    found = ask(world, "97110", performers=frozenset(numbers[one] for one in performers))
    assert found.need.authorization is authorization


@pytest.fixture
def exempt(world, at, tmp_path):
    file = tmp_path / "gold.yaml"
    file.write_text(
        f"key: gold\nversion: 1\neffective_from: 2026-01-01\nsource: test\nsource_verified: false\n"
        f'exemptions:\n  - {{npi: "{world.surgeon_npi}", services: [CPT|72148], reason: Exempt.}}\n'
    )
    publish_requirements(path=file, by=world.engine, at=at, plan=world.plan)
    return world


def test_an_exempt_provider_need_not_ask(exempt):
    found = ask(exempt, "72148", npis=frozenset({exempt.surgeon_npi}))
    assert (found.need.authorization, found.need.reason_code, found.guideline) == (
        Authorization.NONE, "gold-card", None,
    )  # fmt: skip
    assert ask(exempt, "72148").need.authorization is Authorization.NEEDED


def test_a_provider_on_an_exclusion_list_is_not_exempt(exempt):
    Exclusion.objects.create(
        plan=exempt.plan, npi=exempt.surgeon_npi, list_name="oig", source="test", valid_from=date(2025, 1, 1)
    )
    assert ask(exempt, "72148", npis=frozenset({exempt.surgeon_npi})).need.authorization is Authorization.NEEDED


def test_nobody_is_exempt_for_care_that_a_barred_provider_gives(exempt):
    """42 CFR 422.222: the exempt one who orders does not carry the one who may not be paid."""
    Exclusion.objects.create(
        plan=exempt.plan, npi=exempt.facility_npi, list_name="preclusion", source="test", valid_from=date(2025, 1, 1)
    )
    npis = frozenset({exempt.surgeon_npi})
    found = ask(exempt, "72148", npis=npis, performers=frozenset({exempt.facility_npi}))
    assert found.need.authorization is Authorization.NEEDED
    assert ask(exempt, "72148", npis=npis).need.authorization is not Authorization.NEEDED


def test_not_covered_tells_each_line_of_business_how_to_ask(world):
    ways = {product.key: ask(world, "17380", product=product).need for product in (world.medicare, world.erisa)}
    assert all(need.covered is Covered.NOT_COVERED for need in ways.values())
    assert "organization determination" in ways["ma"].how_to_ask
    assert "pre-service claim" in ways["erisa"].how_to_ask


@pytest.mark.parametrize("code", ["72148", "17380", "97110"])
@pytest.mark.parametrize("facts", [{"place": "23"}, {"circumstances": frozenset({"emergency"})}])
def test_emergency_care_is_never_reviewed(world, code, facts):
    need = ask(world, code, **facts).need
    assert (need.covered, need.authorization) == (Covered.COVERED, Authorization.NONE)


def test_who_asked_is_recorded_without_the_service(world, at):
    found = ask(world, "72148", member=world.member)
    asker = Asker(user=world.client.user, plan=world.plan, client=world.client, organization=world.practice)
    note_asked(assessments=[found], told=[], asker=asker, member=world.member, way="order-sign", at=at)
    row = EventRow.objects.get(type="NeedsAsked")
    assert "72148" not in row.data
    assert str(world.member.public_id) in row.data


def test_the_command_prints_the_answer(world):
    found = ask(world, "72148", birth_date=date(1960, 1, 1), place="22")
    lines = lines_of(found)
    assert lines[:2] == ["covered: covered", "authorization: auth-needed"]
    assert any(line.startswith("form: LBP-MRI") for line in lines)
    assert lines[-1] == "row: services/back-imaging-hospital"


@pytest.mark.parametrize(
    ("text", "service"),
    [("72148", ("CPT", "72148")), ("e0601", ("HCPCS", "E0601")), ("http://loinc.org|1-8", ("LOINC", "1-8"))],
)
def test_a_code_may_be_typed_shortly(text, service):
    assert service_of(text) == service


@pytest.fixture
def approved(world, at):
    """A knee replacement of the commercial member, approved on the day it came."""
    send(world, knee_request(world, at=at), at=at)
    line = ServiceLine.objects.get()
    approve_line(
        line=line, by=world.orthopaedist, at=at, rationale="The film settles it.", cited_authority="plan page 1"
    )
    return line


@pytest.mark.parametrize(
    ("on", "asker", "authorization"),
    [
        (date(2026, 12, 17), "practice", Authorization.SATISFIED),
        (date(2026, 11, 15), "practice", Authorization.NEEDED),
        (date(2027, 2, 15), "practice", Authorization.NEEDED),
        (date(2026, 12, 17), "other", Authorization.NEEDED),
    ],
)
def test_an_authorization_in_force_satisfies_for_who_may_see_it(world, approved, on, asker, authorization):
    other = Organization.objects.create(tenant=world.practice.tenant, kind=Organization.PROVIDER, name="Other")
    found = ask(
        world, "27447", product=world.commercial, member=world.commercial_member, on=on,
        organization=world.practice if asker == "practice" else other,
    )  # fmt: skip
    assert found.need.authorization is authorization
    if authorization is Authorization.SATISFIED:
        number = approved.authorizations.get().number
        assert (found.need.standing.number, found.authorization.case_id) == (number, approved.case.public_id)
