"""Reads of loaded forms, of forms being filled in, and of faults that were told."""

from django.db.models import Q, QuerySet

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.directory.models import Policy
from openum.forms.models import Filling, FormFault
from openum.forms.uploads import QUESTIONNAIRE

_KEEPERS = (Permission.WRITE_GUIDELINES, Permission.PUBLISH_GUIDELINES)


def stored_forms() -> QuerySet[Policy]:
    """Loaded forms of every plan, by address, the newest version first."""
    rows = Policy.objects.filter(kind=QUESTIONNAIRE).select_related("plan").defer("body")
    return rows.order_by("key", "-effective_from", "-pk")


def stored_forms_visible_to(user: User) -> QuerySet[Policy]:
    """Loaded forms of the plans a user works for, and those that every plan may use."""
    return stored_forms().filter(Q(plan__isnull=True) | Q(plan_id__in=scope_of(user).plans_with(*_KEEPERS)))


def fillings_visible_to(user: User) -> QuerySet[Filling]:
    """Forms that the offices of a user are filling in, or have completed."""
    offices = scope_of(user).organizations_with(Permission.SUBMIT_REQUEST)
    return Filling.objects.filter(organization_id__in=offices).order_by("-saved_at", "-pk")


def faults_visible_to(user: User) -> QuerySet[FormFault]:
    """Faults told to the plans a user works for, the newest first."""
    rows = FormFault.objects.filter(plan_id__in=scope_of(user).plans_with(*_KEEPERS))
    return rows.select_related("client", "plan").order_by("-received_at", "-pk")
