"""Human translations of free texts, and the letters that waited for them. Machine translation is not used here."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Case, InformationRequest
from openum.notices.assembly.common import digest_of_text
from openum.notices.assembly.decision import Decision
from openum.notices.events import TranslationStored
from openum.notices.models import Notice, NoticeState, Translation
from openum.notices.services.following import about_decision, about_question, determinations
from openum.notices.services.issuing import issue_again
from openum.vocabulary.errors import Conflict, Invalid


class TranslationEmpty(Invalid):
    """There is nothing to store."""

    code: ClassVar[str] = "translation-empty"


class OwnReview(Conflict):
    """A translation is reviewed by a second person."""

    code: ClassVar[str] = "own-review"


@permitted(Permission.REVIEW_LINES, Permission.MATCH_INTAKE, on="case")
@transaction.atomic
def store_translations(
    *, case: Case, pairs: Sequence[tuple[str, str]], language: str, by: User, at: datetime
) -> list[Translation]:
    """Store a person's translations of English texts of a case, as pairs of text and translation.

    Letters that waited only for them are made anew and sent.

    Raises:
        TranslationEmpty: a text or its translation is empty.
        Conflict: a text has a translation already.
    """
    if not pairs or not all(source.strip() and text.strip() for source, text in pairs):
        raise TranslationEmpty("Write the translation of every text first.")
    rows = []
    for source, text in pairs:
        digest = digest_of_text(source)
        if Translation.objects.filter(case=case, source_digest=digest, language=language).exists():
            raise Conflict("This text has a translation already. Reload to see it.")
        row = Translation.objects.create(
            case=case, source_digest=digest, language=language, text=text.strip(), translated_by=by, translated_at=at
        )
        audit.record(
            TranslationStored(case_id=case.public_id, translation_id=row.public_id, cause="translated"), by=by, at=at
        )
        rows.append(row)
    _make_anew(case, language, by=by, at=at)
    return rows


@transaction.atomic
def review_translation(*, translation: Translation, by: User, at: datetime) -> Translation:
    """Mark a translation as reviewed by a second qualified person (45 CFR 92.201(c)(3)).

    Raises:
        OwnReview: the translator cannot review the own text.
    """
    row = Translation.objects.select_for_update().get(pk=translation.pk)
    if row.translated_by_id == by.pk:
        raise OwnReview("A second person reviews a translation. Ask a colleague.")
    row.reviewed_by, row.reviewed_at = by, at
    row.save(update_fields=["reviewed_by", "reviewed_at"])
    audit.record(
        TranslationStored(case_id=row.case.public_id, translation_id=row.public_id, cause="reviewed"), by=by, at=at
    )
    return row


def _make_anew(case: Case, language: str, *, by: User, at: datetime) -> None:
    """Make held letters of this language again from their rows; those that are complete now go out."""
    waiting = Notice.objects.filter(case=case, language=language, state=NoticeState.HELD).order_by("pk")
    for notice in list(waiting.select_for_update(of=("self",))):
        if notice.determination_id is not None:
            row = determinations().get(pk=notice.determination_id)
            occasion, build = about_decision([(row, Decision.of(row))], event_id=notice.cause_event, by=by, at=at)
        elif notice.information_request_id is not None:
            question = InformationRequest.objects.select_related("request", "case__plan", "case__product").get(
                pk=notice.information_request_id
            )
            occasion, build = about_question(question, event_id=notice.cause_event, by=by, at=at)
        else:
            continue
        issue_again(notice, occasion, build)
