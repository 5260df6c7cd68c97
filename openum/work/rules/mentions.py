"""Colleagues that a note names: @ and the part of their e-mail address before the @. Pure."""

import re

_NAMED = re.compile(r"(?<![\w@.])@([A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]|[A-Za-z0-9])")
MOST_NAMED = 20


def named_in(text: str) -> list[str]:
    """Return the handles a text names, in order, each once, in lower case."""
    return list(dict.fromkeys(handle.lower() for handle in _NAMED.findall(text)))[:MOST_NAMED]


def handle_of(email: str) -> str:
    """Return the handle by which a person is named."""
    return email.partition("@")[0].lower()
