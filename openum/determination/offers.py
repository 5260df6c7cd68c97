"""What determination offers on the nurse's page: the approval, with the same check as the service."""

from django.forms import BoundField
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.criteria.queries import current_map
from openum.determination.forms import ApproveForm
from openum.determination.network import asked_of, lacks_network
from openum.determination.rules import check_may_approve_as_nurse
from openum.review.actions import Action
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import FindingValue


def approval(line: ServiceLine, user: User) -> Action | None:
    """Offer to approve as asked, or say why not. No way to approve less is offered."""
    permissions = scope_of(user).permissions
    if Permission.APPROVE_LINES not in permissions:
        return None
    picture = current_map(line)
    why_not = ""
    try:
        check_may_approve_as_nurse(
            is_physician=Permission.DECIDE_ADVERSELY in permissions,
            has_guideline=picture.has_guideline,
            all_met=picture.value is FindingValue.MET,
            authority="asked for with the approval",
        )
    except OpenUMError as refusal:
        why_not = refusal.sentence
    return Action(
        key="approve",
        label=_("Approve as asked"),
        url=reverse("determination:approve", args=[line.public_id]),
        shortcut="A",
        why_not=why_not,
        asks_authority=not picture.has_guideline,
        fields=_network_fields(line) if not why_not and lacks_network(line) else (),
    )


def _network_fields(line: ServiceLine) -> tuple[BoundField, ...]:
    form = ApproveForm(initial=asked_of(line))
    form.fields["network"].widget.attrs["class"] = "form-select w-auto"
    form.fields["plan_pays"].widget.attrs |= {"class": "form-control w-auto", "placeholder": _("Plan pays, in dollars")}
    form.fields["plan_pays"].help_text = ""
    return form["network"], form["plan_pays"]
