"""The only writers of public reports and of proposals about requirements."""

from openum.programme.services.proposals import answer_proposal, propose_removal
from openum.programme.services.reports import (
    CorrectionUnexplained,
    LevelUnknown,
    LevelUnnamed,
    YearNotOver,
    digest_of,
    figures_of,
    freeze_report,
    level_of,
    services_listed,
)

__all__ = [
    "CorrectionUnexplained",
    "LevelUnknown",
    "LevelUnnamed",
    "YearNotOver",
    "answer_proposal",
    "digest_of",
    "figures_of",
    "freeze_report",
    "level_of",
    "propose_removal",
    "services_listed",
]
