"""What happens to letters. Ids and words only, never member data."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class NoticePrepared(Event):
    """A complete letter was made for one reader; `cause` is the kind of letter."""

    notice_id: UUID
    audience: str
    language: str
    caused_by: UUID


@dataclass(frozen=True, kw_only=True)
class NoticeHeld(Event):
    """A letter cannot go out as it is; `cause` says why: translation, template or address."""

    notice_id: UUID
    audience: str


@dataclass(frozen=True, kw_only=True)
class NoticeSent(Event):
    """Proof that a letter left: published on the portal, or handed to the mail house. Clocks to notify stop here.

    `cause` is the kind of letter: approval, partial-approval, denial, overturn, information-request, extension, late,
    withdrawal, dismissal, insert.
    """

    notice_id: UUID
    audience: str
    channel: str
    is_adverse: bool
    determination_id: UUID | None = None
    information_request_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class NoticeSentAgain(Event):
    """A letter left once more; what the first proof stopped stays as it is. `cause` is the kind of letter."""

    notice_id: UUID
    channel: str
    round: int


@dataclass(frozen=True, kw_only=True)
class NoticeNotDelivered(Event):
    """A letter came back, or a fax line gave up; `cause` is returned or fax failed. Somebody has to reach the person."""

    notice_id: UUID
    channel: str


@dataclass(frozen=True, kw_only=True)
class NoticeHandedOver(Event):
    """A form that the member signs was handed over; `cause` is signed, refused, telephone or not yet signed."""

    handing_id: UUID
    notice_id: UUID
    was_in_time: bool


@dataclass(frozen=True, kw_only=True)
class TranslationStored(Event):
    """A person stored a translation for letters; `cause` is translated or reviewed."""

    translation_id: UUID
