"""The people whose care was coordinated, from a file: `person_id`, `start_date`, and perhaps `data_source` and `programme`."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openum.analytics.value.plan import CohortInvalid, PeopleUnknown

NEEDED = ("person_id", "start_date")
FORMS = ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Coordinated:
    """One person's coordination; `row` is the line of the file."""

    row: int
    person: str
    source: str
    start: date
    programme: str

    @property
    def month(self) -> int:
        """The month of the start, in months from the year 0."""
        return self.start.year * 12 + self.start.month - 1

    @property
    def first_after(self) -> int:
        """The first whole month from the start on."""
        return self.month + (self.start.day > 1)


@dataclass(frozen=True)
class Cohort:
    """Who was coordinated, each person once with their earliest start; `repeated` rows name somebody again."""

    people: tuple[Coordinated, ...]
    repeated: int

    @property
    def programmes(self) -> list[str]:
        """The programmes named, in order."""
        return sorted({each.programme for each in self.people if each.programme})


def read_cohort(file: Path) -> Cohort:
    """Return the people of a CSV or Parquet file.

    Raises:
        CohortInvalid: it is not there, lacks a column, names nobody, or a row has no person or no date.
    """
    rows = _rows(file)
    if not rows:
        raise CohortInvalid(f"{file} names nobody. Write one row for each coordinated person below the header.")
    heads = {name.strip().lower(): name for name in rows[0] if name}
    missing = [name for name in NEEDED if name not in heads]
    if missing:
        raise CohortInvalid(
            f"{file} has no column {', '.join(missing)}. The first row must name person_id and start_date, and may name "
            "data_source and programme."
        )
    wrong: list[int] = []
    found: list[Coordinated] = []
    for number, row in enumerate(rows, start=2):
        given = {name: str(row.get(head) or "").strip() for name, head in heads.items()}
        start = _day(given["start_date"])
        if start is None or not given["person_id"]:
            wrong.append(number)
            continue
        found.append(
            Coordinated(number, given["person_id"], given.get("data_source", ""), start, given.get("programme", ""))
        )
    if wrong:
        raise CohortInvalid(
            f"{file}: {_listed(wrong)} without a person_id or a start_date that can be read. Write the date as YYYY-MM-DD."
        )
    earliest: dict[str, Coordinated] = {}
    for each in sorted(found, key=lambda one: (one.start, one.row)):
        earliest.setdefault(each.person, each)
    people = tuple(sorted(earliest.values(), key=lambda one: one.row))
    return Cohort(people, repeated=len(found) - len(people))


def check_known(cohort: Cohort, known: set[tuple[str, str]], file: Path) -> None:
    """Refuse people whom the enrolment does not name.

    Args:
        cohort: who was coordinated.
        known: person and data source of every enrolment.
        file: the file they came from.

    Raises:
        PeopleUnknown: naming rows, not people.
    """
    persons = {person for person, _ in known}
    strange = [
        each.row
        for each in cohort.people
        if ((each.person, each.source) not in known if each.source else each.person not in persons)
    ]
    if strange:
        raise PeopleUnknown(
            f"{file}: {_listed(strange)} with a person_id that no enrolment has (in the data source that is named). Use the "
            "person_id of the claims, with its leading zeros, or take the rows out."
        )


def _rows(file: Path) -> list[dict[str, object]]:
    if not file.is_file():
        raise CohortInvalid(f"There is no file {file}. Give a CSV or Parquet file of the coordinated people.")
    if file.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet

        try:
            return list(pyarrow.parquet.read_table(file).to_pylist())
        except (pa.ArrowException, OSError) as error:
            raise CohortInvalid(f"{file} cannot be read as Parquet. Write it again, or give it as CSV.") from error
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CohortInvalid(f"{file} cannot be read as CSV in UTF-8. Save it so.") from error


def _day(text: str) -> date | None:
    for form in FORMS:
        try:
            return datetime.strptime(text[:10], form).date()  # noqa: DTZ007 - a calendar day
        except ValueError:
            continue
    return None


def _listed(rows: Sequence[int]) -> str:
    named = ", ".join(str(row) for row in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {named}{more}"
