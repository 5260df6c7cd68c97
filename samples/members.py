"""Ten thousand members with their spans of coverage. The named ones keep their numbers."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from openum.accounts.models import Plan
from openum.directory.models import Coverage, Member, Product
from samples import named, names
from samples.places import Places

SHARES: tuple[tuple[str, str, int, float, tuple[int, int]], ...] = (
    # product, prefix, first number, share of all members, ages
    ("medicare-advantage", "LHM-", 1_000_001, 0.36, (65, 96)),
    ("commercial-ppo", "LHC-", 2_000_001, 0.30, (0, 64)),
    ("kestrel-tools", "KT-", 3_000_001, 0.18, (0, 64)),
    ("medicaid", "LHD-", 4_000_001, 0.16, (0, 64)),
)
_NAMED = {member.number: member for member in named.MEMBERS}
_FAMILY_PLANS = {"commercial-ppo", "kestrel-tools"}


@dataclass(frozen=True)
class Person:
    """One member before the row exists."""

    number: str
    product: str
    given: str
    family: str
    born: date
    sex: str
    language: str
    subscriber: str
    relationship: str
    covered_from: date
    covered_to: date | None
    address: str
    phone: str
    notice_format: str

    @property
    def is_named(self) -> bool:
        """Whether scenarios call the person by name; such people take no part in drawn plots."""
        return self.number in _NAMED


def people(rng: Random, *, size: int, today: date) -> list[Person]:
    """Return the members, drawn from the seed. Pure."""
    found: list[Person] = []
    for product, prefix, first, share, ages in SHARES:
        subscriber: Person | None = None
        last_named = max(
            (int(number.rpartition("-")[2]) for number in _NAMED if number.startswith(prefix)), default=first
        )
        for offset in range(max(round(size * share), last_named - first + 1)):
            number = f"{prefix}{first + offset}"
            depends = product in _FAMILY_PLANS and subscriber is not None and rng.random() < 0.45
            person = _person(rng, number, product, ages, subscriber if depends else None, today)
            found.append(person)
            if person.relationship == "self":
                subscriber = person
    return found


def _person(
    rng: Random, number: str, product: str, ages: tuple[int, int], subscriber: Person | None, today: date
) -> Person:
    given, sex = rng.choice(names.GIVEN)
    family = subscriber.family if subscriber and rng.random() < 0.9 else rng.choice(names.FAMILY)
    low, high = (
        (0, 26)
        if subscriber and rng.random() < 0.6
        else (max(ages[0], 19) if product in _FAMILY_PLANS else ages[0], ages[1])
    )
    born = today - timedelta(days=rng.randint(low * 365 + 200, high * 365 + 300))
    language = "es" if rng.random() < 0.12 else "en"
    since = date(today.year - rng.randint(1, 6), rng.choice((1, 1, 1, 4, 7, 9)), 1)
    left = today - timedelta(days=rng.randint(20, 300)) if rng.random() < 0.05 else None
    street, town = rng.choice(names.STREETS), rng.choice(names.TOWNS)
    known = _NAMED.get(number)
    if known is not None:
        given, family, born, sex, language = known.given, known.family, known.born, known.sex, known.language
        since, left, subscriber = known.covered_from, None, None
    return Person(
        number=number,
        product=product,
        given=given,
        family=family,
        born=born,
        sex=sex,
        language=language,
        subscriber=subscriber.number if subscriber else number,
        relationship=("child" if (today - born).days < 26 * 365 else "spouse") if subscriber else "self",
        covered_from=since,
        covered_to=left,
        address=f"{rng.randint(1, 240)} {street}\n{town}, EX {rng.randint(100, 139):05d}",
        phone=f"1-555-{rng.randint(1000, 9999)}",
        notice_format="electronic"
        if known
        else rng.choices(("electronic", "print", "large_print"), (0.9, 0.08, 0.02))[0],
    )


def build(found: list[Person], places: Places) -> dict[str, Member]:
    """Write the members and their coverage; return the rows by number."""
    plan: Plan = places.plan
    products: dict[str, Product] = places.products
    rows = Member.objects.bulk_create(
        [
            Member(
                plan=plan, member_number=person.number, family_name=person.family, given_name=person.given,
                birth_date=person.born, sex=person.sex, language=person.language, notice_format=person.notice_format,
                address=person.address, phone=person.phone,
            )
            for person in found
        ],
        batch_size=700,
    )  # fmt: skip
    spans: list[Coverage] = []
    for row, person in zip(rows, found, strict=True):
        spans.extend(_spans(row, person, products[person.product]))
    Coverage.objects.bulk_create(spans, batch_size=900)
    return {row.member_number: row for row in rows}


def _spans(row: Member, person: Person, product: Product) -> list[Coverage]:
    """One span, or two where the year changed the group number."""
    known = datetime(person.covered_from.year, 1, 1, tzinfo=UTC)
    renewed = date(person.covered_from.year + 2, 1, 1)
    group = "KESTREL-01" if person.product == "kestrel-tools" else ""
    last = person.covered_to
    if group and (last is None or last > renewed):
        parts = [(person.covered_from, renewed, "KESTREL-00"), (renewed, last, group)]
    else:
        parts = [(person.covered_from, last, group)]
    return [
        Coverage(
            member=row, product=product, subscriber_number=person.subscriber, relationship=person.relationship,
            group_number=number, valid_from=start, valid_to=end, recorded_from=known,
        )
        for start, end, number in parts
        if end is None or end >= start
    ]  # fmt: skip
