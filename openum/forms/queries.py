"""Reads of forms being filled in, and of faults that were told."""

from django.db.models import QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.forms.models import Filling, FormFault


def fillings_visible_to(user: User) -> QuerySet[Filling]:
    """Forms that the offices of a user are filling in, or have completed."""
    return Filling.objects.filter(organization_id__in=scope_of(user).organization_ids).order_by("-saved_at", "-pk")


def faults_visible_to(user: User) -> QuerySet[FormFault]:
    """Faults told to the plans a user works for, the newest first."""
    rows = FormFault.objects.filter(plan_id__in=scope_of(user).plan_ids)
    return rows.select_related("client", "plan").order_by("-received_at", "-pk")
