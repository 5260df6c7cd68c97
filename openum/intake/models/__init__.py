"""What intake found out about a request, and the papers that are read, ordered and entered at the desk."""

from openum.intake.models.findings import DuplicateHint, EligibilityCheck, PaperMark
from openum.intake.models.forwarding import Forwarding
from openum.intake.models.moves import PaperMove
from openum.intake.models.papers import FieldReading, Paper, PaperPage, PaperStep
from openum.intake.models.receipts import ReceiptProposal
from openum.intake.models.refilings import Refiling
from openum.intake.models.ties import MemberTie

__all__ = [
    "DuplicateHint", "EligibilityCheck", "FieldReading", "Forwarding", "MemberTie", "Paper", "PaperMark", "PaperMove", "PaperPage", "PaperStep", "ReceiptProposal", "Refiling",
]  # fmt: skip
