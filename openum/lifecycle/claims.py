"""Claims: loads, figures, who may want help, reviews after the service."""

from openum.attention.events import (
    AttentionListsMade,
    ListedAnswered,
    ListedRead,
    ModelScoresTakenIn,
    SuggestionAnswered,
    SuggestionsRead,
)
from openum.audit.catalogue import Follows
from openum.loading.events import (
    ClaimsFileMoved,
    ClaimsFileTakenBack,
    ClaimsLoadEnded,
    ClaimsLoadStarted,
    ClaimsRowRepaired,
    ClaimsRowsRead,
    ClaimsUploaded,
    HeaderMappingKept,
)
from openum.retrospective import services as retrospective
from openum.retrospective.events import (
    ClaimFindingAnswered,
    ClaimFindingMade,
    ClaimFindingSent,
    ClaimHeld,
    ClaimRebuttalSettled,
    ClaimReleased,
    ClaimTakenUp,
    LeadDismissed,
    LeadsLoaded,
    LeadsRead,
)
from openum.utilization import services as utilization
from openum.utilization.events import FigureListAsked, FigureListMade, FigureListRead, MetricsStated, SnapshotMade

FOLLOWS: Follows = {
    ModelScoresTakenIn: [],
    AttentionListsMade: [],
    ListedRead: [],
    ListedAnswered: [],
    ClaimsFileMoved: [],
    ClaimsFileTakenBack: [utilization.follow_taking_back],
    MetricsStated: [],
    FigureListAsked: [],
    FigureListMade: [],
    FigureListRead: [],
    SnapshotMade: [],
    ClaimsLoadEnded: [utilization.follow_load],
    ClaimsLoadStarted: [],
    ClaimsRowRepaired: [],
    ClaimsRowsRead: [],
    ClaimsUploaded: [],
    HeaderMappingKept: [],
    SuggestionsRead: [],
    SuggestionAnswered: [],
    LeadsLoaded: [],
    LeadsRead: [],
    LeadDismissed: [],
    ClaimTakenUp: [],
    ClaimFindingMade: [],
    ClaimFindingSent: [retrospective.tell_finding],
    ClaimFindingAnswered: [],
    ClaimRebuttalSettled: [],
    ClaimHeld: [],
    ClaimReleased: [],
}
