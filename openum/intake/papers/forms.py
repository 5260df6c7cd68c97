"""The form by which a fax, letter or scan is put on the desk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.design.controls import DAY, SELECT
from openum.vocabulary.terms import Channel


class UploadForm(forms.Form):
    """One file with its receipt."""

    file = forms.FileField(
        label=_("Fax, letter or scan"), help_text=_("PDF, PNG or JPEG, up to 15 MB."), allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".pdf,.png,.jpg,.jpeg,application/pdf,image/*"}),
    )  # fmt: skip
    plan = forms.ChoiceField(label=_("Health plan"), widget=forms.Select(attrs=SELECT))
    channel = forms.ChoiceField(
        label=_("How it came"), choices=[(Channel.FAX, _("Fax")), (Channel.MAIL, _("Mail"))],
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    received_date = forms.DateField(
        label=_("Day it was received"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=_("When we or whoever works for us first had it. Clocks start there."),
    )  # fmt: skip
    received_time = forms.TimeField(
        label=_("Time it was received, in the plan's zone"),
        widget=forms.TimeInput(attrs={"class": "form-control", "type": "time"}, format="%H:%M"),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, files: Any = None, *, plans: Sequence[Plan], at: datetime
    ) -> None:
        local = at.astimezone(ZoneInfo(plans[0].time_zone)) if plans else at
        initial = {"received_date": local.date(), "received_time": local.time().replace(second=0, microsecond=0)}
        super().__init__(data, files, initial=initial)
        self.plans = {str(plan.public_id): plan for plan in plans}
        choice = self.fields["plan"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(key, plan.name) for key, plan in self.plans.items()]

    @property
    def chosen_plan(self) -> Plan:
        """The plan that was chosen."""
        return self.plans[self.cleaned_data["plan"]]

    @property
    def received_at(self) -> datetime:
        """The receipt as an instant."""
        day, time = self.cleaned_data["received_date"], self.cleaned_data["received_time"]
        return datetime.combine(day, time, tzinfo=ZoneInfo(self.chosen_plan.time_zone))
