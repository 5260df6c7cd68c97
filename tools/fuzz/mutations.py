"""Ways to break a message. Pure: the same seed breaks the same message in the same way."""

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Json = Any
Path = tuple[str | int, ...]

MOST_REPEATS, LONGEST_TEXT, DEEPEST = 400, 200_000, 120

ODD_TEXTS = (
    "", " ", "\u0000", "\ufeff", "\ud7ff\U0010ffff", "a\nb", "'; DROP TABLE cases_case; --", "<script>1</script>", "null",
    "../../etc", "%00", "9999-12-31", "0001-01-01", "2026-02-30", "2026-13", "1e999", "-0", "urn:uuid:", "#", "Patient/",
)  # fmt: skip
ODD_VALUES = (
    None, True, False, 0, -1, 1.5, 1e308, -1e-308, 2**31, 2**53 + 1, 2**63 - 1, [], {}, [[]], [None], [{}], {"": ""},
    {"extension": [{}]}, {"reference": {}}, {"coding": [{"code": 7, "system": []}]},
)  # fmt: skip


def places(node: Json, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value inside a message."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in inner:
        yield (*path, name)
        yield from places(value, (*path, name))


def _owner(message: Json, path: Path) -> Json:
    for step in path[:-1]:
        message = message[step]
    return message


def remove(message: Json, path: Path, dice: Random) -> None:
    """Leave a value out."""
    del _owner(message, path)[path[-1]]


def retype(message: Json, path: Path, dice: Random) -> None:
    """Put a value of another type in its place."""
    _owner(message, path)[path[-1]] = copy.deepcopy(dice.choice(ODD_VALUES))


def reword(message: Json, path: Path, dice: Random) -> None:
    """Put an odd text in its place."""
    _owner(message, path)[path[-1]] = dice.choice(ODD_TEXTS)


def enlarge(message: Json, path: Path, dice: Random) -> None:
    """Repeat a value many times, or make a long text of it."""
    owner = _owner(message, path)
    value = owner[path[-1]]
    if isinstance(value, list) and value and len(value) < MOST_REPEATS:
        owner[path[-1]] = [copy.deepcopy(dice.choice(value)) for _ in range(dice.randint(2, MOST_REPEATS))]
    else:
        owner[path[-1]] = dice.choice("aé\u4e00") * dice.choice([300, 5_000, LONGEST_TEXT])


def deepen(message: Json, path: Path, dice: Random) -> None:
    """Wrap a value in many levels."""
    owner = _owner(message, path)
    value = owner[path[-1]]
    kind = dice.choice(["list", "object", "extension"])
    for _ in range(dice.choice([3, 40, DEEPEST])):
        if kind == "list":
            value = [value]
        elif kind == "object":
            value = {"item": [value]}
        else:
            value = {"url": "http://clinic.example/deep", "extension": [value]}
    owner[path[-1]] = value


def move(message: Json, path: Path, dice: Random) -> None:
    """Put a copy of another part of the message in its place."""
    other = dice.choice(list(places(message)))
    _owner(message, path)[path[-1]] = copy.deepcopy(_owner(message, other)[other[-1]])


def misdirect(message: Json, path: Path, dice: Random) -> None:
    """Point one reference somewhere else: to nothing, to another entry, in a circle."""
    references = [one for one in places(message) if one[-1] == "reference"]
    addresses = [_owner(message, one)[one[-1]] for one in places(message) if one[-1] == "fullUrl"]
    if references:
        chosen = dice.choice(references)
        nowhere = [
            "urn:uuid:0198c0de-0000-7000-8000-0000000000ff",
            "#nothing",
            "Patient/none",
            "https://a.example/x",
            "",
        ]
        _owner(message, chosen)["reference"] = copy.deepcopy(dice.choice([*addresses, *nowhere]))


WAYS: tuple[Callable[[Json, Path, Random], None], ...] = (
    remove, remove, retype, retype, reword, misdirect, misdirect, move, enlarge, deepen,
)  # fmt: skip
"""Each as often as it is listed."""


def broken(message: Json, dice: Random) -> Json:
    """Return a message broken in one to three ways."""
    found = copy.deepcopy(message)
    for _ in range(dice.randint(1, 3)):
        try:
            everywhere = list(places(found))
            if everywhere:
                dice.choice(WAYS)(found, dice.choice(everywhere), dice)
        except RecursionError:  # one way made it too deep to be broken further
            break
    return found
