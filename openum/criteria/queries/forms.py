"""What a request form asks."""

from dataclasses import dataclass
from datetime import date

from openum.accounts.models import Plan
from openum.criteria.guideline import Guideline
from openum.criteria.queries.matching import Match, asked_of, match_guideline
from openum.criteria.tree import Leaf, Text
from openum.directory.models import Product

_ADULT = 18


@dataclass(frozen=True)
class AnswerField:
    """One typed question of a request form; the answer is sent under its link."""

    link: str
    kind: str
    label: Text
    unit: str
    options: tuple[tuple[str, Text], ...]
    leaf: str
    """The first criterion it answers."""
    leaves: tuple[str, ...]
    """Every criterion it answers."""
    question: Text
    plain: Text
    to_satisfy: Text
    documents: tuple[str, ...]


def match_for_form(
    *,
    plan: Plan,
    code_system: str,
    code: str,
    on: date,
    product: Product | None = None,
    age: int | None = None,
    place: str | None = None,
) -> Match:
    """Return the guideline for a request still being written.

    Without a product, the first product of the plan that has one counts; without an age, an adult; without a place,
    any.
    """
    products = [product] if product else list(Product.objects.filter(plan=plan).order_by("pk"))
    matched = Match(None, None, ())
    for one in products:
        matched = match_guideline(
            plan=plan,
            on=on,
            asked=asked_of(one, code_system, code, _ADULT if age is None else age, place=place or None),
        )
        if matched.guideline:
            break
    return matched


def form_questions(
    *,
    plan: Plan,
    code_system: str,
    code: str,
    on: date,
    product: Product | None = None,
    age: int | None = None,
    place: str | None = None,
) -> list[AnswerField]:
    """Return the typed questions of the guideline that holds for a service, in reading order; none: no guideline."""
    matched = match_for_form(
        plan=plan, code_system=code_system, code=code, on=on, product=product, age=age, place=place
    )
    return _fields(matched.guideline) if matched.guideline else []


def _fields(guideline: Guideline) -> list[AnswerField]:
    """Return each question once, with the first criterion that asks it."""
    asked_by: dict[str, list[Leaf]] = {}
    for leaf in guideline.leaves:
        for link in leaf.answers:
            asked_by.setdefault(link, []).append(leaf)
    return [
        AnswerField(
            link=link,
            kind=guideline.answers[link].kind,
            label=guideline.answers[link].label,
            unit=guideline.answers[link].unit,
            options=guideline.answers[link].options,
            leaf=leaves[0].key,
            leaves=tuple(leaf.key for leaf in leaves),
            question=leaves[0].question,
            plain=leaves[0].plain,
            to_satisfy=leaves[0].to_satisfy,
            documents=leaves[0].documents,
        )
        for link, leaves in asked_by.items()
    ]
