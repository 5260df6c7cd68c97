"""What a review does when something happens; `openum/lifecycle` names these functions."""

from zoneinfo import ZoneInfo

from openum.accounts.models import User
from openum.audit import Recorded
from openum.cases.models import Attachment
from openum.notices.assembly import claims as letters
from openum.notices.assembly.common import Setting
from openum.notices.content import Letter, LetterKind
from openum.notices.services.issuing import Occasion, issue_all
from openum.retrospective.events import ClaimFindingSent
from openum.retrospective.models import ClaimFinding


def tell_finding(event: ClaimFindingSent, recorded: Recorded) -> None:
    """A finding was sent: the provider's letter says what was found, where it stands and until when to answer."""
    finding = ClaimFinding.objects.select_related(
        "claim_line__line__request", "claim_line__line__case__plan", "claim_line__line__case__product",
        "claim_line__line__case__member", "claim_line__line__case__organization",
    ).get(public_id=event.finding_id)  # fmt: skip
    claim_line = finding.claim_line
    line = claim_line.line
    titles = dict(
        Attachment.objects.filter(
            case=line.case, public_id__in=[link["document"] for link in finding.pages]
        ).values_list("public_id", "title")
    )
    by_id = {str(key): title for key, title in titles.items()}
    due = finding.reply_by or recorded.at
    story = letters.Story(
        number=finding.number, claim_id=claim_line.claim_id, line=claim_line.number, words=finding.words,
        pages=tuple((by_id.get(link["document"], ""), link["page"]) for link in finding.pages),
        documented_code=finding.documented_code, documented_units=finding.documented_units, unit=line.unit,
        offers_late_request=finding.offers_late_request,
        reply_by=due.astimezone(ZoneInfo(line.case.product.time_zone)).date(),
    )  # fmt: skip
    occasion = Occasion(
        case=line.case, request=line.request, lines=(line,), event_id=recorded.event_id,
        by=User.objects.get(public_id=recorded.by.public_id), at=recorded.at, to_provider_only=True,
    )  # fmt: skip

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letters.finding_letter(setting, story)

    issue_all(occasion, build, lambda _: (LetterKind.CLAIM_FINDING,))
