"""From stored inputs back to a typed letter: what `services.issuing.inputs_of` wrote, read again. Pure."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from openum.notices.content import Letter, LetterKind
from openum.notices.facts import Assistance, Tagline
from openum.notices.letters import LETTERS
from openum.vocabulary.errors import Invalid


class InputsUnreadable(Invalid):
    """Stored inputs do not fit the kind of letter as it is now."""

    code = "inputs-unreadable"


def letter_of(kind: LetterKind, inputs: Mapping[str, Any], taglines: tuple[Tagline, ...]) -> Letter:
    """Return the typed letter of stored inputs.

    Args:
        taglines: those that the inputs name, with the plan's telephone put in.

    Raises:
        InputsUnreadable: a fact has another shape than the letter's type.
    """
    data = dict(inputs)
    assistance = data.pop("assistance", None)
    try:
        letter: Letter = _made(LETTERS[kind], data)
    except (TypeError, ValueError, KeyError) as error:
        raise InputsUnreadable(f"The stored inputs do not fit a {kind} letter as it is now: {error}.") from error
    if assistance is None:
        return letter
    words = Assistance(nondiscrimination=assistance["nondiscrimination"], taglines=taglines)
    return _made(LETTERS[kind], data, assistance=words)  # type: ignore[no-any-return]


def _made(part: type, data: Mapping[str, Any], **ready: Any) -> Any:
    hints = get_type_hints(part)
    known = {each.name for each in fields(part)}
    return part(**{name: _value(hints[name], value) for name, value in data.items() if name in known}, **ready)


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in {Union, UnionType}:
        options = [each for each in get_args(hint) if each is not NoneType]
        return _of_options(options, value)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return tuple(_value(inner, each) for each in value)
    if isinstance(hint, type) and is_dataclass(hint):
        return _made(hint, value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if hint is date:
        return date.fromisoformat(value)
    return value


def _of_options(options: list[Any], value: Any) -> Any:
    """Read a day or a text: what looks like a day was one."""
    if date in options and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            if str not in options:
                raise
            return value
    return _value(options[0], value)
