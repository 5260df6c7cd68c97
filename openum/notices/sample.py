"""A letter of every kind from invented facts, to look at a template in a language before anybody gets it. Pure.

Every text field says its own name in brackets, every day is the same invented one: what stands there is the template.
"""

from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from openum.notices.content import Letter, LetterKind
from openum.notices.elements import Audience, Element
from openum.notices.facts import AppealRights, Assistance, PlanContact
from openum.notices.letters import LETTERS
from openum.vocabulary.terms import LineOfBusiness, ReasonClass

DAY: Final = date(2026, 12, 2)
NAMES: Final = {"member.name": "Ada Example", "recipient.name": "Ada Example", "request.number": "C-26-0000000"}


def sample(
    kind: LetterKind,
    audience: Audience,
    line_of_business: LineOfBusiness,
    language: str,
    *,
    plan: PlanContact,
    rights: AppealRights,
    assistance: Assistance,
    state: str = "",
) -> Letter:
    """Return a complete letter of invented facts; plan, rights and language help are the published ones.

    Args:
        state: by two letters; what the law of another state alone wants told is left out.
    """
    given = {
        "state": state,
        "audience": audience,
        "language": language,
        "line_of_business": line_of_business,
        "reason_class": ReasonClass.NOT_MEDICALLY_NECESSARY,
        "plan": plan,
        "rights": rights,
        "assistance": assistance if audience is Audience.MEMBER else None,
    }
    letter: Letter = _made(LETTERS[kind], "", given)
    return letter


def _made(part: type, prefix: str, given: dict[str, Any]) -> Any:
    hints = get_type_hints(part)
    facts: dict[str, Any] = {}
    for each in fields(part):
        if each.name in given and not prefix:
            facts[each.name] = given[each.name]
        elif _is_told(each.metadata.get("element"), prefix, given) or each.default is MISSING:
            facts[each.name] = _value(hints[each.name], f"{prefix}{each.name}")
    return part(**facts)


def _is_told(element: Element | None, prefix: str, given: dict[str, Any]) -> bool:
    """Say whether a field is filled: every mandatory one, a state's own only in the letter of that state."""
    return element is not None and (bool(prefix) or element.states is None or given["state"] in element.states)


def _value(hint: Any, path: str) -> Any:
    if get_origin(hint) in {Union, UnionType}:
        options = [each for each in get_args(hint) if each is not NoneType]
        return _value(options[0], path)
    if get_origin(hint) is tuple:
        return (_value(get_args(hint)[0], path),)
    if isinstance(hint, type) and is_dataclass(hint):
        return _made(hint, f"{path}.", {})
    if hint is date:
        return DAY
    if hint is bool:
        return False
    return NAMES.get(path, f"[{path.replace('_', ' ')}]")
