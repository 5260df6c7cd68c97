"""What a person types to write a form that is handed over, each bound to the draft it makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.cases.models import ServiceLine
from openum.design.controls import DAY, area
from openum.design.forms import NamedForm
from openum.notices.assembly.stays import Detail
from openum.notices.models import HandedForm
from openum.notices.services import drafting
from openum.notices.services.drafting import Draft
from openum.vocabulary.errors import Missing

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

HOUR: dict[str, Any] = {"class": "form-control", "type": "datetime-local"}
HOUR_FORMAT = "%Y-%m-%dT%H:%M"


def hour_field(
    label: "_StrPromise", *, required: bool = True, help_text: "_StrPromise | str" = ""
) -> forms.DateTimeField:
    """Return a field for a day with its hour, in the plan's time."""
    return forms.DateTimeField(
        label=label, required=required, input_formats=[HOUR_FORMAT], help_text=help_text,
        widget=forms.DateTimeInput(attrs=HOUR, format=HOUR_FORMAT),
    )  # fmt: skip


class CoverageEndForm(NamedForm):
    """The end of coverage of facility or home care."""

    ids = "coverage-end"

    last_covered_day = forms.DateField(
        label=_("Last covered day"), widget=forms.DateInput(attrs=DAY),
        help_text=_("Handed over later than two days before, coverage goes on until two days after."),
    )  # fmt: skip


class ImportantMessageForm(NamedForm):
    """An inpatient stay that has begun."""

    ids = "important-message"

    admitted_at = hour_field(_("Admitted"), help_text=_("In the plan's time."))


class FollowUpForm(NamedForm):
    """The follow-up copy before discharge."""

    ids = "follow-up"

    discharge_at = hour_field(_("Planned discharge"), help_text=_("In the plan's time."))


class ObservationForm(NamedForm):
    """Observation in a hospital."""

    ids = "observation"

    began_at = hour_field(_("Observation began"), help_text=_("In the plan's time."))
    ended_at = hour_field(
        _("Ended by discharge, transfer or admission"), required=False, help_text=_("Leave empty while it goes on.")
    )
    why = area(
        _("Why the person is not an inpatient"),
        most=2000,
        help_text=_("Tied to this person's facts. The letter quotes it word for word."),
    )


class ExplanationForm(NamedForm):
    """The detailed explanation for a fast appeal."""

    ids = "explanation"

    facts = area(_("The facts of the care"))
    why = area(
        _("Why it ends, in plain words"),
        help_text=_("Tied to this person's facts. The letter quotes it word for word."),
    )
    rule = forms.CharField(
        label=_("Medicare rule or plan provision"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One form that a person may write: its words, its law, its fields, and how they become a draft.

    Attributes:
        follows: it belongs to a form that is on file.
    """

    title: "_StrPromise"
    law: str
    needs: "_StrPromise"
    form: type[NamedForm]
    draft: Callable[[ServiceLine, HandedForm | None, Mapping[str, Any], datetime], Draft]
    follows: bool = False


def _of(form: HandedForm | None) -> HandedForm:
    if form is None:
        raise Missing("The form that this one follows is not here. Reload the page.")
    return form


def _instant(value: datetime, line: ServiceLine) -> datetime:
    """Read a day and hour as the plan's clock shows them."""
    return value.replace(tzinfo=ZoneInfo(line.case.product.time_zone))


STEPS: Final[dict[str, Step]] = {
    "coverage-end": Step(
        title=_("End of coverage (NOMNC)"), law="42 CFR 422.624; form CMS-10123",
        needs=_("Skilled nursing facility, home health agency or outpatient rehabilitation: handed over and signed at least two days before the last covered day."),
        form=CoverageEndForm,
        draft=lambda line, _form, given, at: drafting.coverage_end(
            line, last_covered_day=given["last_covered_day"], at=at
        ),
    ),
    "important-message": Step(
        title=_("Important Message from Medicare"), law="42 CFR 422.620(b); form CMS-10065",
        needs=_("Inpatient stay: handed over and signed within two days after admission."),
        form=ImportantMessageForm,
        draft=lambda line, _form, given, at: drafting.important_message(
            line, admitted_at=_instant(given["admitted_at"], line), at=at
        ),
    ),
    "observation": Step(
        title=_("Observation notice (MOON)"), law="42 CFR 489.20(y); form CMS-10611",
        needs=_("Observation for more than 24 hours: handed over, explained by word of mouth and signed within 36 hours after it began, sooner at discharge, transfer or admission."),
        form=ObservationForm,
        draft=lambda line, _form, given, at: drafting.observation(
            line, began_at=_instant(given["began_at"], line), why=given["why"], at=at,
            ended_at=_instant(given["ended_at"], line) if given["ended_at"] else None,
        ),
    ),
    "follow-up": Step(
        title=_("Follow-up copy of the Important Message"), law="42 CFR 422.620(c)",
        needs=_("Not earlier than two days and not later than four hours before discharge; none when the first copy is not older than two days."),
        form=FollowUpForm, follows=True,
        draft=lambda line, form, given, _at: drafting.follow_up(
            _of(form), discharge_at=_instant(given["discharge_at"], line)
        ),
    ),
    "explanation": Step(
        title=_("Detailed explanation for a fast appeal"), law="42 CFR 422.622(e), 422.626(e); forms CMS-10066, CMS-10124",
        needs=_("Owed when the quality organization tells of a fast appeal: the facts, the reason and the rule."),
        form=ExplanationForm, follows=True,
        draft=lambda _line, form, given, _at: drafting.explanation(
            _of(form), Detail(last_day=_of(form).last_covered_day, **given)
        ),
    ),
}  # fmt: skip
"""What may be written for a stay, by the last part of its address."""


def steps_after(form: HandedForm) -> tuple[str, ...]:
    """List what may follow a form that is on file."""
    follow_up = form.admitted_at is not None and form.handed_at is not None and form.follows_id is None
    is_followed = HandedForm.objects.filter(follows=form).exists()
    return (
        *(("follow-up",) if follow_up and not is_followed else ()),
        *(("explanation",) if form.observed_from is None else ()),
    )
