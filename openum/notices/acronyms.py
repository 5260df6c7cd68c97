"""Short forms that a letter uses without saying what they mean. Pure."""

import re
from collections.abc import Iterable
from typing import Final

SHORT_FORM: Final = re.compile(r"\b[A-Z]{2,6}s?\b")
KNOWN: Final = frozenset({"TTY", "US", "MRI", "CT", "ID", "PO", "ERISA"})
"""Short forms that readers meet as words, or that the letter's own texts explain."""


def unexplained(texts: Iterable[str]) -> tuple[str, ...]:
    """List the short forms that stand nowhere beside their meaning, in the order they first appear.

    Explained is `body mass index (BMI)` or `BMI (body mass index)`, once in any of the texts.
    """
    whole = "\n".join(texts)
    found = dict.fromkeys(match[0].removesuffix("s") for match in SHORT_FORM.finditer(whole))
    return tuple(
        form
        for form in found
        if form not in KNOWN
        and not re.search(rf"\w[\w ,'-]{{5,}}\({re.escape(form)}s?\)|\b{re.escape(form)}s? \([a-záéíóúñ]", whole)
    )


def gate(texts: Iterable[str]) -> str:
    """Say what to explain; empty when there is nothing."""
    forms = unexplained(texts)
    return f"Say what these short forms mean: {', '.join(forms)}." if forms else ""
