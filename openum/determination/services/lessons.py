"""What a reversal teaches the next reviewer of such a request."""

from datetime import datetime

from openum import audit
from openum.accounts.models import User
from openum.db.text import clean
from openum.db.transactions import atomic
from openum.determination.events import OverturnLearned
from openum.determination.models import Determination, OverturnLesson


@atomic
def record_lesson(
    *, overturned: Determination, reversed_by: Determination, kind: str, key: str, words: str, by: User, at: datetime
) -> OverturnLesson:
    """Tie a reversal to the criterion, fact or step that failed; once for a decision.

    Args:
        overturned: the decision that did not hold.
        kind: node, fact or step.
        key: the criterion, where one failed.
    """
    line = overturned.line
    known = OverturnLesson.objects.filter(overturned=overturned).first()
    if known is not None:
        return known
    lesson = OverturnLesson.objects.create(
        plan=line.case.plan, overturned=overturned, reversed_by=reversed_by,
        because=reversed_by.supersedes_because, kind=kind, key=key, words=clean(words.strip()),
        code_system=line.code_system, code=line.code,
        guideline=overturned.guideline.key if overturned.guideline else "", made_at=at, made_by=by,
    )  # fmt: skip
    audit.record(
        OverturnLearned(
            case_id=line.case.public_id, line_ids=(line.public_id,), cause=kind, lesson_id=lesson.public_id,
            determination_id=overturned.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return lesson
