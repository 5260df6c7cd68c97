"""What of a note may flow into a letter: nothing that names somebody else, another case, or a colleague. Pure."""

import re
from collections.abc import Collection
from typing import ClassVar

from openum.vocabulary.errors import Invalid

_MENTION = re.compile(r"(?:^|\s)@\w")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_NUMBER = re.compile(r"\b[CA]-\d{2}-\d{4,}\b")
_PHONE = re.compile(r"(?<!\d)(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)")
_INTERNAL = re.compile(r"\b(?:internal|do not send|not for the (?:letter|member)|between us)\b", re.IGNORECASE)


class NotForTheLetter(Invalid):
    """The note names somebody else, another case or a colleague, or calls itself internal."""

    code: ClassVar[str] = "not-for-the-letter"


def names_in(text: str, names: Collection[tuple[str, str]]) -> bool:
    """Say whether a text names one of some people, by given and family name in any order."""
    words = {word.casefold() for word in re.findall(r"[^\W\d_][\w'’-]*", text)}
    return any(
        given and family and {*given.casefold().split()[:1], *family.casefold().split()} <= words
        for given, family in names
    )


def check_may_flow(text: str, *, own_numbers: Collection[str], others: Collection[tuple[str, str]]) -> None:
    """Refuse a note for the letter whose words must not reach the member and the office.

    Args:
        own_numbers: numbers of the case itself, which it may name.
        others: given and family names of people who are neither the member nor a provider of the request.

    Raises:
        NotForTheLetter: with what is in the way. The note itself may still be written for the file.
    """
    if _INTERNAL.search(text):
        raise NotForTheLetter(
            "This note calls itself internal. Keep it for the file, or write what the letter may say."
        )
    if _MENTION.search(text) or _ADDRESS.search(text):
        raise NotForTheLetter("This note speaks to a colleague or holds an address. Write it without, or for the file.")
    if set(_NUMBER.findall(text)) - set(own_numbers):
        raise NotForTheLetter("This note names another case. A letter tells of one person's case only.")
    if _PHONE.search(text):
        raise NotForTheLetter("This note holds a telephone number. The letter has its own contacts; write it without.")
    if names_in(text, others):
        raise NotForTheLetter("This note names another person. A letter tells of the member only; write it without.")
