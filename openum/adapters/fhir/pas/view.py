"""What an answer says, as plain data: filled from stored rows by `answer.py`, written as FHIR by `response.py`."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from openum.adapters.fhir import codes
from openum.vocabulary.terms import LineStatus, PartyRole

Json = dict[str, Any]
PREAUTHORIZATION = "preauthorization"
_CERTIFIED = frozenset({LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED})


class Part(NamedTuple):
    """A resource of the answer with its address."""

    url: str
    resource: Json


@dataclass(frozen=True, kw_only=True)
class ServiceView:
    """A service with its amount; `valid_to` is the first day no longer included."""

    code_system: str = ""
    code: str = ""
    code_end: str = ""
    modifiers: tuple[str, ...] = ()
    units: Decimal | None = None
    unit: str = ""
    unit_price_cents: int | None = None
    place: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class AuthorizationView:
    """What was certified: the number, when it was issued, and for which service."""

    number: str
    issued_on: date
    service: ServiceView
    previous_number: str = ""


@dataclass(frozen=True, kw_only=True)
class ProviderView:
    """A provider of a line: address of its Practitioner or Organization in the answer, and the part it plays."""

    url: str
    role: PartyRole


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One line as it stands. `source` holds the parts of the item that are repeated as they were sent."""

    sequence: int
    trace: str
    status: LineStatus
    asked: ServiceView
    source: Json = field(default_factory=dict)
    traces: tuple[Json, ...] = ()
    previous_authorization_number: str = ""
    administrative_number: str = ""
    diagnoses: tuple[tuple[str, str], ...] = ()
    providers: tuple[ProviderView, ...] = ()
    authorization: AuthorizationView | None = None
    reason_codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_substituted(self) -> bool:
        """Whether something else was certified than was asked: another code, or in part another place."""
        if self.authorization is None or self.status not in _CERTIFIED:
            return False
        given = self.authorization.service
        other_code = bool(given.code) and (given.code_system, given.code) != (self.asked.code_system, self.asked.code)
        other_place = bool(given.place) and bool(self.asked.place) and given.place != self.asked.place
        return other_code or (other_place and self.status is LineStatus.PARTIALLY_APPROVED)


@dataclass(frozen=True, kw_only=True)
class AskedItem:
    """One thing we asked the provider for.

    `loinc` is the attachment code, empty for any medical record; `modifier` the LOINC code that narrows it by time.
    """

    identifier: str
    line: int
    text: str
    loinc: str = ""
    modifier: str = ""
    is_open: bool = True

    @property
    def is_form(self) -> bool:
        """Whether a form of the plan is to be answered."""
        return self.loinc == codes.PAYER_QUESTIONNAIRE


@dataclass(frozen=True, kw_only=True)
class AskView:
    """A request for information; `progress` is its Task status. A sandbox may be armed to send it in one carrier."""

    identifier: str
    asked_on: date
    respond_by: date | None
    message: str
    items: tuple[AskedItem, ...]
    by_task: bool = True
    by_communication: bool = True
    progress: str = "requested"


@dataclass(frozen=True, kw_only=True)
class ErrorView:
    """One reason why the request cannot be acted on."""

    reject: str
    follow_up: str
    element: str
    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """Whether a person reviewed the request, and in which specialty."""

    is_person: bool
    npi: str = ""
    specialty: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    """One answer to one request.

    `others` are the resources that the rest refers to, each as received and under its own address.
    """

    identifier: str
    answered_at: datetime
    base_url: str
    claim_url: str
    patient: Part
    insurer: Part
    requestor: Part | None
    use: str = PREAUTHORIZATION
    identifiers: tuple[Json, ...] = ()
    claim_type: Json | None = None
    transmission: Json | None = None
    admission: tuple[date | None, date | None] = (None, None)
    discharge: date | None = None
    others: tuple[Part, ...] = ()
    lines: tuple[LineView, ...] = ()
    asks: tuple[AskView, ...] = ()
    errors: tuple[ErrorView, ...] = ()
    warnings: tuple[str, ...] = ()
    reviewer: Reviewer | None = None


def unknown() -> Json:
    """Return what stands in place of a required text that nobody told us; it goes under the name with a `_` before."""
    return {"extension": [{"url": codes.DATA_ABSENT_REASON, "valueCode": "unknown"}]}


def claim_reference(answer: AnswerView) -> Json:
    """Return the reference to the Claim that is answered; a request that came by another channel has none."""
    if answer.claim_url:
        return {"reference": answer.claim_url}
    return {"extension": [{"url": codes.DATA_ABSENT_REASON, "valueCode": "not-applicable"}]}
