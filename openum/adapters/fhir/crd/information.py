"""The coverage-information extension: one need as the guide writes it, by the invariants of each version."""

import hashlib
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json, rows, text
from openum.criteria.codes import address_of
from openum.needs.rules import Authorization, Detail, Need, Service
from openum.needs.rules import Covered as CoveredWord

_GUIDE = "http://hl7.org/fhir/us/davinci-crd"
EXTENSION = f"{_GUIDE}/StructureDefinition/ext-coverage-information"
TEMP = f"{_GUIDE}/CodeSystem/temp"
_NOT_KNOWN = frozenset({"no-member-found", "no-active-coverage", "coverage-not-found", "technical"})
_FREE = frozenset({Authorization.NONE, Authorization.SATISFIED, None})
_BILLED = frozenset({"CPT", "HCPCS", "REVENUE", "RXNORM"})
_ADDRESSES = {"HCPCS": "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"}
"""Addresses that the value sets of the guide name otherwise than we do."""
_PERIOD = re.compile(r"^P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,3})D)?$")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One need about one coverage.

    Attributes:
        coverage: Reference to the client's Coverage.
        on: the day of the statement.
        questionnaires: canonicals with version.
        responses: the client's answers to forms among them, as references.
        phone: the plan's number for questions.
        links: addresses where the rule is written.
        subject: what the statement is about, so that different orders, clients and answers get different ids.
    """

    need: Need
    coverage: Json
    on: date
    questionnaires: tuple[str, ...] = ()
    responses: tuple[str, ...] = ()
    phone: str = ""
    links: tuple[str, ...] = ()
    subject: str = ""
    dependencies: tuple[str, ...] = ()


def coding_of(service: Service) -> Json:
    """Return a code as FHIR."""
    system, code = service
    return {"system": _ADDRESSES.get(system) or address_of(system), "code": code}


def extension_of(statement: Statement, version: Version) -> Json:
    """Return the extension."""
    parts = list(_parts(statement, version))
    place = next(index for index, one in enumerate(parts) if one["url"] == "date") + 1
    parts.insert(place, {"url": "coverage-assertion-id", "valueString": _assertion_id(statement, parts)})
    return {"url": EXTENSION, "extension": parts}


def with_extension(resource: Json, made: Json) -> Json | None:
    """Return the whole resource with the statement in place of an earlier one about the same coverage.

    None: the resource carries this very statement already, and there is nothing new to say.
    """
    kept: list[Json] = []
    for one in rows(resource.get("extension")):
        if one.get("url") == EXTENSION and _coverage(one) == _coverage(made):
            if _value(one, "coverage-assertion-id") == _value(made, "coverage-assertion-id"):
                return None
            continue
        kept.append(one)
    return {**resource, "extension": [*kept, made]}


def assertion_of(made: Json) -> str:
    """Return the coverage-assertion-id of an extension."""
    return text(_value(made, "coverage-assertion-id"))


def assertions_of(resource: Json) -> Iterator[str]:
    """Yield the coverage-assertion-ids that a resource carries."""
    for one in rows(resource.get("extension")):
        if one.get("url") == EXTENSION and assertion_of(one):
            yield assertion_of(one)


def _coverage(extension: Json) -> object:
    """Return which coverage a statement is about; an absolute reference is the same as its last two parts."""
    reference = _value(extension, "coverage")
    address = text(reference.get("reference")) if isinstance(reference, dict) else ""
    return "/".join(address.rsplit("/", 2)[-2:]) or reference


def _value(extension: Json, name: str) -> object:
    for one in rows(extension.get("extension")):
        if one.get("url") == name:
            return next((value for key, value in one.items() if key.startswith("value")), None)
    return None


def _parts(statement: Statement, version: Version) -> list[Json]:
    need = statement.need
    unknown = need.reason_code in _NOT_KNOWN
    made: list[Json] = [{"url": "coverage", "valueReference": statement.coverage}]
    if unknown and version.knows_indeterminate:
        made += [{"url": "covered", "valueCode": "indeterminate"}, {"url": "pa-needed", "valueCode": "indeterminate"}]
    else:
        made.append({"url": "covered", "valueCode": str(need.covered)})
        if need.covered is not CoveredWord.NOT_COVERED and need.authorization is not None:
            made.append({"url": "pa-needed", "valueCode": str(need.authorization)})
        made += _documents(need, version)
        made += [{"url": "info-needed", "valueCode": one} for one in _info(need, version)]
    billed = [one for one in need.services if one[0] in _BILLED]
    made += [{"url": "billingCode", "valueCoding": coding_of(one)} for one in billed]
    made += [{"url": "reason", "valueCodeableConcept": one} for one in _reasons(need, version)]
    made += [_detail(one, statement.on, version) for one in _details(statement, version)]
    made += [{"url": "dependency", "valueReference": {"reference": one}} for one in statement.dependencies]
    if need.documents is not None:
        made += [{"url": "questionnaire", "valueCanonical": one} for one in statement.questionnaires]
        if version.has_response:
            made += [{"url": "response", "valueReference": {"reference": one}} for one in statement.responses]
    made.append({"url": "date", "valueDate": statement.on.isoformat()})
    if need.standing is not None:
        made.append({"url": "satisfied-pa-id", "valueString": need.standing.number})
    if statement.phone:
        point = {"system": "phone", "value": statement.phone}
        contact = (
            {"valueContactDetail": {"telecom": [point]}} if version.contact_is_detail else {"valueContactPoint": point}
        )
        made.append({"url": "contact", **contact})
    expiry = last_day(statement)
    if version.has_expiry and expiry is not None:
        made.append({"url": "expiry-date", "valueDate": expiry.isoformat()})
    return made


def _documents(need: Need, version: Version) -> list[Json]:
    if need.documents is None:
        return []
    kind = need.documents.kind
    if version.splits_documents:
        kinds = ["clinical", "admin"] if kind == "both" else [kind]
    else:
        kinds = ["admin" if kind == "patient" else kind]
    purposes = [one for one in need.documents.purposes if one != "withpa" or need.authorization not in _FREE]
    return [{"url": "doc-needed", "valueCode": one} for one in kinds] + [
        {"url": "doc-purpose", "valueCode": one} for one in purposes
    ]


def _info(need: Need, version: Version) -> list[str]:
    words = ["OTH" if one == "detail-code" and not version.asks_for_detail_code else one for one in need.info_needed]
    is_conditional = need.covered is CoveredWord.CONDITIONAL or need.authorization is Authorization.CONDITIONAL
    return list(dict.fromkeys(words or ["OTH"])) if is_conditional else []


def _reasons(need: Need, version: Version) -> list[Json]:
    code = need.reason_code
    if not code and "detail-code" in need.info_needed and not version.asks_for_detail_code:
        code = "detail-code"
    first: Json = {"text": need.reason}
    if code in version.listed_reasons:
        first = {"coding": [{"system": TEMP, "code": code}], "text": need.reason}
    rest = [text for text in (need.how_to_ask, f"Rests on: {need.citation}" if need.citation else "") if text]
    return [first, *({"text": one} for one in rest)]


def _details(statement: Statement, version: Version) -> list[Detail]:
    need = statement.need
    found = [one for one in need.details if one.code in version.detail_codes]
    if "policy-link" in version.detail_codes:
        found += [Detail(code="policy-link", value=one, category="cat-other") for one in statement.links]
    if "instructions" in version.detail_codes:
        words = (need.instructions, need.how_to_ask)
        found += [Detail(code="instructions", value=one, category="cat-other") for one in words if one]
    return found


def _detail(detail: Detail, on: date, version: Version) -> Json:
    concept = {"coding": [{"system": TEMP, "code": detail.code}]}
    parts: list[Json] = [{"url": "category", "valueCode": detail.category}] if version.has_detail_category else []
    parts += [{"url": "code", "valueCodeableConcept": concept}, {"url": "value", **_value_of(detail, on, version)}]
    if detail.qualification:
        parts.append({"url": "qualification", "valueString": detail.qualification})
    return {"url": "detail", "extension": parts}


def _value_of(detail: Detail, on: date, version: Version) -> Json:
    """Return the value of a detail in the type that its code asks for."""
    value = detail.value
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, (int, Decimal)):
        number = int(value) if value == int(value) else float(value)
        return {"valueQuantity": {"value": number} | _unit(detail.unit)}
    if (match := _PERIOD.match(value)) and any(match.groups()):
        return {"valuePeriod": {"start": on.isoformat(), "end": _end_of(on, match).isoformat()}}
    if version.knows_urls and value.startswith(("https://", "http://")):
        return {"valueUrl": value}
    return {"valueString": value}


def _unit(unit: str) -> Json:
    if unit == "%":
        return {"unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
    return {"unit": unit} if unit else {}


def _end_of(on: date, length: re.Match[str]) -> date:
    """Return the last day of a length such as P3M that begins on a day."""
    years, months, weeks, days = (int(number or 0) for number in length.groups())
    count = on.year * 12 + on.month - 1 + years * 12 + months
    year, month = divmod(count, 12)
    last_of_month = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(on.day, last_of_month)) + timedelta(weeks=weeks, days=days - 1)


def last_day(statement: Statement) -> date | None:
    """Return the last day on which the statement may be relied on; None: no end is told."""
    need = statement.need
    if need.standing is not None:
        return need.standing.last_day
    return statement.on + timedelta(days=need.valid_days) if need.valid_days else None


def _assertion_id(statement: Statement, parts: list[Json]) -> str:
    """Name the statement by its content: the same answer keeps its id, any change of it gets a new one."""
    told = [one for one in parts if one["url"] not in {"date", "expiry-date"}]
    return hashlib.sha256(f"{statement.subject}|{told}".encode()).hexdigest()[:32]
