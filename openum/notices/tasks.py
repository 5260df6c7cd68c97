"""Background work of letters: one letter occasion per job, each repeatable."""

from datetime import datetime
from typing import Any
from uuid import UUID

from openum.accounts.models import User
from openum.jobs import handler
from openum.notices import services
from openum.notices.services.faxing import STATUS
from openum.notices.services.following import (
    AMENDMENT,
    EXPEDITE_REFUSED,
    EXTENSION,
    LATE,
    PREPARE,
    QUESTION,
    TALK,
    WITHDRAWAL,
)
from openum.notices.services.sending import MANIFEST


@handler(PREPARE)
def prepare_approvals(payload: dict[str, Any], *, at: datetime) -> None:
    """Write the letters of what was approved."""
    services.prepare_approvals(case_id=UUID(payload["case"]), decided_at=datetime.fromisoformat(payload["at"]), at=at)


@handler(QUESTION)
def write_question(payload: dict[str, Any], *, at: datetime) -> None:
    """Write the letters of an information request."""
    services.write_question(question_id=UUID(payload["subject"]), event_id=UUID(payload["event"]), at=at)


@handler(EXTENSION)
def write_extension(payload: dict[str, Any], *, at: datetime) -> None:
    """Write the letters about more time."""
    services.write_extension(
        request_id=UUID(payload["subject"]), event_id=UUID(payload["event"]),
        taken_at=datetime.fromisoformat(payload["taken_at"]), by=_person(payload), at=at,
    )  # fmt: skip


@handler(LATE)
def write_late(payload: dict[str, Any], *, at: datetime) -> None:
    """Write the letters about a missed day."""
    services.write_late(
        request_id=UUID(payload["subject"]), event_id=UUID(payload["event"]),
        due_at=datetime.fromisoformat(payload["due_at"]), by=_person(payload), at=at,
    )  # fmt: skip


@handler(EXPEDITE_REFUSED)
def write_refused_speed(payload: dict[str, Any], *, at: datetime) -> None:
    """Write the letters about a refusal to decide fast."""
    services.write_refused_speed(
        request_id=UUID(payload["subject"]), event_id=UUID(payload["event"]), by=_person(payload), at=at
    )


@handler(WITHDRAWAL)
def write_withdrawal(payload: dict[str, Any], *, at: datetime) -> None:
    """Confirm a withdrawal."""
    services.write_withdrawal(
        amendment_id=UUID(payload["subject"]), event_id=UUID(payload["event"]), by=_person(payload), at=at
    )


@handler(AMENDMENT)
def write_amendment(payload: dict[str, Any], *, at: datetime) -> None:
    """Tell everybody again what is approved after an administrative change."""
    services.write_amendment(line_id=UUID(payload["line"]), event_id=UUID(payload["event"]), by=_person(payload), at=at)


@handler(TALK)
def write_offer(payload: dict[str, Any], *, at: datetime) -> None:
    """Offer a talk in writing."""
    services.write_offer(
        conversation_id=UUID(payload["subject"]), event_id=UUID(payload["event"]), by=_person(payload), at=at
    )


@handler(MANIFEST)
def write_manifest(payload: dict[str, Any], *, at: datetime) -> None:
    """List an hour's letters for the mail house."""
    services.manifest_of_hour(plan_id=UUID(payload["plan"]), hour=datetime.fromisoformat(payload["hour"]))


@handler(STATUS)
def follow_fax(payload: dict[str, Any], *, at: datetime) -> None:
    """Ask the fax line what became of a letter."""
    services.follow_fax(message_id=UUID(payload["message"]), look=int(payload["look"]), at=at)


def _person(payload: dict[str, Any]) -> User:
    return User.objects.get(public_id=payload["by"])
