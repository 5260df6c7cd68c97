"""Forms of queues, rules, days and tasks."""

import csv
import io
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan, User
from openum.design.controls import DAY, SELECT, TEXT, area
from openum.design.forms import NamedForm
from openum.work.models import Queue
from openum.work.queries.around import staff_of
from openum.work.queries.lists import queues_visible_to
from openum.work.rules.facts import Stage
from openum.work.rules.forecasting import Count
from openum.work.rules.hours import DAYS, MOST_POINTS_A_DAY

WHEN: dict[str, Any] = {"class": "form-control", "type": "datetime-local"}
WHEN_FORMAT = "%Y-%m-%dT%H:%M"
_SELECT = forms.Select(attrs=SELECT)


def _when(label: Any, *, required: bool = True) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, required=required, input_formats=[WHEN_FORMAT],
        widget=forms.DateTimeInput(attrs=WHEN, format=WHEN_FORMAT), help_text=_("In the plan's time."),
    )  # fmt: skip


class TaskForm(NamedForm):
    """Something to do: what, whose, by when."""

    ids = "task"

    title = forms.CharField(label=_("What is to be done"), max_length=200, widget=forms.TextInput(attrs=TEXT))
    detail = area(_("Details"), most=4000, required=False)
    owner = forms.ChoiceField(label=_("Whose"), widget=_SELECT)
    due_at = _when(_("Due"))
    remind_at = _when(_("Remind"), required=False)

    def __init__(self, *args: Any, plan: Plan, user: User, **kwargs: Any) -> None:
        """Offer the plan's people and its queues' teams."""
        super().__init__(*args, **kwargs)
        people = [(f"p:{row.public_id}", row.name) for row in staff_of([plan.pk])]
        teams = [(f"q:{row.public_id}", row.name) for row in queues_visible_to(user).filter(plan=plan)]
        self.fields["owner"].choices = [(_("People"), people), (_("Teams"), teams)]  # type: ignore[attr-defined]
        if not self.is_bound:
            self.initial.setdefault("owner", f"p:{user.public_id}")


def owner_of(choice: str) -> tuple[User | None, Queue | None]:
    """Return the person or the team that a form's choice names."""
    kind, _colon, key = choice.partition(":")
    if kind == "p":
        return User.objects.get(public_id=UUID(key)), None
    return None, Queue.objects.get(public_id=UUID(key))


class EndTaskForm(NamedForm):
    """How a task ended."""

    ids = "end"

    ended_with = forms.ChoiceField(
        label=_("How it ended"), choices=[("done", _("Done")), ("dropped", _("Not needed any more"))], widget=_SELECT
    )
    outcome = area(_("What came of it"), most=2000, required=False, help_text=_("Needed when it is dropped."))


class AbsenceForm(NamedForm):
    """Days on which somebody works less or not at all."""

    ids = "absence"

    person = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), to_field_name="public_id", widget=_SELECT
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("Why"),
        choices=[
            ("away", _("Away")), ("training", _("Training")), ("meetings", _("Meetings")), ("part_time", _("Part time")),
        ],
        widget=_SELECT,
        help_text=_("A kind only, never a diagnosis."),
    )  # fmt: skip
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    back_on = forms.DateField(label=_("Back on"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    percent_left = forms.IntegerField(
        label=_("Share of the usual day that is left, in percent"), min_value=0, max_value=90, initial=0,
        widget=forms.NumberInput(attrs=TEXT),
    )  # fmt: skip

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        """Offer the people whose days the reader may keep."""
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = lambda user: user.name  # type: ignore[attr-defined]


class CapacityForm(NamedForm):
    """What a person can carry on a usual day, and the languages they work in."""

    ids = "capacity"

    person = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), to_field_name="public_id", widget=_SELECT
    )  # fmt: skip
    points_a_day = forms.IntegerField(
        label=_("Points of a whole day"), min_value=0, max_value=MOST_POINTS_A_DAY, widget=forms.NumberInput(attrs=TEXT)
    )
    languages = forms.CharField(
        label=_("Languages beside English"), required=False, max_length=60, widget=forms.TextInput(attrs=TEXT),
        help_text=_("Codes separated by commas, like es, vi."),
    )  # fmt: skip

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        """Offer the people of the reader's plans."""
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = lambda user: user.name  # type: ignore[attr-defined]


MOST_BYTES = 2_000_000


class PastWeeksForm(NamedForm):
    """Weekly counts of the system before, for forecasts."""

    ids = "past"

    file = forms.FileField(
        label=_("File (CSV)"), widget=forms.FileInput(attrs={"class": "form-control", "accept": ".csv,text/csv"}),
        help_text=_("The first row names queue, week, requests, points and perhaps field: a queue's key, any day of the week, how many came, their points together, a field of medicine."),
    )  # fmt: skip
    source = forms.CharField(
        label=_("Where the numbers come from"), max_length=200, widget=forms.TextInput(attrs=TEXT)
    )  # fmt: skip

    def clean_file(self) -> list[Count]:
        """Read the rows.

        Raises:
            ValidationError: naming the row.
        """
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB. Take in fewer weeks at once."))
        try:
            rows = list(csv.DictReader(io.StringIO(given.read().decode("utf-8-sig"))))
        except (UnicodeDecodeError, csv.Error) as error:
            raise forms.ValidationError(_("The file cannot be read as CSV in UTF-8. Save it so.")) from error
        heads = {head.strip().lower() for head in (rows[0] if rows else {}) if head}
        if not {"queue", "week", "requests", "points"} <= heads:
            raise forms.ValidationError(
                _("The first row must name queue, week, requests and points, and rows must follow.")
            )
        return [_count_of(place, row) for place, row in enumerate(rows, start=1)]


def _count_of(place: int, row: dict[str, Any]) -> Count:
    given = {str(head).strip().lower(): str(value or "").strip() for head, value in row.items()}
    try:
        return Count(
            queue=given["queue"], day=date.fromisoformat(given["week"]), lines=int(given["requests"]),
            points=int(given["points"]), field=given.get("field", ""),
        )  # fmt: skip
    except ValueError as error:
        raise forms.ValidationError(
            _("Row %(row)s: write the week as YYYY-MM-DD, requests and points as whole numbers."), params={"row": place}
        ) from error


class QueueForm(NamedForm):
    """One queue: owner, people, skills, hours."""

    ids = "queue"

    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs=TEXT))
    key = forms.SlugField(
        label=_("Key"), max_length=50, widget=forms.TextInput(attrs=TEXT), help_text=_("Rules name the queue by it.")
    )
    stage = forms.ChoiceField(
        label=_("Stage"), choices=[(Stage.NURSE, _("Nurse")), (Stage.PHYSICIAN, _("Physician"))], widget=_SELECT
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.none(), to_field_name="public_id", widget=_SELECT
    )  # fmt: skip
    people = forms.ModelMultipleChoiceField(
        label=_("Who works in it"), queryset=User.objects.none(), to_field_name="public_id", required=False,
        widget=forms.SelectMultiple(attrs={**SELECT, "size": 6}),
    )  # fmt: skip
    skills = forms.CharField(
        label=_("Fields of medicine, of which a person needs one"), required=False, max_length=300,
        widget=forms.TextInput(attrs=TEXT), help_text=_("Separated by commas. Empty: any."),
    )  # fmt: skip
    licence_kind = forms.CharField(
        label=_("Licence that a person needs in the product's state"), required=False, max_length=60,
        widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip
    hours = forms.CharField(
        label=_("Hours"), required=False, max_length=400, widget=forms.TextInput(attrs=TEXT),
        help_text=_("Like: mon-fri 08:00-17:00, sat 09:00-13:00. Empty: always worked."),
    )  # fmt: skip
    backup = forms.ModelChoiceField(
        label=_("Backup when it is full"), queryset=Queue.objects.none(), to_field_name="public_id", required=False,
        widget=_SELECT,
    )  # fmt: skip
    gives_out = forms.BooleanField(label=_("Gives its requests out without being asked"), required=False, initial=True)

    def __init__(self, *args: Any, plan: Plan, known: Queue | None, **kwargs: Any) -> None:
        """Offer the plan's people and its other queues; key and stage of a known queue stay."""
        super().__init__(*args, **kwargs)
        staff = staff_of([plan.pk])
        for name in ("owner", "people"):
            self.fields[name].queryset = staff  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda user: user.name  # type: ignore[attr-defined]
        others = Queue.objects.filter(plan=plan, is_open=True).order_by("name")
        others = others if known is None else others.exclude(pk=known.pk)
        self.fields["backup"].queryset = others  # type: ignore[attr-defined]
        self.fields["backup"].label_from_instance = lambda queue: queue.name  # type: ignore[attr-defined]
        if known is not None:
            del self.fields["key"], self.fields["stage"]

    def clean_hours(self) -> dict[str, list[str]]:
        """Read hours as people write them."""
        return read_hours(self.cleaned_data["hours"])


def read_hours(text: str) -> dict[str, list[str]]:
    """Read "mon-fri 08:00-17:00, sat 09:00-13:00" as opening and closing by weekday.

    Raises:
        ValidationError: naming the part that cannot be read.
    """
    hours: dict[str, list[str]] = {}
    for part in filter(None, (each.strip().lower() for each in text.split(","))):
        days, _space, span = part.partition(" ")
        first, _dash, last = days.partition("-")
        opens, dash, closes = span.strip().partition("-")
        if first not in DAYS or (last and last not in DAYS) or not dash:
            raise forms.ValidationError(
                _("“%(part)s” is not understood. Write it like mon-fri 08:00-17:00."), params={"part": part}
            )
        begin, end = DAYS.index(first), DAYS.index(last or first)
        for day in DAYS[begin : end + 1]:
            hours[day] = [opens.strip(), closes.strip()]
    return hours


def write_hours(hours: dict[str, list[str]]) -> str:
    """Write hours as the form reads them, days in a row with the same hours together."""
    runs: list[tuple[int, int, list[str]]] = []
    for number, day in enumerate(DAYS):
        if day not in hours:
            continue
        if runs and runs[-1][1] == number - 1 and runs[-1][2] == hours[day]:
            runs[-1] = (runs[-1][0], number, hours[day])
        else:
            runs.append((number, number, hours[day]))
    return ", ".join(
        f"{DAYS[first]}{f'-{DAYS[last]}' if last > first else ''} {span[0]}-{span[1]}" for first, last, span in runs
    )


class RulesForm(NamedForm):
    """The text of a routing document."""

    ids = "rules"

    text = forms.CharField(
        label=_("Routing document"), max_length=100_000, strip=False,
        widget=forms.Textarea(attrs={"class": "form-control code", "rows": 24, "spellcheck": "false"}),
    )  # fmt: skip


class OnCallForm(NamedForm):
    """Who covers a queue, from when until when, in the plan's zone."""

    ids = "on-call"

    queue = forms.ModelChoiceField(
        label=_("Queue"), queryset=Queue.objects.none(), to_field_name="public_id", widget=_SELECT
    )
    person = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), to_field_name="public_id", widget=_SELECT
    )
    starts_at = _when(_("From"))
    ends_at = _when(_("Until"))

    def __init__(self, *args: Any, queues: QuerySet[Queue], people: QuerySet[User], **kwargs: Any) -> None:
        """Offer the queues and people of the reader's plans."""
        super().__init__(*args, **kwargs)
        self.fields["queue"].queryset = queues  # type: ignore[attr-defined]
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Take the times as typed; the page reads them in the plan's zone."""
        given = super().clean() or {}
        for name in ("starts_at", "ends_at"):
            if name in given:
                given[name] = given[name].replace(tzinfo=None)
        return given
