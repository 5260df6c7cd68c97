"""Letters: most laws time the notice, not the decision."""

from openum.appeals import services as appeals
from openum.audit.catalogue import Follows
from openum.clocks import services as clocks
from openum.grievances import services as grievances
from openum.notices.events import (
    NoticeHandedOver,
    NoticeHeld,
    NoticeNotDelivered,
    NoticePrepared,
    NoticeSent,
    NoticeSentAgain,
    TranslationStored,
)

FOLLOWS: Follows = {
    NoticePrepared: [],
    NoticeHeld: [],
    NoticeSent: [clocks.stop_on_notice, appeals.follow_letter, grievances.follow_letter],
    NoticeSentAgain: [],
    NoticeNotDelivered: [],
    NoticeHandedOver: [],
    TranslationStored: [],
}
