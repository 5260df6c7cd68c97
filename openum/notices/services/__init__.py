"""The only writers of letters: making them, sending them, translating them."""

from openum.notices.services.faxing import follow_fax
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
from openum.notices.services.handing import (
    explain_end,
    preview_form,
    record_handing,
    write_coverage_end,
    write_explanation,
    write_follow_up,
    write_form,
    write_important_message,
    write_observation,
)
from openum.notices.services.previewing import Preview, PreviewLetter, preview, preview_early_end
from openum.notices.services.reproducing import Part, Reproduction, reproduce
from openum.notices.services.returning import note_returned, send_again
from openum.notices.services.sending import (
    ensure_pdf,
    hand_to_mail_house,
    manifest_of_hour,
    note_handed_over,
    release,
)
from openum.notices.services.talks import offer_in_writing, write_offer
from openum.notices.services.translating import review_translation, store_translations

__all__ = [
    "Part",
    "Preview",
    "PreviewLetter",
    "Reproduction",
    "ask_for_information",
    "confirm_withdrawal",
    "ensure_pdf",
    "explain_end",
    "extend",
    "follow_fax",
    "hand_to_mail_house",
    "manifest_of_hour",
    "note_handed_over",
    "note_returned",
    "offer_in_writing",
    "prepare",
    "prepare_approvals",
    "preview",
    "preview_early_end",
    "preview_form",
    "record_handing",
    "refuse_speed",
    "release",
    "reproduce",
    "review_translation",
    "send_again",
    "store_translations",
    "tell_late",
    "tell_of_amendment",
    "write_amendment",
    "write_coverage_end",
    "write_explanation",
    "write_extension",
    "write_follow_up",
    "write_form",
    "write_important_message",
    "write_late",
    "write_observation",
    "write_offer",
    "write_question",
    "write_refused_speed",
    "write_withdrawal",
]  # fmt: skip
