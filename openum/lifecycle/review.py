"""Review, conversations between clinicians, and how alike readers decide."""

from openum.agreement.events import (
    AgreementReadingHandedIn,
    AgreementRoundClosed,
    AgreementRoundOpened,
    CriterionReadAgain,
)
from openum.audit.catalogue import Follows
from openum.clocks import services as clocks
from openum.determination import services as determination
from openum.notices import services as notices
from openum.review import services as review
from openum.review.events import (
    CalendarKept,
    DelegateEnded,
    DelegateNamed,
    DocumentOpened,
    LineReferred,
    LineReturned,
    MessagesRead,
    MessageWritten,
    NoteAnchored,
    NoteTakenAway,
    PeerToPeerAsked,
    PeerToPeerBooked,
    PeerToPeerCalledOff,
    PeerToPeerClosed,
    PeerToPeerHeld,
    PeerToPeerMissed,
    PeerToPeerNotReached,
    PeerToPeerOffered,
    PeerToPeerWritten,
    ReviewEnded,
    ReviewStarted,
    SlotOffered,
    SlotWithdrawn,
)
from openum.work import services as work

FOLLOWS: Follows = {
    ReviewStarted: [work.note_taken_up],
    ReviewEnded: [],
    LineReferred: [],
    LineReturned: [],
    NoteAnchored: [],
    NoteTakenAway: [],
    MessageWritten: [],
    MessagesRead: [],
    DocumentOpened: [],
    PeerToPeerOffered: [clocks.note_peer_to_peer_offered, review.take_window, notices.offer_in_writing],
    PeerToPeerAsked: [clocks.note_peer_to_peer_asked],
    PeerToPeerBooked: [],
    PeerToPeerCalledOff: [],
    PeerToPeerMissed: [],
    PeerToPeerWritten: [],
    PeerToPeerHeld: [clocks.note_peer_to_peer_held, determination.follow_conversation],
    PeerToPeerNotReached: [],
    PeerToPeerClosed: [],
    DelegateNamed: [],
    DelegateEnded: [],
    SlotOffered: [],
    SlotWithdrawn: [],
    CalendarKept: [],
    AgreementRoundOpened: [],
    AgreementReadingHandedIn: [],
    AgreementRoundClosed: [],
    CriterionReadAgain: [],
}
