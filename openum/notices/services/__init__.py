"""The only writers of letters: making them, sending them, translating them."""

from openum.notices.services.following import (
    ask_for_information,
    confirm_withdrawal,
    extend,
    prepare,
    prepare_approvals,
    refuse_speed,
    tell_late,
    tell_of_amendment,
    write_amendment,
    write_extension,
    write_late,
    write_question,
    write_refused_speed,
    write_withdrawal,
)
from openum.notices.services.previewing import Preview, PreviewLetter, preview
from openum.notices.services.sending import ensure_pdf, hand_to_mail_house, note_handed_over, release
from openum.notices.services.translating import review_translation, store_translations

__all__ = [
    "Preview",
    "PreviewLetter",
    "ask_for_information",
    "confirm_withdrawal",
    "ensure_pdf",
    "extend",
    "hand_to_mail_house",
    "note_handed_over",
    "prepare",
    "prepare_approvals",
    "preview",
    "refuse_speed",
    "release",
    "review_translation",
    "store_translations",
    "tell_late",
    "tell_of_amendment",
    "write_amendment",
    "write_extension",
    "write_late",
    "write_question",
    "write_refused_speed",
    "write_withdrawal",
]  # fmt: skip
