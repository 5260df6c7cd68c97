"""Recorded messages without member data: what may identify anybody is replaced, days are moved, codes stay. Pure.

Nothing is trusted because it looks harmless: text stays only where the element can hold nothing but a word of a known
kind (a code, a canonical address, a unit), everything else is replaced. The same identifier gets the same stand-in
within one export, so that references still lead somewhere; the stand-ins of two exports cannot be compared, because
each has its own key. All days of one export move by the same number of days; a birth date keeps its year only, and an
age over 89 is told as 90 (45 CFR 164.514(b)(2)).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

REMOVED = "removed"
_OLDEST = 90

_WORDS = frozenset({
    "resourceType", "status", "use", "intent", "priority", "gender", "mode", "kind", "severity", "linkId", "hook",
    "indicator", "unit", "comparator", "outcome", "subjectType", "selectionBehavior", "contentType", "method", "rank",
})  # fmt: skip
"""Elements whose values are words of a closed set; kept when they look like one."""
_CODES = frozenset({"code", "valueCode"})
_ADDRESSES = frozenset({"system", "profile", "questionnaire", "valueCanonical", "instantiatesCanonical", "definition"})
_HIDDEN_WHOLE = frozenset({
    "text", "div", "telecom", "address", "name", "contact", "data", "contentAttachment", "photo", "fhirAuthorization",
    "signature", "country", "maritalStatus", "communication",
})  # fmt: skip
"""Elements that hold people's particulars or free text, replaced with everything in them."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9._/{}\-]{0,39}\Z")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,18}\Z")
_PARAMETERS = frozenset({
    "coverage", "order", "referenced", "questionnaire", "context", "changedsince", "PackageBundle", "packagebundle",
    "return", "outcome", "operationOutcome", "OperationOutcome", "Questionnaire", "questionnaire-response", "TrackingId",
    "AdminRefNumber", "AttachTo", "PayerId", "OrganizationId", "ProviderId", "MemberId", "ServiceDate", "Attachment",
    "LineItem", "Code", "Content", "Final", "subscription", "topic", "status", "type", "notification-event",
    "event-number", "timestamp", "focus", "events-since-subscription-start",
})  # fmt: skip
"""Names of operation parameters: words of the guides, not of people."""
_PLAIN = re.compile(r"[a-z][a-z\-]{1,40}\Z")
_NAME = re.compile(r"[A-Za-z_$][A-Za-z_$.\-]{0,60}\Z")
_PUBLIC = re.compile(
    r"(https?://(hl7\.org|terminology\.hl7\.org|loinc\.org|snomed\.info|unitsofmeasure\.org|www\.nlm\.nih\.gov|"
    r"www\.ama-assn\.org|www\.cms\.gov|codesystem\.x12\.org|nucc\.org|cts\.nlm\.nih\.gov|nlm\.nih\.gov)(/|\Z)[^\s]*|"
    r"urn:ietf:[^\s]*|urn:iso:[^\s]*)\Z"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_MONTH = re.compile(r"\d{4}-\d{2}\Z")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T")
_REFERENCE = re.compile(r"([A-Za-z]+)/([A-Za-z0-9.\-]{1,64})\Z")


@dataclass(frozen=True)
class Mask:
    """How one export replaces: a key nobody keeps, by how many days its days move, and its present day."""

    key: bytes
    days: int
    today: date

    def stand_in(self, value: str) -> str:
        """Return the stand-in of an identifier."""
        return hmac.new(self.key, value.encode(), hashlib.sha256).hexdigest()[:16]

    def apply(self, content: Any) -> Any:
        """Return a message without what may identify anybody."""
        return self._node(content, "")

    def _node(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            known = {key: one for key, one in value.items() if _NAME.match(key)}
            return {key: self._part(key, one, value) for key, one in known.items()}
        if isinstance(value, list):
            return [self._node(one, name) for one in value]
        if isinstance(value, str):
            return self._text(name, value)
        return value

    def _part(self, name: str, value: Any, holder: dict[str, Any]) -> Any:
        if name == "name" and isinstance(value, str) and value in _PARAMETERS:
            return value
        if name == "valueString" or name in _HIDDEN_WHOLE:
            return REMOVED
        if name == "identifier":
            return self._identifier(value)
        if name in _CODES and isinstance(value, str):
            return value if _is_code(value, holder) else REMOVED
        if name == "value" and _is_age(holder) and isinstance(value, int | float):
            return min(value, _OLDEST)
        if name == "birthDate" and isinstance(value, str):
            return self._birth_year(value)
        if name == "prefetch" and isinstance(value, dict):
            return {key: self._node(one, key) for key, one in value.items()}
        return self._node(value, name)

    def _identifier(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._identifier(one) for one in value]
        if not isinstance(value, dict):
            return REMOVED
        kept = {key: self._part(key, one, value) for key, one in value.items() if key != "value"}
        if "value" in value:
            kept["value"] = self.stand_in(str(value["value"]))
        return kept

    def _birth_year(self, value: str) -> str:
        year = int(value[:4]) if value[:4].isdecimal() else self.today.year
        return f"{max(year, self.today.year - _OLDEST):04d}"

    def _text(self, name: str, value: str) -> str:
        for keeps in (self._moved, self._known, self._referred):
            found = keeps(name, value)
            if found is not None:
                return found
        return REMOVED

    def _moved(self, name: str, value: str) -> str | None:
        step = timedelta(days=self.days)
        try:
            if _DAY.match(value):
                return (date.fromisoformat(value) + step).isoformat()
            if _INSTANT.match(value):
                moment = datetime.fromisoformat(value) + step
                return moment.isoformat()
            if _MONTH.match(value):
                return (date.fromisoformat(f"{value}-15") + step).isoformat()[:7]
        except (ValueError, OverflowError):
            return REMOVED
        return None

    def _known(self, name: str, value: str) -> str | None:
        if name in _WORDS:
            return value if _WORD.match(value) else None
        if name in _ADDRESSES or name == "url":
            return value if _PUBLIC.match(value) or (name == "url" and _WORD.match(value)) else None
        return None

    def _referred(self, name: str, value: str) -> str | None:
        if name not in {"reference", "fullUrl", "id", "request", "focus", "url", "patientId", "userId", "encounterId"}:
            return None
        kind, _, identity = value.rpartition("/")
        if value.startswith("#"):
            return f"#{self.stand_in(value[1:])}"
        if (found := _REFERENCE.match(value[-100:])) and found.group(1)[:1].isupper():
            return f"{found.group(1)}/{self.stand_in(found.group(2))}"
        known = kind.rsplit("/", 1)[-1] if kind else ""
        return (
            f"{known}/{self.stand_in(identity)}"
            if known[:1].isupper()
            else self.stand_in(value.rsplit(":", maxsplit=1)[-1])
        )


def _is_code(value: str, holder: dict[str, Any]) -> bool:
    """Say whether a code is one of a public system, or a plain word; anything else could be somebody's number."""
    system = holder.get("system")
    is_public = isinstance(system, str) and bool(_PUBLIC.match(system))
    return bool((_CODE if is_public else _PLAIN).match(value))


def _is_age(holder: dict[str, Any]) -> bool:
    return holder.get("code") == "a" or str(holder.get("unit", "")).lower() in {"a", "year", "years"}


def masked_address(mask: Mask, address: str) -> str:
    """Return the path of a call with identifiers replaced; the client's own listener is not told at all."""
    if "://" in address:
        return REMOVED
    return "/".join(part if _SEGMENT.match(part) else mask.stand_in(part) for part in address.split("/"))


_SEGMENT = re.compile(r"([a-z][a-z-]*|[A-Z][A-Za-z]*|\d\.\d|\$[a-z-]+|)\Z")
