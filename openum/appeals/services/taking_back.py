"""Taking a review outside back when what sent it there was not true: a receipt was corrected, and no time had passed.

The line, or the appeal to the plan, is the plan's to decide again with its true clock. What the entity decided stands.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from openum import audit
from openum.accounts.models import User
from openum.appeals.events import ReviewTakenBack
from openum.appeals.models import Appeal, OutsideReview, Packet
from openum.appeals.rules.states import AppealState
from openum.appeals.services.filing import note_fact
from openum.appeals.services.outside import UNDECIDED
from openum.appeals.services.steps import lock, move
from openum.audit import Recorded
from openum.cases.events import ReceiptCorrected
from openum.cases.models import Request
from openum.clocks.models import Clock
from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.reading import ClockState
from openum.outbox import services as outbox
from openum.outbox.files import write_whole
from openum.outbox.models import Message
from openum.vocabulary.terms import ClockPurpose

RECALL = "appeal.recall"
"""Kind of the message that tells an outside body to give a file back."""
LATE = "late"
_WORDS = "The plan takes this file back: its time to decide had not passed. Please return it undecided."


def take_back_unfounded(event: ReceiptCorrected, recorded: Recorded) -> None:
    """The receipt was corrected: a review that a missed time had opened ends where no time had passed after all."""
    request = Request.objects.get(public_id=event.request_id)
    if Clock.objects.filter(request=request, purpose=ClockPurpose.DECIDE, binds=True, state=ClockState.LATE).exists():
        return
    by = User.objects.get(public_id=recorded.by.public_id)
    opened_by_it = Q(outside__because=UNDECIDED, line__request=request) | Q(
        outside__because=LATE, follows__request=request
    )
    open_ones = Appeal.objects.filter(opened_by_it, state__in=[AppealState.TO_BE_SENT, AppealState.OUTSIDE])
    for appeal in open_ones.order_by("filed_at", "pk"):
        take_back(appeal=appeal, reason=request.receipt_correction_reason, by=by, at=recorded.at)


@transaction.atomic
def take_back(*, appeal: Appeal, reason: str, by: User, at: datetime) -> Appeal:
    """End a review outside that the law did not open; a file that went out is asked back.

    Raises:
        IllegalAppealStep: it is decided, or over.
    """
    appeal = lock(appeal)
    was_sent = appeal.state == AppealState.OUTSIDE
    appeal.ended_note = f"The receipt was corrected, and the time to decide had not passed. {reason.strip()}"
    appeal.closed_at = at
    move(appeal, AppealState.TAKEN_BACK, by=by, at=at, cause="receipt corrected", fields=["ended_note", "closed_at"])
    if appeal.counts_from is not None:
        note_fact(appeal, FactKind.WITHDRAWN, by=by, at=at, reason="taken back")
    if was_sent:
        packet = Packet.objects.filter(appeal=appeal).order_by("-built_at", "-pk")[0]
        _ask_back(packet, at=at)
    audit.record(
        ReviewTakenBack(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), cause="receipt corrected",
            appeal_id=appeal.public_id, was_sent=was_sent,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return appeal


def _ask_back(packet: Packet, *, at: datetime) -> None:
    outbox.queue(
        kind=RECALL, ref_kind="packet", ref_id=packet.public_id, plan=packet.appeal.line.case.plan, run_at=at,
        dedupe_key=f"{RECALL}:{packet.public_id}",
    )  # fmt: skip


def note_too_late(packet: Packet, *, at: datetime) -> None:
    """Ask a file back that was handed over while its review was being taken back."""
    if packet.appeal.state == AppealState.TAKEN_BACK:
        _ask_back(packet, at=at)


def hand_over_recall(message: Message, *, at: datetime) -> dict[str, Any]:
    """Put the word that a file is taken back beside the file; the same word again overwrites itself.

    Raises:
        OSError: the folder cannot be written; the outbox tries again.
    """
    packet = Packet.objects.select_related("appeal").get(public_id=message.ref_id)
    said = {
        "appeal": packet.appeal.number,
        "file": f"{packet.public_id}.zip",
        "manifest_sha256": packet.manifest_digest,
        "taken_back_at": packet.appeal.state_since.isoformat(),
        "words": _WORDS,
    }
    content = orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    folder = Path(settings.OPENUM_DATA) / "outgoing"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{packet.public_id}.taken-back.json"
    write_whole(folder / name, content)
    return {"file": name, "sha256": hashlib.sha256(content).hexdigest(), "handed_over_at": at.isoformat()}


def note_asked_back(message: Message, *, at: datetime) -> None:
    """Keep the proof beside the proof of the sending."""
    packet = Packet.objects.get(public_id=message.ref_id)
    outside = OutsideReview.objects.select_for_update(of=("self",)).get(appeal=packet.appeal_id)
    outside.forward_proof = {**outside.forward_proof, "taken_back": message.proof}
    outside.save(update_fields=["forward_proof"])


def register_recalls() -> None:
    """Let the outbox ask files back; called once at start."""
    outbox.register_sender(RECALL, hand_over_recall, after=note_asked_back)
