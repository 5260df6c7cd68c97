"""Text that any database accepts. Pure."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Return the text with U+0000 and lone surrogates shown as U+FFFD.

    PostgreSQL cannot store the first and UTF-8 cannot carry the second; the bytes as received are kept elsewhere.
    """
    return _UNSTORABLE.sub("\ufffd", text)
