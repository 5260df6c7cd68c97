"""What intake found out about a request, and the papers that are read, ordered and entered at the desk."""

from openum.intake.models.findings import ChecklistItem, DuplicateHint, EligibilityCheck
from openum.intake.models.papers import FieldReading, Paper, PaperPage, PaperStep
from openum.intake.models.receipts import ReceiptProposal

__all__ = [
    "ChecklistItem", "DuplicateHint", "EligibilityCheck", "FieldReading", "Paper", "PaperPage", "PaperStep", "ReceiptProposal",
]  # fmt: skip
