"""The neutral request: what every channel is turned into before it enters. Plain frozen data, no database.

Dates are inclusive as people and messages write them; services convert them to half-open periods.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openum.vocabulary.terms import CertificationType, Channel, PartyRole, RequestKind, Standing, Urgency

Resource = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """A business identifier: whose number space, and the number."""

    system: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault of form that does not hinder a decision; told back as a warning."""

    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class IncomingMember:
    """The person the request is for, as the sender knows them."""

    member_id: str = ""
    subscriber_id: str = ""
    family: str = ""
    given: str = ""
    birth_date: date | None = None
    sex: str = ""
    language: str = ""
    phone: str = ""
    address: str = ""
    identifiers: tuple[Identifier, ...] = ()
    key: str = ""
    path: str = ""
    resource: Resource | None = None


@dataclass(frozen=True, kw_only=True)
class IncomingProvider:
    """A provider and the part it plays. `key` names it inside the message, `resources` are echoed in the answer."""

    role: PartyRole
    npi: str = ""
    name: str = ""
    family: str = ""
    given: str = ""
    specialty: str = ""
    organization_name: str = ""
    phone: str = ""
    fax: str = ""
    address: str = ""
    is_organization: bool = False
    key: str = ""
    path: str = ""
    resources: tuple[Resource, ...] = ()


@dataclass(frozen=True, kw_only=True)
class IncomingDiagnosis:
    """A diagnosis with its place in the message."""

    sequence: int
    system: str
    code: str
    kind: str = ""
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class IncomingLine:
    """One service asked for. `first_day` and `last_day` are inclusive."""

    sequence: int
    code_system: str = ""
    code: str = ""
    code_end: str = ""
    modifiers: tuple[str, ...] = ()
    category: str = ""
    units: Decimal | None = None
    unit: str = ""
    frequency: str = ""
    first_day: date | None = None
    last_day: date | None = None
    place: str = ""
    diagnosis_sequences: tuple[int, ...] = ()
    provider_keys: tuple[str, ...] = ()
    certification: CertificationType = CertificationType.INITIAL
    change: str = ""
    traces: tuple[Identifier, ...] = ()
    previous_authorization_number: str = ""
    administrative_number: str = ""
    unit_price_cents: int | None = None
    path: str = ""
    source: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class IncomingEvidence:
    """A document or a clinical resource that came with the request."""

    kind: str
    title: str
    content_type: str
    data: bytes = b""
    resource: Resource | None = None
    source_key: str = ""
    document_kind: str = ""
    page_texts: tuple[str, ...] = ()
    page_origins: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class IncomingRequest:
    """One request, whatever its channel."""

    raw: bytes
    canonical_digest: str
    channel: Channel
    standing: Standing
    received_at: datetime
    certification: CertificationType
    kind: RequestKind
    urgency: Urgency
    member: IncomingMember
    lines: tuple[IncomingLine, ...]
    identifiers: tuple[Identifier, ...] = ()
    urgency_attested_by: str = ""
    received_proof: str = ""
    payer_name: str = ""
    providers: tuple[IncomingProvider, ...] = ()
    diagnoses: tuple[IncomingDiagnosis, ...] = ()
    evidence: tuple[IncomingEvidence, ...] = ()
    related: tuple[Identifier, ...] = ()
    """Names of the prior request, the surest first; an address of its Claim is an identifier too."""
    relationship: str = ""
    authorization_number: str = ""
    """An authorization of ours that the request as a whole is about."""
    administrative_number: str = ""
    is_whole_cancellation: bool = False
    is_differential: bool = False
    free_text: str = ""
    levels: dict[str, str] = field(default_factory=dict)
    cited_assertions: tuple[str, ...] = ()
    """Answers to "is authorization required?" that the message names (CRD coverage-assertion-id)."""
    faults: tuple[Fault, ...] = ()
    problems: tuple["Problem", ...] = ()
    echo: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a well-formed request cannot be acted on: the sentence, its place, and the code for the wire.

    `code` is a word of ours (see `submission.rules.PROBLEM_WORDS`); adapters turn it into AAA codes.
    """

    code: str
    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SentDocument:
    """What was attached under one code: for these lines (none: all), of this kind (LOINC; empty: any)."""

    evidence: tuple[IncomingEvidence, ...]
    lines: tuple[int, ...] = ()
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class IncomingAttachment:
    """Records sent apart from a request: asked for, or ahead of it, tied to it by a tracking number.

    Attributes:
        tracking: number that ties it to a request or a question.
        administrative_number: the payer's own reference, if the sender names it.
        member_number: of the member, as the sender knows it.
        is_final: nothing more comes for this tracking number.
        code_of_kind: attachment code (LOINC) by our kind of document.
    """

    raw: bytes
    canonical_digest: str
    channel: Channel
    received_at: datetime
    tracking: Identifier
    member_number: str
    documents: tuple[SentDocument, ...]
    administrative_number: str = ""
    is_final: bool = True
    code_of_kind: dict[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
