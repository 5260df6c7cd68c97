"""The class of a reason decides who may sign and which letter goes out. No database, no clock, no web."""

from enum import StrEnum
from typing import ClassVar

from openum.accounts.rules import Permission, check_has_permission
from openum.vocabulary.errors import Invalid, NotAllowed
from openum.vocabulary.terms import LineOfBusiness, ReasonClass

KEPT_WORDS = "kept_words"
"""Under which statement of a decision it is kept why words stay that are hard for the member to read."""

REPEATS = "repeats"
"""Under which statement of a duplicate it is kept which request it repeats, by the number of its case and line."""


def kept_statement(because: str) -> dict[str, str]:
    """Return why hard words stay as a decision keeps it among its statements."""
    return {KEPT_WORDS: because.strip()} if because.strip() else {}


class ReasonDoesNotFit(Invalid):
    """The reason belongs to another kind of decision, with another signer and another letter."""

    code: ClassVar[str] = "reason-does-not-fit"


class NotAdministrative(NotAllowed):
    """The reason is a clinical one: it needs a clinician."""

    code: ClassVar[str] = "not-administrative"


class Signer(StrEnum):
    """Who may sign a decision of a reason class; the published reasons carry the same word (`may_sign`)."""

    CLINICIAN = "clinician"
    ADMINISTRATOR = "administrator"
    ANYONE = "anyone"


SIGNERS: dict[ReasonClass, Signer] = {
    ReasonClass.CRITERIA_MET: Signer.ANYONE,
    ReasonClass.REFERRAL_RULE: Signer.ANYONE,
    ReasonClass.NOT_MEDICALLY_NECESSARY: Signer.CLINICIAN,
    ReasonClass.INFORMATION_NOT_RECEIVED: Signer.CLINICIAN,
    ReasonClass.EXPERIMENTAL: Signer.CLINICIAN,
    ReasonClass.LEVEL_OR_SITE_OF_CARE: Signer.CLINICIAN,
    ReasonClass.BENEFIT_LIMIT: Signer.CLINICIAN,
    ReasonClass.OUT_OF_NETWORK: Signer.CLINICIAN,
    ReasonClass.CODING: Signer.CLINICIAN,
    ReasonClass.OTHER: Signer.CLINICIAN,
    ReasonClass.NOT_A_MEMBER: Signer.ADMINISTRATOR,
    ReasonClass.DUPLICATE: Signer.ADMINISTRATOR,
    ReasonClass.NOT_OUR_PLAN: Signer.ADMINISTRATOR,
    ReasonClass.EXCLUSION: Signer.ADMINISTRATOR,
    ReasonClass.WITHDRAWN_BY_REQUESTER: Signer.ADMINISTRATOR,
}
"""Who signs which reason: only a clinician what is judged of a person, only the short whitelist without one."""

ADMINISTRATIVE_REASONS = frozenset(reason for reason, signer in SIGNERS.items() if signer is Signer.ADMINISTRATOR)


def signer_of(reason_class: ReasonClass) -> Signer:
    """Return who may sign a reason."""
    return SIGNERS[reason_class]


def check_may_sign(signer: Signer, *, is_clinical: bool) -> None:
    """Refuse a reason that does not belong to the kind of decision; the reason chooses the letter too.

    Raises:
        ReasonDoesNotFit: an administrative reason under a clinical no, or the reverse.
    """
    wanted = Signer.CLINICIAN if is_clinical else Signer.ADMINISTRATOR
    if signer is not wanted:
        kind = "a clinical" if is_clinical else "an administrative"
        raise ReasonDoesNotFit(f"This reason does not belong to {kind} decision. Choose one that does.")


_UNDER_21_MEDICAID = frozenset({ReasonClass.NOT_A_MEMBER, ReasonClass.DUPLICATE})
_ADULT_AGE = 21
_MEDICAID = frozenset(
    {LineOfBusiness.MEDICAID_MANAGED_CARE, LineOfBusiness.MEDICAID_FFS, LineOfBusiness.INTEGRATED_DUAL}
)


def check_may_close_administratively(
    *,
    permissions: frozenset[Permission],
    is_machine: bool,
    reason_class: ReasonClass,
    line_of_business: str,
    age: int | None,
) -> None:
    """Refuse an administrative closing outside the short whitelist (settled point 2; EPSDT: SSA 1905(r)(5)).

    Raises:
        NotAdministrative: software, or a clinical reason, or a Medicaid member under 21.
    """
    if is_machine:
        raise NotAdministrative("Software closes nothing. A person must look at it.")
    check_has_permission(permissions, Permission.CLOSE_ADMINISTRATIVELY)
    if reason_class not in ADMINISTRATIVE_REASONS:
        raise NotAdministrative("This reason is a clinical one. Send the line to a nurse or physician.")
    is_medicaid = line_of_business in _MEDICAID
    if is_medicaid and (age is None or age < _ADULT_AGE) and reason_class not in _UNDER_21_MEDICAID:
        raise NotAdministrative(
            "For a Medicaid member under 21 only 'not a member' and 'duplicate' are administrative (EPSDT)."
        )
