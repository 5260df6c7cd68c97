"""Which services the law protects specially, and who is a minor. Pure; the list is policies/notices/sensitive.yaml."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from openum.vocabulary.packs import read_yaml

KIND: Final = "sensitive-services"
"""Kind of the published list."""

MINOR: Final = "minor"
"""Why a case is protected whose member is not yet an adult."""


@dataclass(frozen=True, kw_only=True)
class SensitiveRow:
    """One group of services, by the first characters of diagnoses and service codes, dots left out."""

    key: str
    title: str
    diagnoses: tuple[str, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sensitive:
    """The published list of services that only the member hears of, and from which age a member is an adult."""

    adult_from_years: int
    rows: tuple[SensitiveRow, ...]

    @classmethod
    def parse(cls, body: str) -> "Sensitive":
        """Read the policy file."""
        raw = read_yaml(body)
        return cls(
            adult_from_years=int(raw["adult_from_years"]),
            rows=tuple(
                SensitiveRow(
                    key=row["key"], title=row["title"], diagnoses=tuple(map(str, row["diagnoses"])),
                    services=tuple(map(str, row["services"])),
                )
                for row in raw["rows"]
            ),
        )  # fmt: skip

    def group_of(self, *, code: str, diagnoses: Collection[str]) -> str:
        """Return the key of the group a line belongs to; empty when it is not sensitive."""
        plain = [each.replace(".", "").upper() for each in diagnoses]
        for row in self.rows:
            if code.upper().startswith(row.services or ("\0",)):
                return row.key
            if any(each.startswith(row.diagnoses) for each in plain if row.diagnoses):
                return row.key
        return ""


NONE_LISTED: Final = Sensitive(adult_from_years=18, rows=())


def is_minor(birth_date: date | None, *, on: date, adult_from_years: int) -> bool:
    """Say whether a person is not yet an adult on a day; with an unknown day of birth the person is one."""
    if birth_date is None:
        return False
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    return years < adult_from_years
