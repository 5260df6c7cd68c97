"""How the fields of a paper stand: what was read, what a person said, and what still asks for a look."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.intake.models import FieldReading, Paper
from openum.intake.reading.fields import SURE
from openum.intake.reading.values import JUDGES
from openum.submission.composing import CPT, MAX_LINES

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

OF_SERVICE: Final = tuple(key for key in FIELDS if key.startswith("line1-"))
"""The fields that each service of a paper has; those of the second begin with `line2-`, and so on."""
SERVICES: Final = "services"
"""Under which key a paper keeps the numbers of its services once a person added one or took one away."""
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
    service: int
    """Number of the service it belongs to, as the fields call it; 0 when it is of the whole request."""
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
        return not self.value and first_of_its_kind(self.key) not in OPTIONAL

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
        judge = JUDGES.get(first_of_its_kind(self.key))
        return judge is None or not self.value or judge(self.value)[1]


def first_of_its_kind(key: str) -> str:
    """Return the key of the same field of the first service; any other key as it is."""
    return re.sub(r"^line\d-", "line1-", key)


def is_field(key: str) -> bool:
    """Say whether a request made of a paper has such a field."""
    numbered = re.match(r"line(\d)-", key)
    return first_of_its_kind(key) in FIELDS and (numbered is None or 1 <= int(numbered[1]) <= MAX_LINES)


def services_of(paper: Paper, readings: Mapping[str, FieldReading]) -> list[int]:
    """Return the numbers of a paper's services: as a person left them, else the first and those whose codes were read."""
    if SERVICES in paper.fields:
        return sorted({int(number) for number in str(paper.fields[SERVICES]).split()})
    return [1, *(number for number in range(2, MAX_LINES + 1) if f"line{number}-code" in readings)]


def standing_of(paper: Paper, readings: Mapping[str, FieldReading]) -> list[FieldStanding]:
    """Return every field in the order of entering, those of each service after one another."""
    services = services_of(paper, readings)
    keys = {key: (label, 0) for key, label in FIELDS.items()}
    for key in OF_SERVICE:
        del keys[key]
    order = list(FIELDS)
    head = order[: order.index(OF_SERVICE[0])]
    of_services = {
        key.replace("line1-", f"line{number}-"): (FIELDS[key], number) for number in services for key in OF_SERVICE
    }
    in_order = {key: keys[key] for key in head} | of_services | keys
    found = []
    for key, (label, service) in in_order.items():
        reading, said = readings.get(key), key in paper.fields
        read = reading.value if reading is not None else ("standard" if key == "urgency" else "")
        found.append(FieldStanding(key, label, service, str(paper.fields[key]) if said else read, reading, said))
    return found


def system_of(code: str) -> str:
    """Return the code list a service code belongs to by its form: a letter first is HCPCS level II, else CPT."""
    return HCPCS if code[:1].isalpha() else CPT


def request_fields(fields: Sequence[FieldStanding]) -> dict[str, str]:
    """Return the values by the keys of the request's forms, as the one door composes them; services numbered through."""
    places = {number: place for place, number in enumerate(sorted({one.service for one in fields if one.service}), 1)}
    values = {
        re.sub(r"^line\d-", f"line{places.get(one.service, 1)}-", one.key) if one.service else one.key: one.value
        for one in fields
    }
    systems = {f"line{place}-code_system": system_of(values[f"line{place}-code"]) for place in places.values()}
    return {
        **values, **systems, "line_count": str(len(places)), "attested": "on" if values.get("attested_by") else "",
    }  # fmt: skip


def codes_of(values: Mapping[str, str]) -> dict[int, str]:
    """Return the service codes among the values of a request's forms, by the numbers of the services."""
    codes = {number: values.get(f"line{number}-code", "") for number in range(1, MAX_LINES + 1)}
    return {number: code for number, code in codes.items() if code}
