"""Two years of claims of some of the demo's members, loaded by the worker after the start: drawn once, by the services that people use."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from openum import jobs
from openum.accounts.models import Plan, User
from openum.directory.models import Member
from openum.jobs import handler
from openum.loading.models import ClaimsLoad
from openum.loading.rules import LoadState
from openum.loading.services import Reading, Upload, blocks, start, take_files
from openum.vocabulary.terms import Role
from samples import places

if TYPE_CHECKING:
    import pyarrow as pa

KIND = "samples.history"
MEMBERS, MONTHS, SEED = 1_500, 24, 7
TABLES = ("eligibility", "medical_claim", "pharmacy_claim", "provider")
SOURCE = "lumen-claims"
_AFTER = timedelta(seconds=15)
"""After the start, so that whoever opens the first pages does not wait for it."""
_PRODUCTS = {"commercial": ("LHC-", "KT-"), "medicare": ("LHM-",), "medicaid": ("LHD-",)}
"""Beginnings of the member numbers that each payer of the claims covers."""


def leave(*, at: datetime) -> None:
    """Leave the claims to a job, once; a world that holds loads, or has no program for claims, gets none."""
    plan = Plan.objects.filter(key=places.LUMEN).first()
    if plan is None or find_spec("ibis") is None or ClaimsLoad.objects.filter(plan=plan).exists():
        return
    jobs.enqueue(KIND, {}, run_at=at + _AFTER, dedupe_key=KIND)


@handler(KIND, outside=True)
def load_history(payload: dict[str, Any], *, at: datetime) -> None:
    """Draw the claims, give them as files and have them loaded. Broken off and run again, it goes on with the files given."""
    plan = Plan.objects.get(key=places.LUMEN)
    director = User.objects.filter(memberships__role=Role.DIRECTOR, memberships__plan=plan).order_by("pk").first()
    if director is None:
        return
    given = ClaimsLoad.objects.filter(plan=plan).order_by("pk").first()
    if given is None:
        with TemporaryDirectory(prefix="openum-history-") as folder:
            files = draw(Path(folder), plan, today=at.astimezone(ZoneInfo(plan.time_zone)).date())
            uploads = [Upload(name=file.name, chunks=blocks(file)) for file in files]
            given = take_files(plan=plan, uploads=uploads, source=SOURCE, encoding="utf-8", by=director, at=at)
    if given.source == SOURCE and given.state == LoadState.GIVEN:
        readings = {file.pk: Reading(table=file.table, mapping=file.mapping) for file in given.files.all()}
        start(load=given, readings=readings, keep_as="", by=director, at=at)


def draw(folder: Path, plan: Plan, *, today: date) -> list[Path]:
    """Write the claims of the months that ended before `today`, as far as they were paid by then, under the plan's member numbers."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from openum.analytics.generator.write import generate

    begins = date(today.year - MONTHS // 12, today.month, 1)
    generate(folder, members=MEMBERS, seed=SEED, months=MONTHS, progress=lambda *_: None, first_day=begins)
    spans = pq.read_table(folder / "eligibility.parquet")
    known = paired(list(_drawn(spans)), list(_members(plan)))
    for name in TABLES[:3]:
        table = pq.read_table(folder / f"{name}.parquet")
        if name != "eligibility":
            table = table.filter(pc.less_equal(table["paid_date"], today))
        pq.write_table(_renumbered(table, known), folder / f"{name}.parquet")
    return [folder / f"{name}.{'csv' if name == 'provider' else 'parquet'}" for name in TABLES]


def _drawn(spans: "pa.Table") -> Iterator[tuple[str, str, date, str]]:
    """Yield each person of the claims once: group, number, birth."""
    seen = set()
    for row in spans.select(["person_id", "payer", "gender", "birth_date"]).to_pylist():
        if row["person_id"] not in seen:
            seen.add(row["person_id"])
            yield row["payer"], row["gender"], row["birth_date"], row["person_id"]


def _members(plan: Plan) -> Iterator[tuple[str, str, date, str]]:
    payers = {beginning: payer for payer, beginnings in _PRODUCTS.items() for beginning in beginnings}
    rows = Member.objects.filter(plan=plan, is_provisional=False, birth_date__isnull=False).order_by("member_number")
    for number, sex, born in rows.values_list("member_number", "sex", "birth_date"):
        payer = payers.get(number.partition("-")[0] + "-")
        if payer is not None and born is not None:
            yield payer, sex, born, number


def paired(
    drawn: Sequence[tuple[str, str, date, str]], members: Sequence[tuple[str, str, date, str]]
) -> dict[str, tuple[str, date]]:
    """Give each person of the claims a member of the same payer and sex, the young to the young; some stay without one. Pure.

    Args:
        drawn: payer, sex, birth and number of the people of the claims.
        members: the same of the plan's members.
    """
    found: dict[str, tuple[str, date]] = {}
    for group in sorted({row[:2] for row in drawn}):
        theirs = sorted(row[2:] for row in drawn if row[:2] == group)
        ours = sorted(row[2:] for row in members if row[:2] == group)
        many = min(len(theirs), len(ours))
        for place in range(many):
            born, number = ours[place * len(ours) // many]
            found[theirs[place][1]] = number, born
    return found


def _renumbered(table: "pa.Table", known: dict[str, tuple[str, date]]) -> "pa.Table":
    """Return the rows of the people who have a member, under the member's number and birth."""
    import pyarrow as pa
    import pyarrow.compute as pc

    people = sorted(known)
    place = pc.index_in(table["person_id"].cast(pa.string()), value_set=pa.array(people))
    table, place = table.filter(pc.is_valid(place)), pc.drop_null(place)
    numbers = pa.array([known[person][0] for person in people]).take(place.combine_chunks())
    for name in {"person_id", "member_id", "subscriber_id"} & set(table.column_names):
        table = table.set_column(table.column_names.index(name), name, numbers)
    if "birth_date" in table.column_names:
        births = pa.array([known[person][1] for person in people], pa.date32()).take(place.combine_chunks())
        table = table.set_column(table.column_names.index("birth_date"), "birth_date", births)
    return table
