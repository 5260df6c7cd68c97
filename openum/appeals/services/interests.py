"""Conflicts of interest: who decides, approves or closes names a provider whose matters another has to judge."""

from datetime import date, datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.events import InterestDeclared
from openum.appeals.models import DeclaredInterest
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.identifiers import npi_is_valid


@permitted(Permission.DECIDE_APPEALS, Permission.APPROVE_LINES, Permission.CLOSE_ADMINISTRATIVELY)
@transaction.atomic
def declare_interest(*, npi: str, reason: str, by: User, at: datetime) -> DeclaredInterest:
    """Declare a conflict with a provider. From now on its requests, and appeals about them, are somebody else's to decide.

    Raises:
        Invalid: not a provider number, or no reason.
        Conflict: declared already.
    """
    if not npi_is_valid(npi.strip()):
        raise Invalid("This is not a provider number (NPI): ten digits, the last one a check digit.")
    if not reason.strip():
        raise Invalid("Write what the interest is, for example: shares an office, holds a part of the practice.")
    if DeclaredInterest.objects.filter(user=by, npi=npi.strip(), ends_on__isnull=True).exists():
        raise Conflict("You declared an interest with this provider already. End it first to change it.")
    row = DeclaredInterest.objects.create(user=by, npi=npi.strip(), reason=reason.strip(), declared_at=at)
    audit.record(InterestDeclared(user_id=by.public_id, cause="begun"), by=by, at=at)
    return row


@permitted(Permission.DECIDE_APPEALS, Permission.APPROVE_LINES, Permission.CLOSE_ADMINISTRATIVELY)
@transaction.atomic
def end_interest(*, npi: str, ends_on: date, today: date, by: User, at: datetime) -> DeclaredInterest:
    """End a declared conflict; the row stays, with the day on which it ended.

    Args:
        ends_on: first day without the interest; never before today, so that no past assignment looks free of it.

    Raises:
        Conflict: none is declared with this provider.
        Invalid: a day in the past.
    """
    if ends_on < today:
        raise Invalid("A declared interest cannot end in the past. Choose today or a later day.")
    row = DeclaredInterest.objects.select_for_update().filter(user=by, npi=npi.strip(), ends_on__isnull=True).first()
    if row is None:
        raise Conflict("You have declared no interest with this provider, or it has ended.")
    row.ends_on = ends_on
    row.save(update_fields=["ends_on"])
    audit.record(InterestDeclared(user_id=by.public_id, cause="ended"), by=by, at=at)
    return row
