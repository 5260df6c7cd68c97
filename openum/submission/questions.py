"""What the plan's guideline asks about a draft's service, and how it would read the draft as it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openum.criteria.maps import MapView
from openum.criteria.queries import form_questions
from openum.criteria.renderers.provider import Point, points_of
from openum.criteria.services import preview
from openum.criteria.tree import Text
from openum.directory.models import Member, Product
from openum.directory.queries import coverage_on, find_members
from openum.submission.composing import ANSWER, CPT, ICD_10_CM, questionnaire_response
from openum.submission.models import Draft


@dataclass(frozen=True)
class Option:
    """One answer to choose."""

    code: str
    label: str


@dataclass(frozen=True)
class Question:
    """One question of the form, with what was answered so far."""

    link: str
    kind: str
    label: str
    help: str
    value: str
    options: tuple[Option, ...] = field(default=())
    matters: bool = True
    """Its answer can still change the outcome, or it is answered already."""


def _say(text: Text) -> str:
    return text.in_language(get_language() or "en")


def _service(draft: Draft) -> tuple[str, str]:
    fields = draft.fields
    return fields.get("line1-code_system") or CPT, fields.get("line1-code", "").strip().upper()


def _member(draft: Draft) -> Member | None:
    candidates = find_members(plan=draft.plan, number=draft.fields.get("member_number", "").strip())
    fitting = [item for item in candidates if str(item.birth_date) == draft.fields.get("birth_date", "")]
    return fitting[0] if len(fitting) == 1 else None


def _day(draft: Draft, at: datetime) -> date:
    return at.astimezone(ZoneInfo(draft.plan.time_zone)).date()


def _age(born: date | None, on: date) -> int | None:
    return None if born is None else on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(frozen=True)
class _Facts:
    """What a draft says about the service, the person and the day."""

    system: str
    code: str
    day: date
    product: Product | None
    age: int | None
    place: str


def _facts(draft: Draft, on: datetime) -> _Facts | None:
    system, code = _service(draft)
    if not code:
        return None
    day, member = _day(draft, on), _member(draft)
    coverage = coverage_on(member=member, day=day, known_at=on) if member else None
    return _Facts(
        system=system,
        code=code,
        day=day,
        product=coverage.product if coverage else None,
        age=_age(member.birth_date, day) if member else None,
        place=draft.fields.get("line1-place", ""),
    )


def _read(draft: Draft, facts: _Facts) -> MapView:
    """Return how the guideline reads the draft as it stands; nothing is written."""
    return preview(
        plan=draft.plan,
        code_system=facts.system,
        code=facts.code,
        on=facts.day,
        resources=resources_of(draft.fields, on=facts.day),
        product=facts.product,
        age=facts.age,
        modifiers=draft.fields.get("line1-modifiers", "").upper().replace(",", " ").split(),
        place=facts.place,
    )


def questions_for(draft: Draft, *, on: datetime) -> list[Question]:
    """Return the questions for the first service of the draft; none when no guideline of the plan holds.

    Each says whether it still matters: as soon as the answers given settle a criterion or make it unnecessary, its
    other questions need no answer.
    """
    facts = _facts(draft, on)
    if facts is None:
        return []
    fields = form_questions(
        plan=draft.plan,
        code_system=facts.system,
        code=facts.code,
        on=facts.day,
        product=facts.product,
        age=facts.age,
        place=facts.place,
    )
    asked = {leaf.key for leaf in _read(draft, facts).questions} if fields else set()
    yes_no = (Option("yes", _("Yes")), Option("no", _("No")), Option("", _("Not known")))
    return [
        Question(
            link=item.link,
            kind=item.kind,
            label=_say(item.label),
            help=item.unit,
            value=draft.fields.get(ANSWER + item.link, ""),
            options=yes_no
            if item.kind == "yes-no"
            else tuple(Option(option, _say(label)) for option, label in item.options),
            matters=bool(draft.fields.get(ANSWER + item.link)) or not asked.isdisjoint(item.leaves),
        )
        for item in fields
    ]


def open_criteria(draft: Draft, *, on: datetime) -> list[Point]:
    """Return the criteria that stand in the way of the draft as it is; nothing is written."""
    facts = _facts(draft, on)
    return [] if facts is None else points_of(_read(draft, facts), get_language() or "en")


def resources_of(fields: Mapping[str, str], *, on: date) -> list[dict[str, object]]:
    """Return what the draft says as clinical records: the answers and the diagnoses."""
    answers = questionnaire_response(fields, on=on)
    found: list[dict[str, object]] = [answers] if answers else []
    for number in range(1, 5):
        code = fields.get(f"diagnosis{number}", "").strip().upper()
        if code:
            found.append(
                {
                    "resourceType": "Condition",
                    "id": f"draft-diagnosis-{number}",
                    "verificationStatus": {"coding": [{"code": "confirmed"}]},
                    "clinicalStatus": {"coding": [{"code": "active"}]},
                    "code": {"coding": [{"system": ICD_10_CM, "code": code}]},
                }
            )
    return found
