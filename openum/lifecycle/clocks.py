"""Clocks: started, moved, stopped, passed."""

from openum.appeals import services as appeals
from openum.audit.catalogue import Follows
from openum.clocks import services as clocks
from openum.clocks.events import (
    BreachAssigned,
    BreachExplained,
    BreachSetAside,
    ClockDueSoon,
    ClockEscalated,
    ClockExtended,
    ClockLapsed,
    ClockMoved,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    ClockTolled,
    EscalationNoted,
    ExpediteRefused,
)
from openum.notices import services as notices
from openum.review import services as review

FOLLOWS: Follows = {
    ClockStarted: [],
    ClockTolled: [],
    ClockResumed: [],
    ClockExtended: [notices.extend],
    ClockMoved: [],
    ExpediteRefused: [notices.refuse_speed],
    ClockStopped: [],
    ClockDueSoon: [clocks.escalate_at_risk],
    ClockLapsed: [
        clocks.register_breach,
        clocks.note_expired,
        review.own_breaches,
        clocks.escalate_lapse,
        notices.tell_late,
        appeals.follow_lapse,
    ],
    ClockEscalated: [],
    EscalationNoted: [],
    BreachAssigned: [],
    BreachExplained: [],
    BreachSetAside: [],
}
