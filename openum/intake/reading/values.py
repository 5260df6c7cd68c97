"""What each field may hold: how its text is put right, and whether it then has the right form. Pure."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from openum.vocabulary.identifiers import npi_is_valid

Judged = tuple[str, bool]
"""The value in the form the request needs, and whether its form is right."""

Judge = Callable[[str], Judged]

_AS_DIGIT: Final = str.maketrans("OoQDIl|iSsBZzG", "00001111558226")
_AS_LETTER: Final = str.maketrans("015826", "OISBZG")
_IN_A_NAME: Final = str.maketrans("0158", "OlSB")
_MONTHS: Final = {
    name: number
    for names in ("jan feb mar apr may jun jul aug sep oct nov dec", "ene feb mar abr may jun jul ago sep oct nov dic")
    for number, name in enumerate(names.split(), 1)
}
_NAMED_DAY: Final = re.compile(
    r"(?:(\d{1,2}) ?(?:de )?([A-Za-z]{3})[a-z]*|([A-Za-z]{3})[a-z]* ?(\d{1,2}))(?: de)?,? ?(\d{4})"
)
_MONTH_FIRST: Final = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")
_DAY_FIRST: Final = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y")


def name(text: str) -> Judged:
    """Return a name without what recognition adds at its ends."""
    text = re.sub(r"[0158](?=[A-Za-z'])|(?<=[A-Za-z'])[0158]", lambda found: found[0].translate(_IN_A_NAME), text)
    straight = re.sub(r"(?<=[A-Za-z]{3})'(?=[A-Z])", " ", text.replace("\u2019", "'"))  # a speck, unlike O'Dell
    value = re.sub(r"\s+", " ", straight.strip(" .,:;_-|'"))
    return value, bool(value) and not any(letter.isdigit() for letter in value)


def number_of_member(text: str) -> Judged:
    """Return a member number: capitals, digits and hyphens."""
    value = re.sub(r"[\s,._|:;]", "", text).upper().strip("-")
    return value, bool(re.fullmatch(r"[A-Z0-9][A-Z0-9-]{2,29}", value)) and any(letter.isdigit() for letter in value)


def provider_number(text: str) -> Judged:
    """Return an NPI; its check digit says whether it was read rightly (45 CFR 162.406)."""
    value = re.sub(r"[\s.\-_|]", "", text).translate(_AS_DIGIT)
    return value, bool(re.fullmatch(r"\d{10}", value)) and npi_is_valid(value)


def phone(text: str) -> Judged:
    """Return a phone or fax number as typed, digits put right."""
    value = re.sub(r"\s+", " ", text.strip(" .,:;_|")).translate(_AS_DIGIT)
    return value, 7 <= sum(letter.isdigit() for letter in value) <= 15


def day(text: str) -> Judged:
    """Return a day as year-month-day. English forms write month first, as 02/28/2030, or 28 Feb 2030, or ISO."""
    return _day(text, first=_MONTH_FIRST, other=_DAY_FIRST)


def day_written_first(text: str) -> Judged:
    """Return a day of a Spanish form, day first: 28/02/2030. 03/07/2030, which may be either, is for a person to look at."""
    value, is_right = _day(text, first=_DAY_FIRST, other=_MONTH_FIRST)
    return value, is_right and day(text)[0] == value


def _day(text: str, *, first: Sequence[str], other: Sequence[str]) -> Judged:
    """Return a day as year-month-day; one that has only the order of other forms is right in no case."""
    plain = re.sub(r"\s+", " ", text.strip(" .,:;_|"))
    digits = re.sub(r"\s*([/.\-])\s*", r"\1", plain).translate(_AS_DIGIT).replace(".", "/")
    for pattern in ("%Y-%m-%d", *first, *other):
        try:
            found = datetime.strptime(digits, pattern)  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return found.date().isoformat(), pattern not in other
    named = _NAMED_DAY.fullmatch(plain)
    if named:
        month = _MONTHS.get((named[2] or named[3]).lower())
        if month:
            try:
                return datetime(int(named[5]), month, int(named[1] or named[4])).date().isoformat(), True  # noqa: DTZ001
            except ValueError:
                pass
    return plain, False


def diagnosis(text: str) -> Judged:
    """Return an ICD-10-CM code with its point: a letter, a digit, then letters or digits."""
    value = re.sub(r"[\s_|,]", "", text).upper().strip(".:;-")
    value = value.replace(".", "")
    if len(value) < 3:
        return value, False
    value = value[0].translate(_AS_LETTER) + value[1].translate(_AS_DIGIT) + value[2:]
    value = value if len(value) == 3 else f"{value[:3]}.{value[3:].replace('O', '0')}"
    return value, bool(re.fullmatch(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?", value))


def service(text: str) -> Judged:
    """Return a procedure code: five digits, or HCPCS: a letter and four digits (or four digits and a letter)."""
    value = re.sub(r"[\s_|.,:;\-]", "", text).upper()
    if len(value) == 5:
        first = value[0] if value[0] in "ABCDEGHJKLMPQRSTUV" else value[0].translate(_AS_DIGIT)
        last = value[4] if value[4] in "FTU" else value[4].translate(_AS_DIGIT)
        value = first + value[1:4].translate(_AS_DIGIT) + last
    return value, bool(re.fullmatch(r"\d{5}|[A-Z]\d{4}|\d{4}[FTU]", value))


def modifier(text: str) -> Judged:
    """Return the modifiers of a service, two characters each."""
    value = " ".join(re.findall(r"[A-Z0-9]{2}", text.upper()))
    return value, bool(value)


def units(text: str) -> Judged:
    """Return how many units are asked for."""
    found = re.match(r"[\s.,_|]*([0-9OolIi|]{1,4})\b", text)
    value = found[1].translate(_AS_DIGIT) if found else text.strip()
    return value, value.isdigit() and int(value) > 0


JUDGES: Final[dict[str, Judge]] = {
    "member_number": number_of_member, "family_name": name, "given_name": name, "birth_date": day,
    "ordering_npi": provider_number, "ordering_name": name, "ordering_phone": phone, "ordering_fax": phone,
    "facility_npi": provider_number, "facility_name": name, "diagnosis1": diagnosis, "diagnosis2": diagnosis,
    "line1-code": service, "line1-modifiers": modifier, "line1-units": units, "line1-first_day": day,
    "line1-last_day": day,
}  # fmt: skip
"""How each field is judged. The keys are those of the request's forms (`submission/forms.py`)."""

JUDGES_OF_SPANISH_FORMS: Final = JUDGES | dict.fromkeys(
    ("birth_date", "line1-first_day", "line1-last_day"), day_written_first
)
"""The same for a form whose labels are Spanish."""
