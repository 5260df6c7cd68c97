"""From the words of a page to the fields of a request: find the label, then the value beside it or below it. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from openum.intake.reading.values import JUDGES, JUDGES_OF_SPANISH_FORMS, Judge
from openum.intake.reading.words import FieldRead, Word

WHOLE_NAME: Final = "member_name"
_URGENT: Final = "urgency"
LABELS: Final[dict[str, tuple[str, ...]]] = {
    "member_number": ("member id", "member number", "member no", "subscriber id", "insurance id", "patient id", "id number"),
    WHOLE_NAME: ("member name last first", "patient name last first", "member name", "patient name", "name of patient"),
    "family_name": ("last name", "family name", "surname"),
    "given_name": ("first name", "given name"),
    "birth_date": ("date of birth", "birth date", "dob", "born"),
    "ordering_npi": (
        "ordering provider npi", "requesting provider npi", "provider npi", "ordering npi", "requesting npi", "npi",
    ),
    "ordering_name": (
        "ordering provider name", "requesting provider name", "ordering provider", "requesting provider",
        "ordering clinician", "physician name",
    ),
    "ordering_phone": ("provider phone", "office phone", "phone number", "telephone", "phone", "tel"),
    "ordering_fax": ("provider fax", "office fax", "fax number", "fax"),
    "facility_npi": ("facility npi", "servicing npi", "place of service npi", "servicing facility npi"),
    "facility_name": ("facility name", "servicing facility", "place of service name", "facility"),
    "diagnosis1": ("primary diagnosis icd 10", "diagnosis code icd 10", "primary diagnosis", "diagnosis code", "icd 10", "diagnosis"),
    "diagnosis2": ("secondary diagnosis icd 10", "secondary diagnosis", "other diagnosis", "second diagnosis"),
    "line1-code": ("procedure code cpt hcpcs", "cpt hcpcs code", "procedure code", "service code", "cpt code", "cpt hcpcs"),
    "line1-modifiers": ("modifiers", "modifier"),
    "line1-units": ("units requested", "number of units", "units", "quantity", "visits requested"),
    "line1-first_day": ("start date of service", "start date", "date of service from", "service date from", "date of service", "from date"),
    "line1-last_day": ("end date of service", "end date", "date of service to", "service date to", "to date", "through"),
    _URGENT: ("type of request", "review type", "urgency"),
}  # fmt: skip
"""The words by which forms name a field, the longest first."""

SPANISH_LABELS: Final[dict[str, tuple[str, ...]]] = {
    "member_number": ("numero de miembro", "numero de afiliado", "numero de asegurado", "id del miembro", "id del afiliado"),
    WHOLE_NAME: (
        "nombre del paciente apellidos nombre", "nombre del paciente", "nombre de la paciente", "nombre del miembro", "paciente",
    ),
    "family_name": ("apellidos", "apellido"),
    "given_name": ("nombre de pila", "nombres"),
    "birth_date": ("fecha de nacimiento", "nacimiento"),
    "ordering_npi": ("npi del medico solicitante", "npi del solicitante", "npi del medico", "npi del proveedor"),
    "ordering_name": ("medico solicitante", "nombre del medico", "proveedor solicitante", "medico que ordena"),
    "ordering_phone": ("telefono del consultorio", "telefono de la clinica", "telefono"),
    "ordering_fax": ("fax de la clinica", "numero de fax"),
    "facility_npi": ("npi del centro", "npi de la clinica", "npi del suministrador"),
    "facility_name": ("nombre del centro", "centro", "clinica", "suministrador"),
    "diagnosis1": ("diagnostico principal cie 10", "diagnostico principal", "codigo de diagnostico", "diagnostico"),
    "diagnosis2": ("diagnostico secundario cie 10", "diagnostico secundario", "otro diagnostico"),
    "line1-code": ("codigo del servicio", "codigo de procedimiento", "codigo hcpcs", "codigo cpt hcpcs"),
    "line1-modifiers": ("modificadores", "modificador"),
    "line1-units": ("unidades solicitadas", "unidades", "cantidad"),
    "line1-first_day": ("fecha de inicio", "fecha del servicio desde", "desde"),
    "line1-last_day": ("fecha final", "fecha de fin", "fecha del servicio hasta", "hasta"),
    _URGENT: ("tipo de solicitud", "urgencia"),
}  # fmt: skip
"""The same of Spanish forms, without accents. Their days are written day first, and people have two family names."""

_ORDERED: Final = sorted(
    (
        (label, key, is_spanish)
        for is_spanish, labels in ((False, LABELS), (True, SPANISH_LABELS))
        for key, names in labels.items()
        for label in names
    ),
    key=lambda each: -len(each[0]),
)
_LIKE: Final = 0.86
_BESIDE_AT_MOST: Final = 0.42
_BELOW_AT_MOST: Final = 3.2
_WRONG_FORM: Final = 0.45
_ROWS_APART_AT_MOST: Final = 4.5
MOST_SERVICES: Final = 6
"""Services of one request that are told apart; what stands further down is typed."""
_FIRST_SERVICE: Final = "line1-"
_CODE: Final = "line1-code"
SURE: Final = 0.9
"""From this confidence on a value is shown as sure; below it a person is led to it."""


@dataclass(frozen=True, slots=True)
class _Label:
    key: str
    word: Word
    rest: str
    is_spanish: bool


@dataclass(frozen=True, slots=True)
class _Pair:
    """A label with the value found for it, as a field."""

    label: _Label
    found: Word
    field: FieldRead

    @property
    def is_column(self) -> bool:
        """The value stands below its label, as in a table."""
        return not _in_one_row(self.found, self.label.word)

    @property
    def is_well_formed(self) -> bool:
        """The value has the form of its field."""
        return JUDGES[self.field.key](self.field.value)[1]


def read_fields(words: Sequence[Word]) -> list[FieldRead]:
    """Return the fields found on one page, each once: the value of the surest of its labels.

    Several services are told apart by their codes: labels that come again, or the rows of a table (`line2-code`, ...).
    """
    words = [word for word in words if any(letter.isalnum() for letter in word.text)]
    labels = [label for word in words if (label := _label_of(word)) is not None]
    of_labels = {id(label.word) for label in labels}
    taken: set[int] = set()
    pairs: list[_Pair] = []
    for label in sorted(labels, key=lambda each: (each.word.middle, each.word.box[0])):
        found = _value_of(label, words, of_labels, taken)
        if found is not None:
            pairs += (_Pair(label, found, field) for field in _fields(label, found))
    of_services = [pair for pair in pairs if pair.field.key.startswith(_FIRST_SERVICE)]
    rows = _rows_below(of_services, [word for word in words if id(word) not in of_labels])
    return _surest([pair.field for pair in pairs if pair not in of_services] + _services(of_services, rows))


def _surest(fields: Iterable[FieldRead]) -> list[FieldRead]:
    best: dict[str, FieldRead] = {}
    for field in fields:
        known = best.get(field.key)
        if known is None or known.confidence < field.confidence:
            best[field.key] = field
    return list(best.values())


def _services(pairs: Sequence[_Pair], rows: Sequence[Sequence[FieldRead]]) -> list[FieldRead]:
    """Return the fields of each service: what stands at or after its code belongs to it, what stands before, to the first."""
    heads: list[_Pair] = []
    for pair in pairs:
        if (
            pair.field.key == _CODE
            and pair.is_well_formed
            and pair.field.value not in {one.field.value for one in heads}
        ):
            heads.append(pair)
    found: list[FieldRead] = []
    for pair in pairs:
        before = [
            number
            for number, head in enumerate(heads)
            if head.field.value == pair.field.value
            or (pair.field.key != _CODE and _begins_by(head.label.word, pair.label.word))
        ]
        found.append(_of_service(pair.field, max(before, default=0) + 1))
    for number, row in enumerate(rows, len(heads) + 1):
        found += (_of_service(field, number) for field in row)
    return [field for field in found if int(field.key[4]) <= MOST_SERVICES]


def _of_service(field: FieldRead, number: int) -> FieldRead:
    return replace(field, key=field.key.replace(_FIRST_SERVICE, f"line{min(number, MOST_SERVICES + 1)}-"))


def _rows_below(pairs: Sequence[_Pair], values: Sequence[Word]) -> list[list[FieldRead]]:
    """Return the further rows of a table of services whose first row the labels above it gave."""
    head = next((pair for pair in pairs if pair.field.key == _CODE and pair.is_column and pair.is_well_formed), None)
    if head is None:
        return []
    columns = [pair for pair in pairs if pair.is_column and _in_one_row(pair.label.word, head.label.word)]
    rows, last = list[list[FieldRead]](), head.found
    while (code := _next_in_column(last, values)) is not None:
        judges = JUDGES_OF_SPANISH_FORMS if head.label.is_spanish else JUDGES
        if not judges[_CODE](code.text)[1]:
            break
        row = [_judged(judges[_CODE], _CODE, code.text, code)]
        for column in columns:
            cell = next((word for word in values if _in_one_row(word, code) and _in_column(word, column.found)), None)
            if cell is not None and column is not head:
                row.append(_judged(judges[column.field.key], column.field.key, cell.text, cell))
        rows.append(row)
        last = code
    return rows


def _next_in_column(above: Word, values: Sequence[Word]) -> Word | None:
    near = [
        word
        for word in values
        if _in_column(word, above)
        and 0 < word.middle - above.middle <= _ROWS_APART_AT_MOST * above.height
        and not _in_one_row(word, above)
    ]
    return min(near, key=lambda word: word.middle, default=None)


def _in_column(word: Word, other: Word) -> bool:
    return word.box[0] < other.box[2] and other.box[0] < word.box[2]


def _in_one_row(word: Word, other: Word) -> bool:
    return abs(word.middle - other.middle) <= 0.6 * max(word.height, other.height)


def _begins_by(head: Word, word: Word) -> bool:
    """Say whether a piece of text stands in the row of a head or below it."""
    return word.middle >= head.middle or _in_one_row(word, head)


def plain(text: str) -> str:
    """Return text as labels are compared: small letters without accents and digits, with single spaces."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(letter)
    )
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def _label_of(word: Word) -> _Label | None:
    """Return the label a piece of text is, or begins with, and what stands after it."""
    head, colon, tail = word.text.partition(":")
    said = plain(head)
    if not said or len(said) > 48:
        return None
    likeness, key, is_spanish = max((_likeness(said, label), key, is_spanish) for label, key, is_spanish in _ORDERED)
    if likeness >= _LIKE:
        return _Label(key, word, tail.strip() if colon else "", is_spanish)
    return None if colon else _glued(word, said)


def _likeness(said: str, label: str) -> float:
    """Return how like a label a text is; recognition drops spaces, and mistakes a letter here and there."""
    plain_said, plain_label = said.replace(" ", ""), label.replace(" ", "")
    if plain_said == plain_label:
        return 1.0
    likeness = SequenceMatcher(None, plain_said, plain_label)
    if len(plain_label) <= 3 or likeness.real_quick_ratio() < _LIKE or likeness.quick_ratio() < _LIKE:
        return 0.0
    return likeness.ratio()


def _glued(word: Word, said: str) -> _Label | None:
    """Return the label of a piece in which recognition lost the colon, such as "Member ID C-1234"."""
    for label, key, is_spanish in _ORDERED:
        if len(label) > 5 and said.startswith(f"{label} ") and re.search(r"\d", said[len(label) :]):
            pieces = len(label.split())
            found = re.match(rf"(?:[\W_]*[^\W_]+){{{pieces}}}[\W_]*", word.text)
            return _Label(key, word, word.text[found.end() :], is_spanish) if found else None
    return None


def _value_of(label: _Label, words: Sequence[Word], of_labels: set[int], taken: set[int]) -> Word | None:
    if any(letter.isalnum() for letter in label.rest):
        left, top, right, bottom = label.word.box
        share = 1 - len(label.rest) / max(len(label.word.text), 1)
        return Word(label.rest, label.word.confidence, (left + (right - left) * share, top, right, bottom))
    beside = _beside(label.word, words)
    if beside is not None and id(beside) in of_labels:
        beside = None
    found = beside or _below(label.word, words)
    if found is None or id(found) in of_labels or id(found) in taken:
        return None
    taken.add(id(found))
    return found


def _beside(label: Word, words: Iterable[Word]) -> Word | None:
    """Return the nearest piece to the right in the same row."""
    near = [
        word
        for word in words
        if word is not label
        and word.box[0] >= label.box[2] - 0.01
        and word.box[0] - label.box[2] <= _BESIDE_AT_MOST
        and _in_one_row(word, label)
    ]
    return min(near, key=lambda word: word.box[0], default=None)


def _below(label: Word, words: Iterable[Word]) -> Word | None:
    """Return the nearest piece under a label whose left edges agree."""
    near = [
        word
        for word in words
        if word is not label
        and word.box[1] >= label.middle
        and word.box[1] - label.box[3] <= _BELOW_AT_MOST * label.height
        and word.box[0] <= label.box[2]
        and word.box[0] >= label.box[0] - 0.03
    ]
    return min(near, key=lambda word: (word.box[1], word.box[0]), default=None)


def _fields(label: _Label, found: Word) -> list[FieldRead]:
    if label.key == WHOLE_NAME:
        family, comma, given = found.text.partition(",")
        parts = [("family_name", family), ("given_name", given)]
        if not comma:
            parts = _spanish(found.text) if label.is_spanish else _western(found.text)
    elif label.key == _URGENT:
        return [FieldRead(_URGENT, "expedited" if _asks_fast(found.text) else "standard", found.confidence, found.box)]
    else:
        parts = [(label.key, found.text)]
    judges = JUDGES_OF_SPANISH_FORMS if label.is_spanish else JUDGES
    return [_judged(judges[one], one, text, found) for one, text in parts if text.strip()]


def _asks_fast(text: str) -> bool:
    """Say whether the words ask for the fast track; "non-urgent" and "no urgente" do not."""
    said = re.sub(r"\b(non|not|no) ?(expedited|urgente?|stat|acelerad[ao])\b", "", plain(text))
    return any(word in said for word in ("expedited", "urgent", "stat", "acelerad"))


def _western(text: str) -> list[tuple[str, str]]:
    given, _, family = text.strip().rpartition(" ")
    return [("family_name", family), ("given_name", given)]


def _spanish(text: str) -> list[tuple[str, str]]:
    """Part a name with its two family names at the end; two words are one of each."""
    words = text.split()
    of_family = 2 if len(words) > 2 else 1
    return [("family_name", " ".join(words[-of_family:])), ("given_name", " ".join(words[:-of_family]))]


def _judged(judge: Judge, key: str, text: str, found: Word) -> FieldRead:
    value, is_right = judge(text)
    return FieldRead(key, value, found.confidence if is_right else min(found.confidence, _WRONG_FORM), found.box)
