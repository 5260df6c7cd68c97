"""The only writers of suggestions of help and of the lists. No case, no decision and no deadline is touched."""

from openum.attention.services.lists import (
    JOB,
    FollowUp,
    answer_listed,
    begin_lists,
    end_lists,
    keep_lists,
    note_listed_read,
)
from openum.attention.services.scores import (
    ScoresKnown,
    SuggestionIsAnswered,
    WordsMissing,
    answer,
    keep_scores,
    note_read,
    take_in,
)

__all__ = [
    "JOB", "FollowUp", "ScoresKnown", "SuggestionIsAnswered", "WordsMissing", "answer", "answer_listed", "begin_lists",
    "end_lists", "keep_lists", "keep_scores", "note_listed_read", "note_read", "take_in",
]  # fmt: skip
