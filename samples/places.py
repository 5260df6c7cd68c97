"""Plans, products, practices, places of care, networks and published policies of the demo world."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import orjson
from django.conf import settings

from openum import audit
from openum.accounts.models import Organization, Plan, Tenant, User
from openum.cli.policies import publish_new
from openum.determination.services import publish_sandbox_rule
from openum.directory.models import (
    Affiliation,
    Code,
    CodeList,
    Exclusion,
    Facility,
    Network,
    Participation,
    Practitioner,
    PractitionerLicence,
    Product,
)
from openum.forms.services import store_form
from openum.forms.uploads import read_upload
from openum.vocabulary.terms import LineOfBusiness
from samples import codes, named, names
from samples.numbers import npi

LUMEN = "lumen-harbor"
SANDBOX = "lumen-sandbox"
LONG_AGO = date(2015, 1, 1)


@dataclass
class Places:
    """Handles on the rows that the rest of the world hangs on."""

    plan: Plan
    sandbox: Plan
    products: dict[str, Product]
    organizations: dict[str, Organization]
    by_specialty: dict[str, list[Practitioner]] = field(default_factory=dict)
    practitioners: dict[str, Practitioner] = field(default_factory=dict)
    practice_of: dict[str, Organization] = field(default_factory=dict)
    facilities: dict[str, Facility] = field(default_factory=dict)
    delegate: Organization | None = None


PRODUCTS: tuple[dict[str, object], ...] = (
    {
        "key": "medicare-advantage", "name": "Lumen Medicare Advantage", "contract": "H9999-001",
        "line_of_business": LineOfBusiness.MEDICARE_ADVANTAGE, "state": "EX",
    },
    {
        "key": "commercial-ppo", "name": "Lumen Commercial PPO", "line_of_business": LineOfBusiness.COMMERCIAL_STATE,
        "state": "EX",
    },
    {
        "key": "kestrel-tools", "name": "Kestrel Tools employee plan", "sponsor_name": "Kestrel Tools",
        "line_of_business": LineOfBusiness.ERISA_GROUP, "is_fully_insured": False,
    },
    {
        "key": "medicaid", "name": "Lumen Medicaid", "line_of_business": LineOfBusiness.MEDICAID_MANAGED_CARE,
        "state": "EX",
    },
)  # fmt: skip

PRACTICES: tuple[tuple[str, str, str, str, int], ...] = (
    # key, name, number, specialty, how many practitioners
    ("bayline-ortho", "Bayline Ortho", npi(900000201), "orthopaedics", 5),
    ("bayline-spine", "Bayline Spine and Rehabilitation", npi(900000202), "physical medicine", 4),
    ("harbor-primary", "Harbor Primary Care", npi(900000203), "internal medicine", 9),
    ("northpine-family", "Northpine Family Practice", npi(900000204), "internal medicine", 7),
    ("tern-cardiology", "Tern Point Cardiology", npi(900000205), "cardiology", 5),
    ("lumen-neurology", "Lumen Neurology", npi(900000206), "neurology", 4),
    ("marrow-sleep", "Marrow Bay Sleep Centre", npi(900000207), "sleep medicine", 3),
    ("bayline-surgery", "Bayline Surgical Group", npi(900000208), "surgery", 4),
    ("quay-psychiatry", "North Quay Psychiatry", npi(900000209), "psychiatry", 4),
    ("bayline-gastro", "Bayline Gastroenterology", npi(900000210), "gastroenterology", 3),
    ("northpine-oncology", "Northpine Oncology", npi(900000211), "oncology", 4),
    ("cape-ortho", "Cape Lumen Orthopaedics", npi(900000212), "orthopaedics", 4),
    ("ropewalk-rehab", "Ropewalk Rehabilitation", npi(900000213), "physical medicine", 3),
    ("novak-ent", "Novak Ear, Nose and Throat", npi(900000214), "ear, nose and throat", 2),
)

FACILITIES: tuple[tuple[str, str, str, str], ...] = (
    # number, name, kind, key of the organization of the same name
    (named.BAYLINE_IMAGING, "Bayline Imaging", "imaging centre", "bayline-imaging"),
    (named.BAYLINE_SURGERY_PAVILION, "Bayline Surgery Pavilion", "surgery centre", "bayline-pavilion"),
    (named.BAYLINE_GENERAL, "Bayline General", "hospital", "bayline-general"),
    (named.ST_BRANNOC_HEART, "St. Brannoc Heart", "hospital", "st-brannoc"),
    (npi(900000301), "Tern Home Care", "home care", "tern-home"),
    (npi(900000302), "Harbor Medical Supply", "supplier", "harbor-supply"),
    (npi(900000303), "Cedar Court Nursing Centre", "nursing facility", "cedar-court"),
)


def find() -> Places:
    """Return handles on a world that was built before."""
    plan, sandbox = Plan.objects.get(key=LUMEN), Plan.objects.get(key=SANDBOX)
    keys = {name: key for key, name, *_ in PRACTICES} | {name: key for _, name, _, key in FACILITIES}
    organizations = {keys[row.name]: row for row in Organization.objects.filter(tenant=plan.tenant) if row.name in keys}
    places = Places(
        plan=plan, sandbox=sandbox, products={row.key: row for row in plan.products.all()}, organizations=organizations,
        facilities={row.npi: row for row in plan.facilities.all()},
        delegate=Organization.objects.filter(tenant=plan.tenant, kind=Organization.DELEGATE).first(),
    )  # fmt: skip
    names_of = {row.pk: keys.get(row.name) for row in organizations.values()}
    rows = plan.practitioners.prefetch_related("affiliations").order_by("pk")
    for row in rows:
        key = next(
            (names_of[each.organization_id] for each in row.affiliations.all() if each.organization_id in names_of),
            None,
        )
        if key is None:
            continue
        places.by_specialty.setdefault(row.specialty, []).append(row)
        places.practitioners[row.npi] = row
        places.practice_of[row.npi] = organizations[key]
    return places


def build(rng: Random, *, engine: User, at: datetime, first_day: date) -> Places:
    """Make everything that is there before the first member. `first_day` is the first day of the earlier cases."""
    tenant = Tenant.objects.create(name="Lumen Harbor")
    plan = Plan.objects.create(
        tenant=tenant, key=LUMEN, name="Lumen Harbor Health Plan", phone="1-555-0100", tty="711",
        address="1 Harbor Walk\nLumen Harbor, EX 00100", npi=npi(900000101), tax_id="00-0000101",
    )  # fmt: skip
    sandbox = Plan.objects.create(
        tenant=tenant, key=SANDBOX, name="Lumen Sandbox", is_sandbox=True, phone="1-555-0190", tty="711",
        address="2 Harbor Walk\nLumen Harbor, EX 00100", npi=npi(900000102), tax_id="00-0000102",
    )  # fmt: skip
    rating_period = date(at.year, 1, 1)
    products = {
        str(facts["key"]): Product.objects.create(
            plan=plan, languages=["en", "es"], rating_period_start=rating_period if facts["key"] == "medicaid" else None,
            **facts,
        )
        for facts in PRODUCTS
    }  # fmt: skip
    for facts in PRODUCTS:
        key = f"sandbox-{facts['key']}"
        Product.objects.create(
            plan=sandbox, languages=["en", "es"], **{**facts, "key": key, "name": f"Sandbox: {facts['name']}"}
        )
    places = Places(plan=plan, sandbox=sandbox, products=products, organizations={})
    _organizations(places, tenant)
    _practitioners(places, rng)
    _networks(places)
    _exclusions(places)
    _code_lists(at)
    publish_policies(sandbox, engine, at=datetime.combine(first_day, datetime.min.time(), UTC) - timedelta(days=2))
    return places


def _organizations(places: Places, tenant: Tenant) -> None:
    rows = [
        Organization(
            tenant=tenant, kind=Organization.PROVIDER, name=name, npi=number, tax_id=f"00-00004{index:02d}",
            phone=f"1-555-02{index:02d}", fax=f"1-555-03{index:02d}", address=_address(index),
        )
        for index, (_, name, number, _, _) in enumerate(PRACTICES)
    ] + [
        Organization(
            tenant=tenant, kind=Organization.PROVIDER, name=name, npi=number, tax_id=f"00-00005{index:02d}",
            phone=f"1-555-04{index:02d}", fax=f"1-555-05{index:02d}", address=_address(index + 40),
        )
        for index, (number, name, _, _) in enumerate(FACILITIES)
    ]  # fmt: skip
    made = Organization.objects.bulk_create(rows)
    keys = [key for key, *_ in PRACTICES] + [key for *_, key in FACILITIES]
    places.organizations = dict(zip(keys, made, strict=True))
    places.delegate = Organization.objects.create(
        tenant=tenant, kind=Organization.DELEGATE, name="Bayline Medical Group (IPA)", npi=npi(900000250),
        tax_id="00-0000599", phone="1-555-0600", fax="1-555-0601", address=_address(99),
    )  # fmt: skip
    places.delegate.delegated_by.add(places.plan)
    facilities = Facility.objects.bulk_create(
        Facility(
            plan=places.plan, organization=places.organizations[key], npi=number, name=name, kind=kind,
            phone=places.organizations[key].phone, fax=places.organizations[key].fax,
            address=places.organizations[key].address,
        )
        for number, name, kind, key in FACILITIES
    )  # fmt: skip
    places.facilities = {row.npi: row for row in facilities}


def _address(number: int) -> str:
    street = names.STREETS[number % len(names.STREETS)]
    town = names.TOWNS[number % len(names.TOWNS)]
    return f"{number + 10} {street}\n{town}, EX {100 + number % 40:05d}"


_NAMED_PRACTITIONERS = (
    (named.LINDQVIST, "Tobias", "Lindqvist", "orthopaedics", "bayline-ortho"),
    (named.HADDAD, "Ines", "Haddad", "physical medicine", "bayline-spine"),
    (named.NOVAK, "Hana", "Novak", "ear, nose and throat", "novak-ent"),
)


def _practitioners(places: Places, rng: Random) -> None:
    people = [(*person, LONG_AGO) for person in _NAMED_PRACTITIONERS]
    number = 400
    for key, _, _, specialty, many in PRACTICES:
        for _ in range(many - sum(1 for person in _NAMED_PRACTITIONERS if person[4] == key)):
            given, _sex = rng.choice(names.GIVEN)
            people.append((npi(900000000 + number), given, rng.choice(names.FAMILY), specialty, key, LONG_AGO))
            number += 1
    rows = Practitioner.objects.bulk_create(
        Practitioner(
            plan=places.plan, npi=number_, given_name=given, family_name=family, specialty=specialty,
            phone=places.organizations[key].phone, fax=places.organizations[key].fax,
            address=places.organizations[key].address,
        )
        for number_, given, family, specialty, key, _ in people
    )  # fmt: skip
    licences, affiliations = [], []
    for row, (_, _, _, specialty, key, since) in zip(rows, people, strict=True):
        licences.append(
            PractitionerLicence(
                practitioner=row, state="EX", kind="physician", number=f"EX-{row.npi[-5:]}", valid_from=since
            )
        )
        organization = places.organizations[key]
        affiliations.append(Affiliation(practitioner=row, organization=organization, valid_from=since))
        if places.delegate is not None and key.startswith("bayline"):
            affiliations.append(
                Affiliation(practitioner=row, organization=places.delegate, valid_from=since - timedelta(days=1))
            )
        places.by_specialty.setdefault(specialty, []).append(row)
        places.practitioners[row.npi] = row
        places.practice_of[row.npi] = organization
    PractitionerLicence.objects.bulk_create(licences)
    Affiliation.objects.bulk_create(affiliations)


def _networks(places: Places) -> None:
    network = Network.objects.create(plan=places.plan, name="Lumen Harbor network")
    network.products.set(places.products.values())
    inside = [organization.npi for key, organization in places.organizations.items() if key != "st-brannoc"]
    numbers = dict.fromkeys([*inside, *places.practitioners])
    Participation.objects.bulk_create(
        Participation(network=network, npi=number, valid_from=LONG_AGO) for number in numbers
    )


def _exclusions(places: Places) -> None:
    Exclusion.objects.bulk_create(
        Exclusion(
            plan=places.plan, npi=npi(900000950 + number), list_name=name, source=f"invented {name} list",
            valid_from=date(2024, 3, 1),
        )
        for number, name in enumerate(("oig", "preclusion", "oig"))
    )  # fmt: skip


def _code_lists(at: datetime) -> None:
    lists = {
        system: CodeList.objects.create(
            system=system, name=name, is_complete=False, source="own wording of the demo world", loaded_at=at
        )
        for system, name in ((codes.CPT, "CPT numbers in use"), (codes.HCPCS, "HCPCS codes in use"),
                             (codes.ICD_10_CM, "ICD-10-CM codes in use"))
    }  # fmt: skip
    rows = [
        Code(
            code_list=lists[service.system], code=service.code, wording=service.wording, wording_es=service.wording_es,
            service_family=service.family, specialty=service.field, valid_from=date(2010, 1, 1),
        )
        for service in codes.SERVICES
    ]  # fmt: skip
    rows += [
        Code(
            code_list=lists[system], code=code, wording=wording, wording_es=wording_es, valid_from=start or date(2010, 1, 1),
            valid_to=end,
        )
        for system, code, wording, wording_es, start, end in codes.MORE_CODES
    ]  # fmt: skip
    rows += [
        Code(
            code_list=lists[codes.ICD_10_CM],
            code=code,
            wording=wording,
            wording_es=wording_es,
            valid_from=date(2015, 10, 1),
        )
        for code, (wording, wording_es) in codes.DIAGNOSES.items()
    ]
    Code.objects.bulk_create(rows)


def publish_policies(sandbox: Plan, engine: User, *, at: datetime) -> None:
    """Publish every policy that ships: deadlines, guidelines, approval rules, letters, reasons, deciders, sandbox rules."""
    root = Path(settings.OPENUM_POLICIES)
    with audit.batch():
        publish_new(root, by=engine, at=at)
        for file in _files(root / "sandbox"):
            publish_sandbox_rule(path=file, plan=sandbox, by=engine, at=at)
        publish_sandbox_forms(root, sandbox, engine, at=at)


def publish_sandbox_forms(root: Path, sandbox: Plan, engine: User, *, at: datetime) -> None:
    """Load the sandbox's own forms, which answer for orders and adaptive forms that it does not know."""
    for file in sorted((root / "sandbox" / "forms").glob("*.json")):
        upload = read_upload([orjson.loads(file.read_bytes())])
        store_form(
            upload=upload, plan=sandbox, source="OpenUM sandbox terms", effective_from=date(2025, 1, 1), by=engine,
            at=at,
        )  # fmt: skip


def _files(folder: Path) -> Iterable[Path]:
    return sorted(folder.glob("*.yaml"))
