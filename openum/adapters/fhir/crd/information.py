"""The coverage-information extension: one need as the guide writes it, by the invariants of each version."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json, rows, text
from openum.criteria.codes import address_of
from openum.needs.rules import Authorization, Detail, Need
from openum.needs.rules import Covered as CoveredWord

_GUIDE = "http://hl7.org/fhir/us/davinci-crd"
EXTENSION = f"{_GUIDE}/StructureDefinition/ext-coverage-information"
TEMP = f"{_GUIDE}/CodeSystem/temp"
_NOT_KNOWN = frozenset({"no-member-found", "no-active-coverage", "coverage-not-found", "technical"})
_FREE = frozenset({Authorization.NONE, Authorization.SATISFIED, None})


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One need about one coverage.

    Attributes:
        coverage: Reference to the client's Coverage.
        on: the day of the statement.
        questionnaires: canonicals with version.
        phone: the plan's number for questions.
        subject: what the statement is about, so that different orders, clients and answers get different ids.
    """

    need: Need
    coverage: Json
    on: date
    questionnaires: tuple[str, ...] = ()
    phone: str = ""
    subject: str = ""
    dependencies: tuple[str, ...] = ()


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
        if one.get("url") == EXTENSION and _value(one, "coverage") == _value(made, "coverage"):
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
    if need.service is not None and need.service[0] in {"CPT", "HCPCS", "REVENUE"}:
        system, code = need.service
        made.append({"url": "billingCode", "valueCoding": {"system": address_of(system), "code": code}})
    made += [{"url": "reason", "valueCodeableConcept": one} for one in _reasons(need, version)]
    made += [_detail(one, version) for one in _details(need, version)]
    made += [{"url": "dependency", "valueReference": {"reference": one}} for one in statement.dependencies]
    if need.documents is not None:
        made += [{"url": "questionnaire", "valueCanonical": one} for one in statement.questionnaires]
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
    kinds = [need.documents.kind]
    if version.splits_documents and kinds == ["both"]:
        kinds = ["clinical", "admin"]
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


def _details(need: Need, version: Version) -> list[Detail]:
    found = [one for one in need.details if one.code in version.detail_codes]
    if need.how_to_ask and "instructions" in version.detail_codes:
        found.append(Detail(code="instructions", value=need.how_to_ask, category="cat-other"))
    return found


def _detail(detail: Detail, version: Version) -> Json:
    value: Json
    if isinstance(detail.value, bool):
        value = {"valueBoolean": detail.value}
    elif isinstance(detail.value, int):
        value = {"valueQuantity": {"value": detail.value} | ({"unit": detail.unit} if detail.unit else {})}
    else:
        value = {"valueString": detail.value}
    concept = {"coding": [{"system": TEMP, "code": detail.code}]}
    parts: list[Json] = [{"url": "category", "valueCode": detail.category}] if version.has_detail_category else []
    parts += [{"url": "code", "valueCodeableConcept": concept}, {"url": "value", **value}]
    if detail.qualification:
        parts.append({"url": "qualification", "valueString": detail.qualification})
    return {"url": "detail", "extension": parts}


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
