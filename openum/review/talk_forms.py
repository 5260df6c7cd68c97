"""Forms of conversations between clinicians: publishing times, booking, delegates, writing, attempts, the outcome."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from openum.design.controls import CHECK, DAY, DAY_TIME, DAY_TIME_FORMAT, SELECT, TEXT, area
from openum.design.forms import NamedForm
from openum.review.rules.offers import DelegateKind, Outcome

HOUR: dict[str, Any] = {"class": "form-control", "type": "time"}
ZONES = [
    ("America/New_York", _("Eastern time")),
    ("America/Chicago", _("Central time")),
    ("America/Denver", _("Mountain time")),
    ("America/Phoenix", _("Arizona time")),
    ("America/Los_Angeles", _("Pacific time")),
    ("America/Anchorage", _("Alaska time")),
    ("Pacific/Honolulu", _("Hawaii time")),
    ("America/Puerto_Rico", _("Atlantic time (Puerto Rico)")),
]
"""The zones a physician or a practice chooses from."""
WEEKDAYS = [
    (0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")),
    (5, _("Saturday")), (6, _("Sunday")),
]  # fmt: skip
ORDERING = "ordering"


class CalendarForm(NamedForm):
    """The zone and usual length of a physician's times."""

    ids = "calendar"

    time_zone = forms.ChoiceField(label=_("Your time zone"), choices=ZONES, widget=forms.Select(attrs=SELECT))
    minutes = forms.IntegerField(
        label=_("Minutes each"), min_value=5, max_value=60, initial=10, widget=forms.NumberInput(attrs=TEXT)
    )


class HoursForm(NamedForm):
    """Hours on weekdays that become times."""

    ids = "hours"

    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"),
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.SelectMultiple(attrs={**SELECT, "size": 5}),
    )
    opens = forms.TimeField(
        label=pgettext_lazy("begin of hours", "From"), widget=forms.TimeInput(attrs=HOUR, format="%H:%M")
    )
    closes = forms.TimeField(
        label=pgettext_lazy("end of a time", "To"), widget=forms.TimeInput(attrs=HOUR, format="%H:%M")
    )


class BookingForm(forms.Form):
    """A time, who takes the call, and the number."""

    slot = forms.UUIDField(error_messages={"required": _("Choose a time."), "invalid": _("Choose a time.")})
    speaker = forms.ChoiceField(label=_("Who will take the call"), widget=forms.Select(attrs=SELECT))
    call_back = forms.CharField(
        label=_("Number we call"),
        max_length=60,
        widget=forms.TextInput(attrs={**TEXT, "type": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, speakers: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer those who may speak."""
        super().__init__(*args, **kwargs)
        field = self.fields["speaker"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = speakers


class DelegateForm(NamedForm):
    """Somebody who books or speaks in the ordering doctor's place."""

    ids = "delegate"

    kind = forms.ChoiceField(
        label=_("This person is"),
        choices=[
            (DelegateKind.COLLEAGUE, _("a colleague (a clinician)")),
            (DelegateKind.STAFF, _("a member of staff")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    login = forms.ChoiceField(label=_("Login of your practice"), required=False, widget=forms.Select(attrs=SELECT))
    name = forms.CharField(
        label=_("Name, without a login"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT)
    )
    may_book = forms.BooleanField(
        label=_("May book and move the time"), required=False, widget=forms.CheckboxInput(attrs=CHECK)
    )
    may_speak = forms.BooleanField(
        label=_("May take the call"), required=False, widget=forms.CheckboxInput(attrs=CHECK)
    )
    on_word_of = forms.ChoiceField(label=_("Named by"), required=False, widget=forms.Select(attrs=SELECT))

    def __init__(self, *args: Any, logins: list[tuple[str, str]], doctors: list[str], **kwargs: Any) -> None:
        """Offer the logins of the practice and the doctors of the request."""
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("login", [("", _("None")), *logins]),
            ("on_word_of", [(item, item) for item in doctors]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class WritingForm(NamedForm):
    """An answer in writing instead of a call."""

    ids = "writing"

    author = forms.ChoiceField(label=_("Who answers"), widget=forms.Select(attrs=SELECT))
    text = area(_("The answer"), rows=6, help_text=_("Part of the record. The plan's physician reads it and answers."))

    def __init__(self, *args: Any, speakers: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer those who may speak."""
        super().__init__(*args, **kwargs)
        field = self.fields["author"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = speakers


class ConversationForm(NamedForm):
    """What came of a conversation."""

    ids = "talk"

    held_from = forms.DateTimeField(
        label=_("From"),
        input_formats=[DAY_TIME_FORMAT],
        widget=forms.DateTimeInput(attrs=DAY_TIME, format=DAY_TIME_FORMAT),
    )
    held_to = forms.DateTimeField(
        label=pgettext_lazy("end of a time", "To"),
        input_formats=[DAY_TIME_FORMAT],
        widget=forms.DateTimeInput(attrs=DAY_TIME, format=DAY_TIME_FORMAT),
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[
            (Outcome.NEW_EVIDENCE, _("New evidence: I look again")),
            (Outcome.APPROVED, _("Approved: I approve as asked now")),
            (Outcome.CHANGED_REQUEST, _("Changed request: the provider amends it")),
            (Outcome.UPHELD, _("Upheld: my view stays")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    note = area(_("What was said"), rows=5, help_text=_("Part of the record."))
    conclusion = area(
        _("What follows"),
        most=4000,
        required=False,
        help_text=_(
            "Approved: why. Changed request: what was agreed. New evidence: what the practice will send, one a line; it is "
            "asked for at once while the line is open."
        ),
    )


class AttemptForm(NamedForm):
    """An attempt to reach the ordering clinician."""

    ids = "attempt"

    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[
            ("left message", _("Left a message")),
            ("no answer", _("No answer")),
            ("wrong number", _("Wrong number")),
            ("declined", _("The clinician declined")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    address = forms.CharField(label=_("Number called"), max_length=60, widget=forms.TextInput(attrs=TEXT))
    person = forms.CharField(
        label=_("Who answered"), required=False, max_length=120, widget=forms.TextInput(attrs=TEXT)
    )
    note = area(_("Note"), most=2000, rows=2, required=False)
    is_final = forms.BooleanField(label=_("Close the offer"), required=False, widget=forms.CheckboxInput(attrs=CHECK))
