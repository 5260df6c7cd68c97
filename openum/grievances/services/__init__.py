"""The only writers of complaints and provider disputes."""

from openum.grievances.services.complaints import (
    Complained,
    answer_grievance,
    extend_grievance,
    file_grievance,
    move_to_appeal,
    move_to_complaint,
    tell_by_phone,
)
from openum.grievances.services.disputes import answer_dispute, file_dispute
from openum.grievances.services.following import (
    acknowledge,
    acknowledge_dispute,
    follow_letter,
    tell_answer,
    tell_dispute_answer,
    tell_extension,
)
from openum.grievances.services.papers import complain_by_paper

__all__ = [
    "Complained", "acknowledge", "acknowledge_dispute", "answer_dispute", "answer_grievance", "complain_by_paper", "extend_grievance",
    "file_dispute", "file_grievance", "follow_letter", "move_to_appeal", "move_to_complaint", "tell_answer", "tell_by_phone",
    "tell_dispute_answer", "tell_extension",
]  # fmt: skip
