"""ClaimResponse.item and addItem: where one line stands and what was certified."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from openum.adapters.fhir import codes
from openum.adapters.fhir.pas import words
from openum.adapters.fhir.pas.versions import Version
from openum.adapters.fhir.pas.view import AnswerView, AuthorizationView, LineView, ProviderView, ServiceView
from openum.vocabulary.terms import LineStatus, PartyRole

Json = dict[str, Any]

OWN_TRACE_SYSTEM = codes.URI_IDENTIFIER
_CERTIFIED = frozenset({"A1", "A2", "A6"})
_ADD_ITEM_ECHO = (
    codes.REQUEST_TYPE,
    codes.CERTIFICATION_TYPE,
    codes.EPSDT,
    codes.NURSING_HOME_STATUS,
    codes.NURSING_HOME_LEVEL,
    codes.REVENUE_RATE_LIMIT,
)
_DETAIL_ECHO = (codes.EPSDT, codes.NURSING_HOME_LEVEL, codes.REVENUE_RATE_LIMIT)
_CARE = (PartyRole.SERVICING, PartyRole.TREATING, PartyRole.FACILITY)


def concept(system: str, code: str, display: str = "") -> Json:
    """Return a CodeableConcept with one coding."""
    coding = {"system": codes.SYSTEMS_OF_CODES.get(system, system), "code": code}
    if display:
        coding["display"] = display
    return {"coding": [{name: value for name, value in coding.items() if value}]}


def period(first: date | None, after: date | None) -> Json | None:
    """Write a half-open period with inclusive ends, or None when it has neither."""
    found: Json = {}
    if first is not None:
        found["start"] = first.isoformat()
    if after is not None:
        found["end"] = (after - timedelta(days=1)).isoformat()
    return found or None


def plain(value: Decimal) -> int | float:
    """Return a decimal as a JSON number without trailing zeros."""
    return int(value) if value == value.to_integral_value() else float(value)


def action_of(line: LineView) -> str:
    """Return the X12 306 review action of a line."""
    return "A6" if line.is_substituted else words.ACTION[line.status]


def review_action(action: str, *, number: str = "", reasons: tuple[str, ...] = ()) -> Json:
    """Return one adjudication with its reviewAction extension."""
    parts: list[Json] = []
    if number:
        parts.append({"url": "number", "valueString": number})
    parts.append(
        {
            "url": codes.REVIEW_ACTION_CODE,
            "valueCodeableConcept": concept(codes.X12_REVIEW_ACTION, action, words.ACTION_TEXT[action]),
        }
    )
    parts.extend(
        {"url": "reasonCode", "valueCodeableConcept": concept(codes.X12_DECISION_REASON, code)} for code in reasons
    )
    return {
        "extension": [{"url": codes.REVIEW_ACTION, "extension": parts}],
        "category": {"coding": [{"system": codes.ADJUDICATION, "code": "submitted"}]},
    }


def item_of(line: LineView, answer: AnswerView, version: Version, note_numbers: list[int]) -> Json:
    """Return the item of one line."""
    action = action_of(line)
    given = line.authorization if action in _CERTIFIED else None
    extensions = _traces(line)
    if given is not None:
        extensions += _issued(given)
    extensions += _numbers(line, given, action)
    asked = _requested_date(line.asked)
    if asked is not None:
        extensions.append(asked)
    if given is not None and action != "A6":
        extensions += [_authorized_provider(one, version) for one in authorized_providers(line)]
        extensions.append(_authorized_detail(line, given, version))
    if version.has_response_extensions:
        extensions += _stay(answer)
    extensions += [
        {"url": codes.COMMUNICATED_DIAGNOSIS, "valueCodeableConcept": concept(system, code)}
        for system, code in line.diagnoses
    ]
    item: Json = {"extension": extensions, "itemSequence": line.sequence}
    if note_numbers:
        item["noteNumber"] = note_numbers
    number = given.number if given is not None and action != "A6" else ""
    item["adjudication"] = [review_action(action, number=number, reasons=_reasons(line))]
    return item


def add_item_of(line: LineView, answer: AnswerView, version: Version) -> Json:
    """Return the substitute that was certified in place of a modified line (A6)."""
    given = line.authorization
    if given is None:
        raise ValueError("Only a line with an authorization has a substitute.")
    service = given.service
    extensions = _traces(line) + _issued(given) + _numbers(line, given, "A1")
    extensions += _echoed(line, _ADD_ITEM_ECHO)
    if service.code_end:
        extensions.append(
            {"url": codes.CODE_END, "valueCodeableConcept": concept(service.code_system, service.code_end)}
        )
    revenue = line.source.get("revenue")
    if isinstance(revenue, dict):
        extensions.append({"url": codes.REVENUE_CODE, "valueCodeableConcept": revenue})
    requested = line.source.get("requested_service")
    if isinstance(requested, dict):
        extensions.append({"url": codes.REQUESTED_SERVICE, "valueReference": {"reference": requested["key"]}})
    category = line.source.get("category")
    if version.has_response_extensions:
        if isinstance(category, dict):
            extensions.append({"url": codes.ITEM_CATEGORY, "valueCodeableConcept": category})
        extensions += _stay(answer)
    add: Json = {"extension": extensions, "itemSequence": [line.sequence]}
    providers = authorized_providers(line)
    if providers:
        add["provider"] = [_provider_reference(one) for one in providers]
    add["productOrService"] = concept(service.code_system or line.asked.code_system, service.code or line.asked.code)
    if service.modifiers:
        add["modifier"] = [concept(service.code_system, one) for one in service.modifiers]
    certified = period(service.valid_from, service.valid_to)
    if certified is not None:
        add["servicedPeriod"] = certified
    place = _place(line, service)
    if place is not None:
        add["locationCodeableConcept"] = place
    if service.units is not None:
        add["quantity"] = _quantity(service.units, service.unit)
    if service.unit_price_cents is not None:
        add["unitPrice"] = _money(service.unit_price_cents)
    add["adjudication"] = [review_action("A1", number=given.number)]
    return add


def authorized_providers(line: LineView) -> list[ProviderView]:
    """Return who may give the certified service: those who treat or serve, else whoever was named."""
    return [one for one in line.providers if one.role in _CARE] or list(line.providers)


def _provider_reference(provider: ProviderView) -> Json:
    kind = {"url": codes.AUTHORIZED_PROVIDER_TYPE, "valueCodeableConcept": _entity(provider)}
    return {"extension": [kind], "reference": provider.url}


def _entity(provider: ProviderView) -> Json:
    return concept(codes.X12_ENTITY, words.ENTITY.get(provider.role, "SJ"))


def _authorized_provider(provider: ProviderView, version: Version) -> Json:
    kind_url = codes.AUTHORIZED_PROVIDER_TYPE if version.has_response_extensions else "providerType"
    return {
        "url": codes.AUTHORIZED_PROVIDER,
        "extension": [
            {"url": "provider", "valueReference": {"reference": provider.url}},
            {"url": kind_url, "valueCodeableConcept": _entity(provider)},
        ],
    }


def response_providers(answer: AnswerView, version: Version) -> list[Json]:
    """Return the authorized providers of all certified lines, each once, for the response level (2.2.1)."""
    found = {
        one.url: one
        for line in answer.lines
        if line.authorization is not None and action_of(line) in _CERTIFIED
        for one in authorized_providers(line)
    }
    return [_authorized_provider(one, version) for one in found.values()]


def _traces(line: LineView) -> list[Json]:
    """Return every trace number the requester sent, then our own."""
    own = {"system": OWN_TRACE_SYSTEM, "value": f"urn:uuid:{line.trace}"}
    return [{"url": codes.ITEM_TRACE, "valueIdentifier": one} for one in (*line.traces, own)]


def _issued(given: AuthorizationView) -> list[Json]:
    found: list[Json] = [{"url": codes.PRE_AUTH_ISSUED, "valueDate": given.issued_on.isoformat()}]
    certified = period(given.service.valid_from, given.service.valid_to)
    if certified is not None:
        found.append({"url": codes.PRE_AUTH_PERIOD, "valuePeriod": certified})
    return found


def _numbers(line: LineView, given: AuthorizationView | None, action: str) -> list[Json]:
    found: list[Json] = []
    previous = (given.previous_number if given else "") or line.previous_authorization_number
    if previous:
        found.append({"url": codes.AUTHORIZATION_NUMBER, "valueString": previous})
    if line.administrative_number and action != "NA":
        found.append({"url": codes.ADMINISTRATIVE_NUMBER, "valueString": line.administrative_number})
    return found


def _requested_date(asked: ServiceView) -> Json | None:
    dates = period(asked.valid_from, asked.valid_to)
    if dates is None:
        return None
    if dates.get("start") == dates.get("end"):
        return {"url": codes.REQUESTED_DATE, "valueDateTime": dates["start"]}
    return {"url": codes.REQUESTED_DATE, "valuePeriod": dates}


def _stay(answer: AnswerView) -> list[Json]:
    found: list[Json] = []
    first, last = answer.admission
    if first is not None and (last is None or last == first):
        found.append({"url": codes.ADMISSION_DATES, "valueDate": first.isoformat()})
    elif first is not None and last is not None:
        days = {"start": first.isoformat(), "end": last.isoformat()}
        found.append({"url": codes.ADMISSION_DATES, "valuePeriod": days})
    if answer.discharge is not None:
        found.append({"url": codes.DISCHARGE_DATE, "valueDate": answer.discharge.isoformat()})
    return found


def _authorized_detail(line: LineView, given: AuthorizationView, version: Version) -> Json:
    service = given.service
    product = line.source.get("productOrService")
    same_code = not service.code or service.code == line.asked.code
    code = (
        product
        if isinstance(product, dict) and same_code
        else concept(service.code_system or line.asked.code_system, service.code or line.asked.code)
    )
    details: list[Json] = [{"url": "productOrServiceCode", "valueCodeableConcept": code}]
    if service.code_end:
        end = concept(service.code_system, service.code_end)
        details.append({"url": codes.CODE_END, "valueCodeableConcept": end})
    details += [
        {"url": "modifier", "valueCodeableConcept": one} for one in line.source.get("modifier", ()) if same_code
    ]
    price = service.unit_price_cents
    if price is not None:
        details.append({"url": "unitPrice", "valueMoney": _money(price)})
    if service.units is not None:
        details.append({"url": "quantity", "valueQuantity": _quantity(service.units, service.unit)})
    details += _echoed(line, _DETAIL_ECHO)
    revenue = line.source.get("revenue")
    if isinstance(revenue, dict):
        url = codes.REVENUE_CODE if version.has_response_extensions else "revenue"
        details.append({"url": url, "valueCodeableConcept": revenue})
    return {"url": codes.AUTHORIZED_DETAIL, "extension": details}


def _echoed(line: LineView, urls: tuple[str, ...]) -> list[Json]:
    held = line.source.get("extension", ())
    return [one for one in held if one.get("url") in urls]


def _place(line: LineView, service: ServiceView) -> Json | None:
    sent = line.source.get("locationCodeableConcept")
    if isinstance(sent, dict) and service.place in {"", line.asked.place}:
        return sent
    return concept(codes.PLACE_OF_SERVICE, service.place) if service.place else None


def _quantity(units: Decimal, unit: str) -> Json:
    found: Json = {"value": plain(units)}
    if unit:
        found["unit"] = unit
    return found


def _money(cents: int) -> Json:
    return {"value": plain(Decimal(cents) / 100), "currency": "USD"}


def _reasons(line: LineView) -> tuple[str, ...]:
    if line.reason_codes:
        return line.reason_codes
    pended = words.PENDED_REASON.get(line.status)
    if pended:
        return (pended,)
    return ("0H",) if line.status is LineStatus.NOT_REQUIRED else ()
