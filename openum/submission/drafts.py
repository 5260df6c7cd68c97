"""Requests that somebody is still writing: the only writer of drafts, and the way from a draft to the door.

Every field is kept as typed, valid or not, so that nothing is lost with a closed browser; the forms judge it later.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F

from openum.accounts.models import Organization, Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.db.text import clean
from openum.needs.services import Asker, give_receipts
from openum.submission.composing import Composed, compose
from openum.submission.incoming import IncomingEvidence, IncomingRequest
from openum.submission.models import Draft, DraftFile
from openum.submission.renewing import check_renewal
from openum.submission.services import Accepted, Door, accept
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Standing

PORTAL = "portal"
CAPTURE = "capture"
MAX_FIELD = 1_100_000
MAX_FILE_BYTES = 15 * 1024 * 1024
MAX_FILES = 30

_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}


class DraftAlreadySent(Conflict):
    """The draft became a request meanwhile."""

    code: ClassVar[str] = "draft-already-sent"


class FileNotUsable(Invalid):
    """A file is empty, too large, or not what its name says."""

    code: ClassVar[str] = "file-not-usable"


def kind_of_file(content: bytes) -> str:
    """Return the content type by what the bytes are, never by the name.

    Raises:
        FileNotUsable: it is no PDF, picture or plain text.
    """
    if not content:
        raise FileNotUsable("The file is empty. Choose it again.")
    for signature, content_type in _SIGNATURES.items():
        if content.startswith(signature):
            return content_type
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if b"\x00" not in content:
            return "text/plain"
    raise FileNotUsable("This file is not a PDF, a PNG or JPEG picture, or plain text. Save it as PDF and send that.")


@permitted(Permission.SUBMIT_REQUEST, Permission.CAPTURE_REQUEST)
@transaction.atomic
def start(*, plan: Plan, organization: Organization | None, by: User, at: datetime, purpose: str = PORTAL) -> Draft:
    """Begin a draft. An office shares its drafts; a capture belongs to the person who takes it down."""
    check_user_may(by, Permission.SUBMIT_REQUEST if purpose == PORTAL else Permission.CAPTURE_REQUEST)
    return Draft.objects.create(
        plan=plan, organization=organization, started_by=by, started_at=at, saved_at=at, purpose=purpose,
        fields={"plan": str(plan.public_id), "urgency": "standard", "line_count": "1"},
    )  # fmt: skip


@permitted(Permission.SUBMIT_REQUEST, Permission.CAPTURE_REQUEST, on="draft")
@transaction.atomic
def save_fields(*, draft: Draft, fields: Mapping[str, str], by: User, at: datetime) -> Draft:
    """Keep what was typed. Only the fields given are touched, so two people can fill different pages.

    Raises:
        DraftAlreadySent: it is a request now.
    """
    locked = _lock(draft)
    kept = dict(locked.fields)
    kept.update({key: clean(value)[:MAX_FIELD] for key, value in fields.items()})
    locked.fields, locked.saved_at = kept, at
    Draft.objects.filter(pk=locked.pk).update(fields=kept, saved_at=at, version=F("version") + 1)
    return locked


@permitted(Permission.SUBMIT_REQUEST, Permission.CAPTURE_REQUEST, on="draft")
@transaction.atomic
def change_plan(*, draft: Draft, plan: Plan, by: User, at: datetime) -> Draft:
    """Ask another plan instead."""
    locked = _lock(draft)
    Draft.objects.filter(pk=locked.pk).update(plan=plan)
    return save_fields(draft=locked, fields={"plan": str(plan.public_id)}, by=by, at=at)


@permitted(Permission.SUBMIT_REQUEST, Permission.CAPTURE_REQUEST, on="draft")
@transaction.atomic
def add_file(
    *, draft: Draft, upload: "UploadedFile[Any]", title: str, document_kind: str, by: User, at: datetime
) -> DraftFile:
    """Keep a file with the draft.

    Raises:
        FileNotUsable: empty, too large, or of another kind than PDF, picture or text.
        DraftAlreadySent: it is a request now.
    """
    locked = _lock(draft)
    if (upload.size or 0) > MAX_FILE_BYTES:
        raise FileNotUsable("The file is larger than 15 MB. Split it, or send it in a lower resolution.")
    if locked.files.count() >= MAX_FILES:
        raise FileNotUsable("This request already has 30 files. Send the request, then add more to it.")
    content = upload.read()
    return DraftFile.objects.create(
        draft=locked, title=clean(title.strip() or upload.name or "Document")[:200], document_kind=document_kind,
        content_type=kind_of_file(content), content=content, size=len(content), uploaded_at=at,
    )  # fmt: skip


@transaction.atomic
def remove_file(*, draft: Draft, file: DraftFile) -> None:
    """Take a file out of a draft that is not sent yet."""
    locked = _lock(draft)
    locked.files.filter(pk=file.pk).delete()


@transaction.atomic
def discard(*, draft: Draft) -> None:
    """Throw a draft away that was never sent."""
    _lock(draft).delete()


def incoming(draft: Draft, *, at: datetime) -> IncomingRequest:
    """Turn a draft into the neutral request, with its files.

    Raises:
        Invalid: a field that must be there is missing or cannot be read.
    """
    composed = compose(
        Composed(
            reference=str(draft.public_id), purpose=draft.purpose, fields=draft.fields, zone=draft.plan.time_zone,
            payer_name=draft.plan.name, organization=_office(draft), sent_at=at,
            writer=draft.started_by.name,
        )
    )  # fmt: skip
    files = list(draft.files.order_by("pk"))
    marks = b"".join(hashlib.sha256(bytes(item.content)).digest() for item in files)
    evidence = tuple(
        IncomingEvidence(
            kind="document", title=item.title, content_type=item.content_type, data=bytes(item.content),
            document_kind=item.document_kind,
        )
        for item in files
    )  # fmt: skip
    return replace(
        composed,
        evidence=(*composed.evidence, *evidence),
        canonical_digest=hashlib.sha256(composed.raw + marks).hexdigest(),
    )


@permitted(Permission.SUBMIT_REQUEST, Permission.CAPTURE_REQUEST, on="draft")
@transaction.atomic
def send(*, draft: Draft, by: User, at: datetime) -> Accepted:
    """Send a draft through the one door; sending it twice returns the first request.

    Raises:
        Invalid: something is missing.
        NotRenewable: it renews an authorization that cannot be renewed, or is another member's or service's.
    """
    locked = (
        Draft.objects.select_for_update(of=("self",))
        .select_related("plan", "organization", "started_by")
        .get(pk=draft.pk)
    )
    if locked.submission is not None:
        first = locked.submission
        return Accepted(submission=first, case=first.case, request=first.requests.order_by("pk").first())
    check_renewal(locked)
    accepted = accept(
        request=incoming(locked, at=at),
        by=by,
        plan=locked.plan,
        door=Door(base="portal", operation=locked.purpose),
        at=at,
        organization=locked.organization,
    )
    Draft.objects.filter(pk=locked.pk).update(submission=accepted.submission, saved_at=at)
    _give_receipts(locked, accepted, by=by, at=at)
    return accepted


def _give_receipts(draft: Draft, accepted: Accepted, *, by: User, at: datetime) -> None:
    """Tell an office with a numbered receipt which of its services needed no request."""
    if accepted.request is None or draft.organization is None:
        return
    asker = Asker(user=by, plan=draft.plan, organization=draft.organization)
    lines = list(accepted.request.lines.prefetch_related("providers").order_by("sequence"))
    give_receipts(request=accepted.request, lines=lines, asker=asker, at=at)


def _office(draft: Draft) -> dict[str, str]:
    """Return the office that asks: whose draft it is, or who called and gave its number."""
    organization, told = draft.organization, draft.fields
    if organization is None:
        if not told.get("call_npi") or told.get("standing", Standing.PROVIDER) != Standing.PROVIDER:
            return {}
        return {
            "name": told.get("call_organization", ""), "npi": told["call_npi"].strip(),
            "phone": told.get("call_back", ""), "fax": told.get("call_fax", ""),
        }  # fmt: skip
    return {
        "name": organization.name, "npi": organization.npi, "phone": organization.phone, "fax": organization.fax,
    }  # fmt: skip


def _lock(draft: Draft) -> Draft:
    locked = Draft.objects.select_for_update(of=("self",)).select_related("plan").get(pk=draft.pk)
    if locked.submission_id is not None:
        raise DraftAlreadySent("This request was sent already. Open it on your list to add papers or change it.")
    return locked
