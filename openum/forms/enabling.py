"""Which questions are asked, given the answers so far: enableWhen, enableBehavior, enableWhenExpression. Pure.

A question counts only while it is itself asked (FHIR R4, Questionnaire.item.enableWhen); questions in a repeated group
look at their own repetition first. What stands below an unanswered question waits for its answer, texts excepted.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from openum.forms.answers import Filled, Given, Place, Spot
from openum.forms.items import ENABLED, Condition, Expression, Form, Item

Json = dict[str, Any]
Holds = Callable[[Expression, Place], bool | None]
"""Evaluates a condition written as an expression, at a place; None: it cannot be told."""


class Enabling:
    """Answers for one state of a form which of its items are asked."""

    def __init__(self, form: Form, filled: Filled, holds: Holds | None = None) -> None:
        """Take the form, its answers, and what evaluates expressions; without it they count as not told."""
        self._filled = filled
        self._holds = holds
        self._items: dict[str, Item] = {}
        self._above: dict[str, tuple[Item, ...]] = {}
        self._learn(form.items, ())
        self._known: dict[Place, bool] = {}

    def _learn(self, items: tuple[Item, ...], above: tuple[Item, ...]) -> None:
        for item in items:
            self._items.setdefault(item.link, item)
            self._above.setdefault(item.link, above)
            self._learn(item.children, (*above, item))

    def __call__(self, spot: Spot) -> bool:
        """Say whether an item is asked."""
        return self.is_enabled(spot.place)

    def is_enabled(self, place: Place) -> bool:
        """Say whether the item at a place is asked; conditions that go round in a circle do not hold."""
        known = self._known.get(place)
        if known is not None:
            return known
        self._known[place] = False
        self._known[place] = found = self._is_enabled(place)
        return found

    def _is_enabled(self, place: Place) -> bool:
        link, indexes = place
        item, above = self._items[link], self._above[link]
        if above:
            parent = above[-1]
            own = indexes[:-1] if _counts(item) else indexes
            if not self.is_enabled((parent.link, own)):
                return False
            if parent.is_question and item.kind != "display" and not self._filled.answers.get((parent.link, own)):
                return False
        expression = item.expressions.get(ENABLED)
        if expression is not None and not (self._holds is not None and self._holds(expression, place)):
            return False
        if not item.conditions:
            return True
        joined = all if item.needs_all else any
        return joined(self._is_met(condition, place) for condition in item.conditions)

    def _is_met(self, condition: Condition, place: Place) -> bool:
        given = list(self._answers_seen_from(place, condition.question))
        wanted = condition.answer
        if condition.operator == "exists":
            return bool(given) is (wanted.get("valueBoolean") is not False)
        if condition.operator == "!=":
            return not any(compare(one.value, wanted) == 0 for one in given)
        test = _OPERATORS.get(condition.operator)
        if test is None:
            return False
        return any((order := compare(one.value, wanted)) is not None and test(order) for one in given)

    def _answers_seen_from(self, place: Place, link: str) -> Iterator[Given]:
        """Yield the answers of a question: those of the same repetition as far as both stand in the same groups."""
        if link not in self._items:
            return
        shared = 0
        for own, other in zip(self._levels(place[0]), self._levels(link), strict=False):
            if own != other:
                break
            shared += 1
        for (other_link, indexes), given in self._filled.answers.items():
            if other_link != link or indexes[:shared] != place[1][:shared]:
                continue
            if self.is_enabled((link, indexes)):
                yield from given

    def _levels(self, link: str) -> list[str]:
        return [one.link for one in (*self._above[link], self._items[link]) if _counts(one)]


def _counts(item: Item) -> bool:
    return item.kind == "group" and item.repeats


_OPERATORS: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    ">": lambda order: order == 1,
    "<": lambda order: order == -1,
    ">=": lambda order: order in {0, 1},
    "<=": lambda order: order in {0, -1},
}
_NOT_LESS = 2
"""Different, without one being the lesser."""


def compare(one: Json, other: Json) -> int | None:
    """Compare two `value[x]`: -1, 0 or 1, 2 where they differ without an order, None where they cannot be compared."""
    if not one or not other:
        return None
    ((_, left),), ((_, right),) = one.items(), other.items()
    if isinstance(left, bool) or isinstance(right, bool):
        return (0 if left is right else _NOT_LESS) if type(left) is type(right) else None
    if isinstance(left, dict) and isinstance(right, dict):
        return _compare_objects(left, right)
    if isinstance(left, dict) or isinstance(right, dict):
        return _compare_mixed(left, right)
    numbers = _number(left), _number(right)
    if not isinstance(left, str) and not isinstance(right, str) and None not in numbers:
        return _order(*numbers)
    if isinstance(left, str) and isinstance(right, str):
        return _order(left, right)
    return None


def _compare_objects(left: Json, right: Json) -> int | None:
    if "value" in left or "value" in right:
        if any(left.get(name, right.get(name)) != right.get(name, left.get(name)) for name in ("code", "unit")):
            return None
        numbers = _number(left.get("value")), _number(right.get("value"))
        return None if None in numbers else _order(*numbers)
    if "reference" in left or "reference" in right:
        return 0 if left.get("reference") == right.get("reference") else _NOT_LESS
    same_system = left.get("system") == right.get("system") or not (left.get("system") and right.get("system"))
    if left.get("code") or right.get("code"):
        return 0 if left.get("code") == right.get("code") and same_system else _NOT_LESS
    return 0 if left.get("display") == right.get("display") else _NOT_LESS


def _compare_mixed(left: object, right: object) -> int | None:
    """Compare a coded answer with words, as an open choice holds either."""
    coded, words = (left, right) if isinstance(left, dict) else (right, left)
    if not isinstance(words, str) or not isinstance(coded, dict):
        return None
    return 0 if words in {coded.get("code"), coded.get("display")} else _NOT_LESS


def _order(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
