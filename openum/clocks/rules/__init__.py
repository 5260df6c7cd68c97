"""The law of deadlines as pure functions over facts. Imports no Django, reads no clock."""

from openum.clocks.rules.book import RuleBook, book_from_rows, book_from_texts, read_book, rows_of
from openum.clocks.rules.calendars import BusinessDays
from openum.clocks.rules.chip import Chip, ChipState, chip
from openum.clocks.rules.compute import compute
from openum.clocks.rules.facts import Fact, FactKind
from openum.clocks.rules.reading import ClockState, Reading, Split, Step, StepKind
from openum.clocks.rules.rows import InvalidRule
from openum.clocks.rules.rule import Force, Information, Missed, Recipient, Rule, Unit

__all__ = [
    "BusinessDays", "Chip", "ChipState", "ClockState", "Fact", "FactKind", "Force", "Information", "InvalidRule",
    "Missed", "Reading", "Recipient", "Rule", "RuleBook", "Split", "Step", "StepKind", "Unit",
    "book_from_rows", "book_from_texts", "chip", "compute", "read_book", "rows_of",
]  # fmt: skip
