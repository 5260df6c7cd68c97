"""What a sandbox can be armed with, and how long it stays armed. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from openum.vocabulary.errors import Invalid


class SandboxAnswer(StrEnum):
    """The next answer of a sandbox plan."""

    APPROVE = "approve"
    DENY = "deny"
    MODIFY = "modify"
    MODIFY_CODE = "modify_code"
    PEND = "pend"
    PEND_THEN_APPROVE = "pend_then_approve"
    PEND_THEN_DENY = "pend_then_deny"
    ASK_FOR_DOCUMENTS = "ask_for_documents"
    ASK_BY_TASK = "ask_by_task"
    ASK_BY_COMMUNICATION_REQUEST = "ask_by_communication_request"
    ASK_FOR_FORM = "ask_for_form"
    ERROR = "error"
    SLOW = "slow"
    REFUSE = "refuse"


FAULTS = frozenset({SandboxAnswer.SLOW, SandboxAnswer.REFUSE})
"""Answers that say nothing about the request: the line is slow, or refuses by status, whatever was called."""

LATER = frozenset({SandboxAnswer.PEND_THEN_APPROVE, SandboxAnswer.PEND_THEN_DENY})
ASKS = frozenset({
    SandboxAnswer.ASK_FOR_DOCUMENTS, SandboxAnswer.ASK_BY_TASK, SandboxAnswer.ASK_BY_COMMUNICATION_REQUEST,
    SandboxAnswer.ASK_FOR_FORM,
})  # fmt: skip

_HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
OTHER_SERVICES = ((_HCPCS, "S5130", "S5131"), (_HCPCS, "T1019", "T1020"))
"""What stands in place of the service asked for: the first, or the second where the first was asked for; the third value
ends the range of codes, where a range was asked for."""

MOST_SECONDS_LATER = 86_400
MOST_SECONDS_SLOW = 30
"""A slow answer holds one thread of the web process; beyond half a minute every client has given up."""
LONGEST = timedelta(days=7)
USUAL = timedelta(days=1)

ARMED_ERRORS: dict[str, str] = {
    "04": "C", "15": "C", "33": "C", "41": "N", "42": "R", "43": "C", "51": "C", "56": "C", "57": "C", "58": "C",
    "64": "C", "65": "C", "67": "C", "71": "C", "72": "C", "75": "C", "78": "N", "79": "C", "84": "N", "AF": "C",
    "AG": "C", "T4": "C", "T5": "N",
}  # fmt: skip
"""AAA reject reasons (X12 901) that can be armed, each with its follow-up action (X12 889)."""
USUAL_ERROR = "42"
ARMED_ERROR_TEXT = "The sandbox was armed to answer with an error."

ARMED_STATUSES = (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503)
USUAL_STATUS = 422


def armed_problem(error_code: str) -> str:
    """Return the word of a problem for an armed AAA reject reason."""
    return f"armed-error-{error_code or USUAL_ERROR}"


def other_service(code_system: str, code: str, code_end: str = "") -> tuple[str, str, str]:
    """Return code system, code and end of range (empty: none) of what a sandbox certifies in place of what was asked."""
    system, other, last = next(each for each in OTHER_SERVICES if each[:2] != (code_system, code))
    return system, other, last if code_end else ""


class CannotBeArmed(Invalid):
    """The answer that was asked for has a part that the sandbox cannot give."""

    code: ClassVar[str] = "cannot-be-armed"


@dataclass(frozen=True, kw_only=True)
class Armed:
    """An answer to arm, checked.

    Attributes:
        answer: which answer.
        delay_seconds: until the later decision of a pended answer, or of a slow one.
        error_code: AAA reject reason of an error.
        http_status: of a refusal.
        is_standing: answers every message until it ends, not the next one only.
        lasts: how long it stays armed when nobody calls.
    """

    answer: SandboxAnswer
    delay_seconds: int = 0
    error_code: str = ""
    http_status: int | None = None
    is_standing: bool = False
    lasts: timedelta = USUAL

    def __post_init__(self) -> None:
        """Refuse what the sandbox cannot give (CannotBeArmed)."""
        most = MOST_SECONDS_SLOW if self.answer == SandboxAnswer.SLOW else MOST_SECONDS_LATER
        if not 0 <= self.delay_seconds <= most:
            raise CannotBeArmed(f"The delay of this answer may be 0 to {most} seconds.")
        if self.error_code and self.error_code not in ARMED_ERRORS:
            raise CannotBeArmed(f"The error code must be one of {', '.join(ARMED_ERRORS)}.")
        if self.http_status is not None and self.http_status not in ARMED_STATUSES:
            raise CannotBeArmed(f"The status must be one of {', '.join(map(str, ARMED_STATUSES))}.")
        if not timedelta(0) < self.lasts <= LONGEST:
            raise CannotBeArmed(f"An answer stays armed for up to {LONGEST.days} days.")
