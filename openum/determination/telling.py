"""The words under which calls with an answer are kept; clocks to tell by telephone look for them."""

from typing import Final

ORAL_NOTICE: Final = "oral notice"
OUTCOMES: Final = ("reached", "left message", "no answer", "wrong number")
