"""The requested services of a PAS Claim: one line for each item, and the diagnoses they refer to."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from openum.adapters.fhir import codes
from openum.adapters.fhir.bundle import Bundle, Entry
from openum.adapters.fhir.elements import Coding, Days, coding, day, days, extension, number, part, rows, text, whole
from openum.adapters.fhir.pas import words
from openum.adapters.fhir.pas.notes import Notes
from openum.adapters.fhir.pas.people import PROVIDER_TYPES, Providers
from openum.submission.incoming import Identifier, IncomingDiagnosis, IncomingLine
from openum.vocabulary.money import cents_of
from openum.vocabulary.terms import CertificationType, PartyRole

Json = dict[str, Any]

MOST_UNITS = Decimal(10) ** 8
_CODE_ELEMENTS = ("code", "codeCodeableConcept", "medicationCodeableConcept")
_KNOWN_ITEM_EXTENSIONS = frozenset(
    {
        codes.CERTIFICATION_TYPE,
        codes.REQUEST_TYPE,
        codes.ITEM_TRACE,
        codes.AUTHORIZATION_NUMBER,
        codes.ADMINISTRATIVE_NUMBER,
        codes.CODE_END,
        codes.EPSDT,
        codes.NURSING_HOME_STATUS,
        codes.NURSING_HOME_LEVEL,
        codes.REVENUE_RATE_LIMIT,
        codes.REQUESTED_SERVICE,
        codes.INFO_CHANGED,
        codes.CERT_ISSUED,
        codes.CERT_EFFECTIVE,
        codes.CERT_EXPIRES,
        codes.REVIEW_ACTION_CODE,
    }
)
_ECHOED_ELEMENTS = ("category", "productOrService", "locationCodeableConcept", "revenue")
_ECHOED_EXTENSIONS = frozenset(
    {
        codes.CERTIFICATION_TYPE,
        codes.REQUEST_TYPE,
        codes.CODE_END,
        codes.EPSDT,
        codes.NURSING_HOME_STATUS,
        codes.NURSING_HOME_LEVEL,
        codes.REVENUE_RATE_LIMIT,
    }
)


def certification_of(element: Json, path: str, notes: Notes) -> CertificationType | None:
    """Return the certificationType of a Claim or an item, or None when it is silent.

    An unknown code is a problem: guessing could turn a cancellation into a request.
    """
    found = extension(element, codes.CERTIFICATION_TYPE)
    if not found:
        return None
    code = coding(found.get("valueCodeableConcept")).code
    if code not in words.CERTIFICATION:
        notes.problem("input-error", path, "The certification type is not a code of X12 1322.")
        return None
    return words.CERTIFICATION[code]


def diagnoses_of(claim: Entry, bundle: Bundle, notes: Notes) -> tuple[IncomingDiagnosis, ...]:
    """Read the diagnoses; one given by reference takes the code of its Condition."""
    found: list[IncomingDiagnosis] = []
    sent = {whole(row.get("sequence")) for row in rows(claim.resource.get("diagnosis"))}
    for index, row in enumerate(rows(claim.resource.get("diagnosis"))):
        path = f"{claim.path}.diagnosis[{index}]"
        one = coding(row.get("diagnosisCodeableConcept"), codes.SYSTEMS_OF_CODES["ICD-10-CM"])
        if not one.code:
            condition = bundle.resolve(row.get("diagnosisReference"), within=claim)
            one = coding(condition.resource.get("code"), codes.SYSTEMS_OF_CODES["ICD-10-CM"]) if condition else one
        if not one.code:
            notes.fault(path, "The diagnosis has no code and was left out.")
            continue
        sequence, used = whole(row.get("sequence")), {one.sequence for one in found}
        if sequence is None or sequence in used:
            notes.fault(
                f"{path}.sequence", "Every diagnosis needs its own positive sequence number; it got a free one."
            )
            sequence = next(free for free in count(1) if free not in used | sent)
        found.append(
            IncomingDiagnosis(
                sequence=sequence,
                system=notes.short(one.system, path),
                code=notes.short(one.code, path),
                kind=notes.short(coding(next(rows(row.get("type")), None)).code, f"{path}.type"),
                on=day(extension(row, codes.DIAGNOSIS_RECORDED).get("valueDate")),
            )
        )
    return tuple(found)


def lines_of(
    claim: Entry, bundle: Bundle, providers: Providers, certification: CertificationType | None, notes: Notes
) -> tuple[IncomingLine, ...]:
    """Read every item of the Claim as one line."""
    team, whole_request = providers.add_care_team(claim)
    used: set[int] = set()
    found = []
    for index, item in enumerate(rows(claim.resource.get("item"))):
        path = f"{claim.path}.item[{index}]"
        sequence = whole(item.get("sequence")) or 0
        if not sequence or sequence in used:
            notes.problem("input-error", f"{path}.sequence", "Every item needs its own positive sequence number.")
            continue
        used.add(sequence)
        reader = _Item(item, path, claim=claim, bundle=bundle, providers=providers, notes=notes)
        keys = tuple(dict.fromkeys([*_team_keys(item, team, path, notes), *whole_request, *reader.location_keys()]))
        found.append(reader.line(sequence, keys, certification))
    return tuple(found)


def _team_keys(item: Json, team: Mapping[int, str], path: str, notes: Notes) -> list[str]:
    keys = []
    for sequence in _wholes(item.get("careTeamSequence")):
        if sequence in team:
            keys.append(team[sequence])
        else:
            notes.fault(f"{path}.careTeamSequence", "It names a care team member that the Claim does not have.")
    return keys


def _wholes(value: object) -> list[int]:
    return [one for raw in value if (one := whole(raw)) is not None] if isinstance(value, list) else []


class _Item:
    """One Claim.item being read."""

    def __init__(
        self, item: Json, path: str, *, claim: Entry, bundle: Bundle, providers: Providers, notes: Notes
    ) -> None:
        self.item, self.path, self.claim, self.bundle = item, path, claim, bundle
        self.providers, self.notes = providers, notes
        reference = extension(item, codes.REQUESTED_SERVICE).get("valueReference")
        self.service = bundle.resolve(reference, within=claim)
        if reference and self.service is None:
            notes.fault(path, "The requested service it refers to is not in the Bundle; the item was read without it.")

    def location_keys(self) -> list[str]:
        """Add the facility and the performers the item or its order names; return their keys."""
        keys = []
        place = self.bundle.resolve(self.item.get("locationReference"), within=self.claim)
        if place is not None:
            keys.append(self.providers.add(place, PartyRole.FACILITY))
        if self.service is not None:
            order = self.service.resource
            ordering = self.bundle.resolve(order.get("requester"), within=self.service)
            if ordering is not None and ordering.kind in PROVIDER_TYPES:
                keys.append(self.providers.add(ordering, PartyRole.ORDERING))
            performers = order.get("performer")
            for performer in rows(performers if isinstance(performers, list) else [performers]):
                entry = self.bundle.resolve(performer, within=self.service)
                if entry is not None and entry.kind in PROVIDER_TYPES:
                    keys.append(self.providers.add(entry, PartyRole.SERVICING))
        return keys

    def line(self, sequence: int, keys: tuple[str, ...], certification: CertificationType | None) -> IncomingLine:
        """Return the item as a line."""
        item, notes, path = self.item, self.notes, self.path
        own = certification_of(item, path, notes)
        change = self._change(own)
        service_code = self._code()
        quantity, unit = self._quantity()
        first_day, last_day = self._period()
        price = number(part(item, "unitPrice").get("value"))
        self._check_extensions()
        return IncomingLine(
            sequence=sequence,
            traces=self._traces(),
            code_system=notes.short(service_code.system, f"{path}.productOrService"),
            code=notes.short(service_code.code, f"{path}.productOrService"),
            code_end=notes.short(
                coding(extension(item, codes.CODE_END).get("valueCodeableConcept")).code, f"{path}.extension"
            ),
            modifiers=tuple(
                notes.short(one, f"{path}.modifier") for row in rows(item.get("modifier")) if (one := coding(row).code)
            ),
            category=notes.short(coding(item.get("category"), codes.X12_SERVICE_TYPE).code, f"{path}.category"),
            units=quantity,
            unit=notes.short(unit, f"{path}.quantity"),
            frequency=notes.shown(self._frequency(), path),
            first_day=first_day,
            last_day=last_day,
            place=notes.short(coding(item.get("locationCodeableConcept")).code, f"{path}.location"),
            diagnosis_sequences=tuple(_wholes(item.get("diagnosisSequence"))),
            provider_keys=keys,
            certification=CertificationType.CANCEL
            if change == "cancelled"
            else own or certification or CertificationType.INITIAL,
            change=change,
            previous_authorization_number=notes.short(
                text(extension(item, codes.AUTHORIZATION_NUMBER).get("valueString")), f"{path}.extension"
            ),
            administrative_number=notes.short(
                text(extension(item, codes.ADMINISTRATIVE_NUMBER).get("valueString")), f"{path}.extension"
            ),
            unit_price_cents=cents_of(price) if price is not None and 0 <= price < MOST_UNITS else None,
            path=path,
            source=self._source(),
        )

    def _source(self) -> Json:
        """Return the parts of the item that the answer repeats, and the kind of order behind it."""
        source: Json = {name: part(self.item, name) for name in _ECHOED_ELEMENTS if part(self.item, name)}
        modifiers = list(rows(self.item.get("modifier")))
        if modifiers:
            source["modifier"] = modifiers
        echoed = [one for one in rows(self.item.get("extension")) if text(one.get("url")) in _ECHOED_EXTENSIONS]
        if echoed:
            source["extension"] = echoed
        if self.service is not None:
            source["requested_service"] = {"type": self.service.kind, "key": self.service.url}
        return source

    def _change(self, own: CertificationType | None) -> str:
        if extension(self.item, codes.INFO_CANCELLED, among="modifierExtension").get("valueBoolean") is True:
            return "cancelled"
        if own is CertificationType.CANCEL:
            return "cancelled"
        changed = text(extension(self.item, codes.INFO_CHANGED).get("valueCode"))
        return changed if changed in {"added", "changed"} else ""

    def _code(self) -> Coding:
        """Return the code asked for: the item's own, else the order's, else the X12 service type alone."""
        own = coding(self.item.get("productOrService"), *codes.SYSTEMS_OF_CODES.values())
        if own.code and own.system != codes.DATA_ABSENT_SYSTEM:
            return own
        order = self.service.resource if self.service else {}
        for name in _CODE_ELEMENTS:
            ordered = coding(order.get(name), *codes.SYSTEMS_OF_CODES.values())
            if ordered.code:
                return ordered
        category = coding(self.item.get("category"), codes.X12_SERVICE_TYPE)
        if category.code:
            return category
        self.notes.problem(
            "procedure-code",
            f"{self.path}.productOrService",
            "The item names no service. Send a procedure, product or service type code.",
        )
        return own

    def _quantity(self) -> tuple[Decimal | None, str]:
        quantity = part(self.item, "quantity")
        if not quantity and self.service is not None:
            quantity = part(self.service.resource, "quantityQuantity") or part(self.service.resource, "quantity")
        value = number(quantity.get("value"))
        unit = text(quantity.get("unit")) or text(quantity.get("code"))
        if value is not None and not 0 < value < MOST_UNITS:
            self.notes.problem(
                "quantity", f"{self.path}.quantity", "The quantity must be above zero and below 100 million."
            )
            return None, unit
        return value, unit

    def _frequency(self) -> str:
        """Return how often, in the words of the order's timing, for example `4 per 1 d`."""
        repeat = part(part(self.service.resource if self.service else {}, "occurrenceTiming"), "repeat")
        often = whole(repeat.get("frequencyMax")) or whole(repeat.get("frequency"))
        every, unit = number(repeat.get("period")), text(repeat.get("periodUnit"))
        return f"{often} per {every} {unit}" if often and every and unit else ""

    def _period(self) -> Days:
        found = days(self.item, "serviced")
        if found == (None, None) and any(name.startswith("serviced") for name in self.item):
            self.notes.fault(
                f"{self.path}.serviced", "The date of service is not a full calendar date and was not used."
            )
        if found == (None, None) and self.service is not None:
            found = days(self.service.resource, "occurrence")
        return in_order(found, self.path, self.notes)

    def _traces(self) -> tuple[Identifier, ...]:
        found = []
        for one in rows(self.item.get("extension")):
            identifier = part(one, "valueIdentifier")
            if one.get("url") == codes.ITEM_TRACE and text(identifier.get("value")):
                found.append(
                    Identifier(
                        system=self.notes.short(text(identifier.get("system")), self.path),
                        value=self.notes.short(text(identifier.get("value")), self.path),
                    )
                )
        return tuple(found)

    def _check_extensions(self) -> None:
        check_extensions(self.item, self.path, _KNOWN_ITEM_EXTENSIONS, self.notes)


def in_order(period: tuple[date | None, date | None], path: str, notes: Notes) -> Days:
    """Return the period, or an empty one with a problem when it ends before it starts."""
    first, last = period
    if first is not None and last is not None and last < first:
        notes.problem("date-order", path, "The period of service ends before it starts.")
        return None, None
    return period


def check_extensions(element: Json, path: str, known: frozenset[str], notes: Notes) -> None:
    """Note unknown extensions as faults, and unknown modifier extensions as problems (FHIR R4 §2.4.0.2)."""
    for index, one in enumerate(rows(element.get("extension"))):
        if text(one.get("url")) not in known:
            notes.fault(f"{path}.extension[{index}]", "The extension is not one we know; it was kept and not used.")
    for index, one in enumerate(rows(element.get("modifierExtension"))):
        if one.get("url") != codes.INFO_CANCELLED:
            notes.problem(
                "input-error",
                f"{path}.modifierExtension[{index}]",
                "This modifier extension could change the meaning and is not one we know. Send the request without it.",
            )
