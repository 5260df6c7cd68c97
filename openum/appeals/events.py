"""What happens to appeals, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class AppealFiled(Event):
    """An appeal was taken in at a level; `cause` is what made it: asked, upheld or late."""

    appeal_id: UUID
    request_id: UUID
    level: int
    body: str
    state: str
    speed: str


@dataclass(frozen=True, kw_only=True)
class AppealMoved(Event):
    """An appeal moved from one state to another; `cause` says by which step."""

    appeal_id: UUID
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class StandingShown(Event):
    """The paper that lets somebody act for the member arrived and holds; the time to decide begins."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class LateFilingExcused(Event):
    """A person found good cause for a filing after the window."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class AppealSpeedAnswered(Event):
    """A wish to decide an appeal fast was granted or refused; `cause` is the answer."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class AppealExtended(Event):
    """More time was taken to decide an appeal, once and by notice; `cause` is the reason that the law admits."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class StandingEnded(Event):
    """Somebody does not act for the member any more; the appeal goes on in the member's own name."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReviewerAssigned(Event):
    """Somebody who took no part before got the appeal to decide."""

    appeal_id: UUID
    reviewer_id: UUID


@dataclass(frozen=True, kw_only=True)
class AppealDecided(Event):
    """An appeal was decided; `counted_as` keeps early reversals and outside orders apart."""

    appeal_id: UUID
    decision_id: UUID
    outcome: str
    counted_as: str
    determination_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AppealDismissed(Event):
    """A person closed an appeal without judging the care; `cause` is the ground."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class DismissalVacated(Event):
    """A dismissal was taken back for good cause."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class PacketBuilt(Event):
    """The file of an appeal was sealed with a manifest."""

    appeal_id: UUID
    packet_id: UUID
    manifest_digest: str


@dataclass(frozen=True, kw_only=True)
class FileSentOn(Event):
    """The sealed file left for the outside reviewer, with proof."""

    appeal_id: UUID
    packet_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReviewTakenBack(Event):
    """A review outside ended because what had opened it was not true; `cause` says what came to light."""

    appeal_id: UUID
    was_sent: bool = False


@dataclass(frozen=True, kw_only=True)
class ExternalReviewChecked(Event):
    """The preliminary review of a request for external review ended; `cause` is its result."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReversalCarriedOut(Event):
    """What a reversal gave was carried out, with proof; `cause` is the kind of proof."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class BenefitContinued(Event):
    """A request to keep a benefit during the appeal was answered; `cause` is granted, refused or ended."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class PanelAsked(Event):
    """Physicians were asked for a second opinion."""

    appeal_id: UUID
    physician_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class PanelVoteCast(Event):
    """A physician of the panel gave an opinion with its reason."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrganizationAssigned(Event):
    """The rotation gave a checked external review to its organization."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class HearingSet(Event):
    """The outside body set or moved the day of a hearing."""

    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class InterestDeclared(Event):
    """A reviewer declared a conflict of interest with a provider, or its end; `cause` is begun or ended."""

    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReviewOrganizationEntered(Event):
    """An outside review body was entered or changed."""

    organization_id: UUID
