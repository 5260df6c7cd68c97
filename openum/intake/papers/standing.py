"""How the fields of a paper stand: what was read, what a person said, and what still asks for a look."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.intake.models import FieldReading, Paper
from openum.intake.reading.fields import SURE
from openum.intake.reading.values import JUDGES
from openum.submission.composing import CPT

HCPCS: Final = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"

FIELDS: Final[dict[str, str | Promise]] = {
    "member_number": _("Member number"),
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "birth_date": _("Date of birth"),
    "line1-code": _("Service code"),
    "line1-modifiers": _("Modifiers"),
    "line1-units": _("How many"),
    "line1-first_day": _("First day"),
    "line1-last_day": _("Last day"),
    "diagnosis1": _("Main diagnosis, ICD-10 code"),
    "diagnosis2": _("Second diagnosis"),
    "ordering_npi": _("NPI of the ordering clinician"),
    "ordering_name": _("Name of the ordering clinician"),
    "ordering_phone": _("Phone for questions and for a talk between doctors"),
    "facility_npi": _("NPI of the place"),
    "facility_name": _("Name of the place"),
    "place": _("Kind of place"),
    "urgency": _("How fast is an answer needed?"),
    "attested_by": _("Clinician who states that waiting could seriously harm"),
    "message": _("Anything the reviewer should know"),
}
"""The fields of a request in the order of entering, by the keys of its forms (`submission/forms.py`)."""

OPTIONAL: Final = frozenset(
    {"given_name", "line1-modifiers", "line1-last_day", "diagnosis2", "ordering_name", "ordering_phone", "facility_npi", "facility_name",
     "place", "attested_by", "message", "line1-first_day"}
)  # fmt: skip
DAYS: Final = frozenset({"birth_date", "line1-first_day", "line1-last_day"})
CHOICES: Final = frozenset({"place", "urgency"})


@dataclass(frozen=True)
class FieldStanding:
    """One field as the desk shows it."""

    key: str
    label: str | Promise
    value: str
    reading: FieldReading | None
    is_said: bool
    """A person typed or accepted it."""

    @property
    def is_uncertain(self) -> bool:
        """It was read with doubt and nobody has looked at it yet."""
        return self.reading is not None and not self.is_settled and self.reading.confidence < SURE

    @property
    def is_settled(self) -> bool:
        """A person kept or changed what was read, or typed it where nothing was read."""
        return bool(self.reading.settled) if self.reading is not None else self.is_said and bool(self.value)

    @property
    def is_missing(self) -> bool:
        """A request cannot do without it, and it is empty."""
        return not self.value and self.key not in OPTIONAL

    @property
    def wants_a_look(self) -> bool:
        """The next stop of the Tab key."""
        return self.is_uncertain or self.is_missing

    @property
    def percent(self) -> int:
        """How sure the reader was, in percent."""
        return round(self.reading.confidence * 100) if self.reading else 0

    @property
    def is_well_formed(self) -> bool:
        """The value has the form its field needs; fields without a form always have."""
        judge = JUDGES.get(self.key)
        return judge is None or not self.value or judge(self.value)[1]


def standing_of(paper: Paper, readings: Mapping[str, FieldReading]) -> list[FieldStanding]:
    """Return every field in the order of entering."""
    found = []
    for key, label in FIELDS.items():
        reading, said = readings.get(key), key in paper.fields
        read = reading.value if reading is not None else ("standard" if key == "urgency" else "")
        found.append(FieldStanding(key, label, str(paper.fields[key]) if said else read, reading, said))
    return found


def system_of(code: str) -> str:
    """Return the code list a service code belongs to by its form: a letter first is HCPCS level II, else CPT."""
    return HCPCS if code[:1].isalpha() else CPT


def request_fields(fields: list[FieldStanding]) -> dict[str, str]:
    """Return the values by the keys of the request's forms, as the one door composes them."""
    values = {one.key: one.value for one in fields}
    return {
        **values, "line_count": "1", "attested": "on" if values.get("attested_by") else "",
        "line1-code_system": system_of(values.get("line1-code", "")),
    }  # fmt: skip
