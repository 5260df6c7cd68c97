"""A form being filled in, ready to be shown: its questions, logic, lists, answers, and which questions are asked."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from openum.accounts.models import User
from openum.adapters.fhir.dtr.adaptive import Asked, advanced
from openum.adapters.fhir.dtr.held import context_of
from openum.adapters.fhir.dtr.responses import About, response_of
from openum.adapters.fhir.dtr.shelf import Found, Shelf, ready
from openum.adapters.fhir.dtr.versions import V2_2
from openum.forms.answers import Filled, Origin, Spot, all_spots, read_response, spots_of
from openum.forms.enabling import Enabling
from openum.forms.fields import merged, read_kept
from openum.forms.items import Form, Item, Option, read_form
from openum.forms.logic import Logic, Session, logic_of
from openum.forms.models import Filling
from openum.forms.populate import Choices, calculated, choices_of, enabling_of, populate
from openum.vocabulary.errors import Missing

Json = dict[str, Any]


class FormNotHeld(Missing):
    """The form is no longer on the shelf of the plan."""

    code = "form-not-held"


@dataclass
class Opened:
    """One form being filled in."""

    filling: Filling
    form: Form
    logic: Logic
    value_sets: tuple[Json, ...]
    found: Found | None
    filled: Filled
    now: datetime
    language: str

    @cached_property
    def session(self) -> Session:
        """The records at hand, read by the form's expressions."""
        records = self.filling.records
        return Session(self.logic, records, now=self.now, context=context_of(records))

    @cached_property
    def choices(self) -> Choices:
        """The lists of answers."""
        return choices_of(self.form, self.value_sets, self.session)

    def offers(self, item: Item) -> tuple[Option, ...]:
        """Return the answers that a question offers."""
        return self.choices.of(item, self.language)

    @property
    def enabling(self) -> Enabling:
        """Which questions are asked."""
        return enabling_of(self.form, self.filled, self.session)

    @property
    def spots(self) -> tuple[Spot, ...]:
        """The items as they stand."""
        return spots_of(self.form, self.filled)

    @property
    def is_adaptive(self) -> bool:
        """Say whether the questions come one after the other."""
        return self.found is not None and read_form(self.found.resource).is_adaptive

    def all_spots(self) -> list[Spot]:
        """Return every item as it stands, in reading order."""
        return list(all_spots(self.spots))

    def take_over(self, response: Json) -> None:
        """Take over the answers of a draft that came with the form."""
        self.filled = merged(read_response(self.form, response), self.filled)

    def compute(self) -> None:
        """Compute what follows from the answers."""
        self.filled = calculated(self.form, self.filled, self.session, self.choices, origin=Origin.AUTO_CLIENT)

    def fill_from_records(self) -> None:
        """Take over what the records answer; what a person typed or changed stays."""
        found = populate(self.form, self.session, self.choices, origin=Origin.AUTO_CLIENT)
        self.filled = merged(self.filled, found)
        self.compute()

    def response(self, *, status: str, by: User) -> Json:
        """Return the QuestionnaireResponse as it stands."""
        context = self.filling.context
        about = About(
            subject=context.get("subject") or {"display": self.filling.subject or "Patient"},
            coverage=context.get("coverage") or {"display": f"Coverage by {self.filling.plan.name}"},
            orders=context.get("orders") or (),
            author=_author(by),
        )
        made = response_of(
            self.form, self.filled, about, version=V2_2, identity=str(self.filling.public_id), status=status,
            is_enabled=self.enabling, at=self.now, role=by.title or "Provider office staff",
        )  # fmt: skip
        contained = self.filling.contained
        if contained is not None:
            made |= {"contained": [contained], "questionnaire": f"#{contained['id']}"}
        return made

    def next_questions(self, *, base_url: str, today: date, by: User) -> tuple[Json, bool]:
        """Return the questions of an adaptive form after this round, and whether nothing is left to ask."""
        assert self.found is not None
        contained = self.filling.contained or {}
        response = self.response(status="in-progress", by=by)
        asked = Asked(response=response, contained=contained, canonical=self.found.label.canonical, is_wrapped=False)
        answer = advanced(asked, self.found, version=V2_2, base_url=base_url, today=today)
        return answer["contained"][0], answer["status"] == "completed"


def _author(by: User) -> Json:
    """Name the person who answers, by number where there is one."""
    if by.npi:
        return {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": by.npi}, "display": by.name}
    return {"display": by.name}


def opened(filling: Filling, shelf: Shelf, *, at: datetime, language: str) -> Opened:
    """Open a form.

    Raises:
        FormNotHeld: the plan no longer hands it out.
    """
    now = at.astimezone(ZoneInfo(filling.plan.time_zone))
    filled = read_kept(filling.answers)
    if filling.package:
        form = read_form(filling.package[0], language=language)
        libraries = [one for one in filling.package if one.get("resourceType") == "Library"]
        sets = tuple(one for one in filling.package if one.get("resourceType") == "ValueSet")
        logic = logic_of(libraries, sets, main=form.libraries)
        return Opened(filling, form, logic, sets, None, filled, now, language)
    found = shelf.find("Questionnaire", filling.form)
    if found is None:
        raise FormNotHeld("The plan no longer hands out this form. Start its present version.")
    made = ready(found)
    resource = filling.contained if filling.contained is not None else found.resource
    return Opened(
        filling, read_form(resource, language=language), made.logic, made.value_sets, found, filled, now, language
    )
