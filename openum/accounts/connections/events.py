"""What happens to clients, their keys and tokens; past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class ClientRegistered(Event):
    """Somebody registered a client; for a plan that decides for real it waits for approval."""

    client_id: UUID
    plan_id: UUID
    way: str = ""
    """The page, or the registration by certificate."""


@dataclass(frozen=True, kw_only=True)
class ClientApproved(Event):
    """A person of the plan let a client in."""

    client_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClientRevoked(Event):
    """A client was shut out, or was never let in."""

    client_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClientKeyAdded(Event):
    """A client has a further public key."""

    client_id: UUID
    key_row: int


@dataclass(frozen=True, kw_only=True)
class ClientKeyRemoved(Event):
    """A public key verifies nothing any more."""

    client_id: UUID
    key_row: int


@dataclass(frozen=True, kw_only=True)
class ClientKeysMoved(Event):
    """A client's keys are read from another address, or are kept here from now on."""

    client_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClientServerChanged(Event):
    """A client's own FHIR server, which may be asked for what a hook did not bring, is another one, or none."""

    client_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClientServerTried(Event):
    """Somebody tried whether a client's own FHIR server answers us."""

    client_id: UUID
    did_answer: bool


@dataclass(frozen=True, kw_only=True)
class ClientOriginsChanged(Event):
    """The web pages that may call us for a client are others."""

    client_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccessTokenIssued(Event):
    """A client proved itself and got a token of a few minutes."""

    client_id: UUID
    scopes: str


@dataclass(frozen=True, kw_only=True)
class SignedTokenReplayed(Event):
    """A token that a client had signed was sent a second time; it was refused."""

    client_id: UUID
