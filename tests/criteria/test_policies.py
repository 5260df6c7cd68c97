"""Which guideline and approval rule hold, how they are published, and the public pages."""

from datetime import UTC, date, datetime, timedelta

import pytest

from openum.accounts.models import Plan, Tenant
from openum.accounts.services import ensure_rules_engine
from openum.cases.models import Case, Request, ServiceLine
from openum.criteria import queries
from openum.criteria.approval import parse_approval_rules
from openum.criteria.faults import DocumentInvalid
from openum.criteria.rules import Barrier
from openum.criteria.services import publish, publish_approval_rules, publish_guideline
from openum.criteria.services.publishing import GuidelineNotReady, GuidelineOfRuleMissing
from openum.directory.models import Member, Policy, Product
from openum.directory.services import PolicyVersionChanged
from openum.vocabulary.terms import LineOfBusiness
from tests.conftest import NOON
from tests.criteria.documents import LIBRARIES, POLICIES, SMALL, policy_text

CPT = "http://www.ama-assn.org/go/cpt"
RULES = (POLICIES / "approval_rules/AA-014.yaml").read_text("utf-8")


@pytest.fixture
def engine(db):
    return ensure_rules_engine()


@pytest.fixture
def plan(engine):
    publish(by=engine, at=NOON)
    return Plan.objects.create(tenant=Tenant.objects.create(name="T"), key="p", name="P")


def line(plan, code="72148", line_of_business=LineOfBusiness.MEDICARE_ADVANTAGE, *, state="EX", product="ma",
         born=date(1958, 1, 1), received=NOON, system=CPT):  # fmt: skip
    """A line that is not stored: the choice reads only these facts."""
    sold = Product(plan=plan, key=product, line_of_business=line_of_business, state=state, time_zone="America/New_York")
    case = Case(plan=plan, product=sold, member=Member(birth_date=born))
    return ServiceLine(case=case, request=Request(received_at=received), code_system=system, code=code)


def chosen(*args, **facts):
    matched = queries.guideline_for(line(*args, **facts))
    return matched.policy and matched.policy.key


# ---- Which guideline


def test_a_guideline_is_chosen_by_code_and_code_system(plan):
    assert chosen(plan) == "LBP-MRI"
    assert chosen(plan, "72158") == "LBP-MRI"
    assert chosen(plan, "27447") == "KNEE-ARTH"
    assert chosen(plan, system="CPT") == "LBP-MRI"
    assert chosen(plan, "72141") is None
    assert chosen(plan, system="urn:local") is None


def test_a_guideline_for_adults_does_not_hold_for_a_child_or_an_unknown_age(plan):
    assert chosen(plan, born=date(2008, 11, 17)) is None
    assert chosen(plan, born=date(2008, 11, 16)) == "LBP-MRI"
    assert chosen(plan, born=None) is None


def test_the_governing_date_is_the_receipt_in_the_zone_of_the_plan(plan):
    first = datetime(2025, 9, 1, 4, 0, tzinfo=UTC)
    assert chosen(plan, received=first) == "LBP-MRI"
    assert chosen(plan, received=first - timedelta(seconds=1)) is None


@pytest.mark.requirement("42 CFR 422.101(b)(6)")
def test_a_local_coverage_determination_excludes_the_plans_own_criteria(plan):
    matched = queries.guideline_for(line(plan, "27447", state="WA"))
    assert matched.policy is None
    assert [(one.barrier, one.authority, one.is_verified) for one in matched.exclusions] == [
        (Barrier.MEDICARE_RULE, "LCD L36575, Total Knee Arthroplasty", False)
    ]
    assert chosen(plan, "27447", state="NY") == "KNEE-ARTH"
    assert chosen(plan, "27447", LineOfBusiness.COMMERCIAL_STATE, state="WA") == "KNEE-ARTH"


@pytest.mark.requirement("SSA 1905(r)(5)")
def test_no_adult_guideline_holds_for_medicaid_members_under_21(plan):
    young = {"line_of_business": LineOfBusiness.MEDICAID_MANAGED_CARE, "born": date(2006, 11, 17)}
    matched = queries.guideline_for(line(plan, **young))
    assert (matched.policy, matched.exclusions[0].barrier) == (None, Barrier.EPSDT)
    assert chosen(plan, line_of_business=LineOfBusiness.MEDICAID_MANAGED_CARE, born=date(2005, 11, 16)) == "LBP-MRI"


def test_a_plans_own_version_outranks_the_common_one(plan, engine):
    own = policy_text("LBP-MRI/v2026.2.md").replace("version: v2026.2", "version: v2026.2-own")
    publish_guideline(text=own, file="own.md", libraries=LIBRARIES, plan=plan, by=engine, at=NOON)
    other = Plan.objects.create(tenant=plan.tenant, key="q", name="Q")
    assert queries.guideline_for(line(plan)).policy.version == "v2026.2-own"
    assert queries.guideline_for(line(other)).policy.version == "v2026.2"


def test_a_later_version_holds_from_its_first_day(plan, engine):
    text = policy_text("LBP-MRI/v2026.2.md").replace("version: v2026.2", "version: v2027.1")
    text = text.replace("{from: 2025-09-01}", "{from: 2026-11-16}")
    publish_guideline(text=text, file="new.md", libraries=LIBRARIES, by=engine, at=NOON)
    assert queries.guideline_for(line(plan)).policy.version == "v2027.1"
    assert queries.guideline_for(line(plan, received=NOON - timedelta(days=1))).policy.version == "v2026.2"


def test_the_next_version_of_the_pack_and_its_rule_hold_from_new_year(plan):
    for received, version, rule in ((datetime(2026, 12, 31, 20, tzinfo=UTC), "v2026.2", "v3"),
                                    (datetime(2027, 1, 1, 15, tzinfo=UTC), "v2026.3", "v4")):  # fmt: skip
        asked = line(plan, received=received)
        assert queries.guideline_for(asked).policy.version == version
        assert queries.approval_rule_for(asked).policy.version == rule


# ---- Which approval rule


def test_a_rule_lets_the_engine_approve_only_what_it_names(plan):
    found = queries.approval_rule_for(line(plan))
    assert (found.policy.key, found.policy.version, found.rule.guideline_id) == ("AA-014", "v3", "LBP-MRI")
    assert queries.approval_rule_for(line(plan, "72149")) is None
    assert queries.approval_rule_for(line(plan, "27447")) is None
    assert queries.approval_rule_for(line(plan, line_of_business=LineOfBusiness.QHP_FFE)) is None


def test_a_rule_does_not_outlive_the_guideline_version_it_names(plan, engine):
    text = policy_text("LBP-MRI/v2026.2.md").replace("version: v2026.2", "version: v2027.1")
    publish_guideline(text=text.replace("{from: 2025-09-01}", "{from: 2026-11-01}"), file="new.md", libraries=LIBRARIES,
                      by=engine, at=NOON)  # fmt: skip
    assert queries.approval_rule_for(line(plan)) is None


def test_a_rule_for_named_products_holds_for_those_only(plan, engine):
    Policy.objects.filter(kind="approval-rule").delete()
    publish_approval_rules(text=RULES.replace("products: []", "products: [ma]"), file="r", by=engine, at=NOON)
    assert queries.approval_rule_for(line(plan)).rule.products == ("ma",)
    assert queries.approval_rule_for(line(plan, product="other")) is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("- id: AA-014", "- idd: AA-014", "The rule has no “idd”."),
        ("services: [CPT|72148]", "services: []", "needs “services”"),
        ("services: [CPT|72148]", "services: [72148]", "must hold texts"),
        ("source_verified: no", "source_verified: perhaps", "needs “source_verified”: yes or no."),
        ("{id: LBP-MRI, version: v2026.2}", "LBP-MRI", "“guideline” of the rule AA-014 must be a block"),
        ("from: 2025-09-01", "from: 2025", "“effective” needs “from” as a date"),
        ("- id", "id", "This is not valid YAML"),
    ],
)
def test_faults_of_a_rule_file_are_told(old, new, expected):
    assert old in RULES
    with pytest.raises(DocumentInvalid) as caught:
        parse_approval_rules(RULES.replace(old, new), file="rules.yaml")
    assert any(expected in str(fault) for fault in caught.value.faults), caught.value.faults


# ---- Places and lists of services


@pytest.fixture
def walking(plan, engine):
    text = SMALL.replace("  services: [HCPCS|E0100]\n", '  service_value_sets: [Canes]\n  places: ["12", "13"]\n')
    text = text.replace("value_sets:\n", "value_sets:\n  Canes: [HCPCS|E0100 E0105]\n").replace(
        "{from: 2030-01-01, to: 2031-01-01}", "{from: 2026-01-01}"
    )
    publish_guideline(text=text, file="walk.md", libraries=LIBRARIES, by=engine, at=NOON)
    return plan


def placed(plan, place, code="E0105"):
    asked = line(plan, code, system="HCPCS", product="ma", state="OR")
    asked.place = place
    matched = queries.guideline_for(asked)
    return matched.policy and matched.policy.key


def test_a_guideline_for_some_places_holds_for_those_only(walking):
    assert placed(walking, "12") == placed(walking, "13", "E0100") == "WALK"
    assert placed(walking, "11") is None
    assert placed(walking, "") is None
    assert placed(walking, "12", "E0110") is None


def test_a_form_that_has_not_said_the_place_is_asked_the_questions(walking):
    product = Product.objects.create(
        plan=walking, key="ma", name="MA", line_of_business=LineOfBusiness.MEDICARE_ADVANTAGE, state="OR",
        time_zone="America/New_York",
    )  # fmt: skip
    asked = {"plan": walking, "code_system": "HCPCS", "code": "E0100", "on": NOON.date(), "product": product}
    assert [field.link for field in queries.form_questions(**asked)] == ["walk.needs-help", "walk.fell"]
    assert queries.form_questions(**asked, place="11") == []


# ---- Publishing


def test_publishing_again_changes_nothing(plan, engine):
    before = list(Policy.objects.values_list("pk", "digest", "published_at"))
    publish(by=engine, at=NOON + timedelta(days=1))
    assert list(Policy.objects.values_list("pk", "digest", "published_at")) == before
    keys = Policy.objects.filter(kind__in=["guideline", "approval-rule"]).order_by("key").values_list("key", flat=True)
    assert list(keys) == sorted(
        [
            *["AA-014"] * 2,
            *(
                file.parent.name
                for file in POLICIES.glob("guidelines/*/*.md")
                if not file.name.endswith(".patients.md")
            ),
        ]
    )


def test_a_published_version_never_changes_its_content(plan, engine):
    changed = policy_text("LBP-MRI/v2026.2.md").replace("six weeks", "seven weeks")
    with pytest.raises(PolicyVersionChanged, match="Give the change a new version"):
        publish_guideline(text=changed, file="x.md", libraries=LIBRARIES, by=engine, at=NOON)


def test_a_draft_is_not_published(engine):
    with pytest.raises(GuidelineNotReady, match="WALK v1 is draft"):
        publish_guideline(
            text=SMALL.replace("status: published", "status: draft"), file="x", libraries=LIBRARIES, by=engine, at=NOON
        )


def test_logic_that_does_not_compile_is_not_published_and_names_its_line(engine):
    broken = SMALL.replace('exists ([Condition: "Falls"])', 'exists ([Condition: "Falls"]).cod')
    with pytest.raises(DocumentInvalid) as caught:
        publish_guideline(text=broken, file="walk.md", libraries=LIBRARIES, by=engine, at=NOON)
    fault = caught.value.faults[0]
    wanted = next(number for number, text in enumerate(broken.split("\n"), start=1) if '"Fell"' in text)
    assert (fault.line, "does not compile" in fault.text) == (wanted, True)
    assert not Policy.objects.filter(key="WALK").exists()


def test_a_rule_without_its_guideline_is_not_published(engine):
    with pytest.raises(GuidelineOfRuleMissing):
        publish_approval_rules(text=RULES.replace("id: LBP-MRI", "id: NONE"), file="r", by=engine, at=NOON)


# ---- Public pages


def test_anybody_may_read_the_library(plan, client):
    page = client.get("/policies/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "MRI of the lower back" in text
    assert "AA-014 v3" in text
    assert "/policies/KNEE-ARTH/v2026.2/" in text


@pytest.mark.parametrize("key", ["LBP-MRI", "KNEE-ARTH"])
def test_anybody_may_read_a_guideline_with_its_criteria_sources_and_logic(plan, client, key):
    page = client.get(f"/policies/{key}/v2026.2/")
    text = page.content.decode()
    assert page.status_code == 200
    document = queries.published_guideline(key=key, version="v2026.2").guideline
    for leaf in document.leaves:
        assert leaf.question.en in text
        assert f'id="criterion-{leaf.key}"' in text
    assert "no, not yet" in text
    assert "define &quot;" in text
    assert "<h3>What we look for</h3>" in text


def test_a_guideline_speaks_spanish(plan, client):
    client.cookies["django_language"] = "es"
    text = client.get("/policies/LBP-MRI/v2026.2/", headers={"accept-language": "es"}).content.decode()
    assert "Resonancia magnética de la espalda baja" in text


def test_an_unknown_guideline_is_not_found(plan, client):
    assert client.get("/policies/NONE/v1/").status_code == 404
