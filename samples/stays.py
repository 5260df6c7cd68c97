"""Forms of the present that a facility hands over, and an approval that ends early; by the same services that people use."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.determination.ending import EndingGround
from openum.determination.queries import licence_to_deny
from openum.determination.services import end_early
from openum.notices.handing import Handing, HandingWay
from openum.notices.services import record_handing, write_coverage_end, write_important_message
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import LineOfBusiness, LineStatus
from samples.acting import Stage

_HOME_VISIT, _KNEE = "G0299", "27447"
_WISH = "You told us that your daughter now cares for you at home. You asked us to end the visits of the nurse."


def build(stage: Stage, nurse: User) -> int:
    """Write an end of coverage that was signed and an Important Message to hand over, and end one approval; return how many."""
    made = 0
    with transaction.atomic(), audit.batch():
        visit, stay = _approved(stage, _HOME_VISIT), _approved(stage, _KNEE)
        if visit is not None:
            _ended_coverage(visit, nurse, stage)
            made += 1
        if stay is not None:
            admitted_at = stage.until - timedelta(hours=20)
            write_important_message(line=stay, admitted_at=admitted_at, by=nurse, at=stage.until)
            made += 1
    others = _lines(stage, LineOfBusiness.ERISA_GROUP, LineOfBusiness.COMMERCIAL_STATE, code=_HOME_VISIT)
    return made + any(_ended_early(line, stage) for line in others)


def _lines(stage: Stage, *laws: LineOfBusiness, code: str = "") -> list[ServiceLine]:
    rows = ServiceLine.objects.filter(
        case__plan=stage.places.plan, case__product__line_of_business__in=laws, status=LineStatus.APPROVED,
        replaced_by__isnull=True, status_since__lt=stage.until - timedelta(hours=20),
    )  # fmt: skip
    rows = rows.filter(code=code) if code else rows
    found = rows.select_related("case__member", "case__plan", "case__product__plan", "case__organization", "request")
    return list(found.order_by("-status_since", "-pk")[:5])


def _approved(stage: Stage, code: str) -> ServiceLine | None:
    """Return the latest approval of a service under Medicare Advantage."""
    return next(iter(_lines(stage, LineOfBusiness.MEDICARE_ADVANTAGE, code=code)), None)


def _ended_coverage(line: ServiceLine, nurse: User, stage: Stage) -> None:
    """Tell of the end three days before it; the member signs the same morning."""
    written_at = stage.until - timedelta(hours=2)
    signed_at = written_at + timedelta(hours=1)
    last_day = stage.until.astimezone(ZoneInfo(line.case.product.time_zone)).date() + timedelta(days=3)
    form = write_coverage_end(line=line, last_covered_day=last_day, by=nurse, at=written_at)
    told = Handing(
        at=signed_at, way=HandingWay.IN_PERSON, handed_to=line.case.member.full_name, to_representative=False,
        signed_at=signed_at,
    )  # fmt: skip
    record_handing(form=form, told=told, by=nurse, at=stage.until)


def _ended_early(line: ServiceLine, stage: Stage) -> bool:
    """End one approval because the member wishes it; say whether a physician here is fit for it and no rule spoke against."""
    on = stage.until.astimezone(ZoneInfo(line.case.product.time_zone)).date()
    for physician in stage.staff.physicians:
        try:
            licence_to_deny(line, by=physician, on=on)
            with transaction.atomic(), audit.batch():
                for document in documents_to_open(line.case):
                    open_evidence(attachment=document, by=physician, at=stage.until)
                end_early(
                    line=line, last_day=on + timedelta(days=2), ground=EndingGround.MEMBER_WISH, proof="call of this morning",
                    rationale=_WISH, cited_authority="plan page 12", by=physician, at=stage.until,
                )  # fmt: skip
        except OpenUMError:
            continue
        return True
    return False
