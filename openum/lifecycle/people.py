"""People and systems: signing in, connections, proofs, calls, guests who examine samples."""

from openum.accounts.connections.events import (
    AccessTokenIssued,
    ClientApproved,
    ClientKeyAdded,
    ClientKeyRemoved,
    ClientKeysMoved,
    ClientOriginsChanged,
    ClientRegistered,
    ClientRevoked,
    ClientServerChanged,
    ClientServerTried,
    SignedTokenReplayed,
)
from openum.accounts.events import SealJudged, SignedIn, SignedOut, SignInRefused
from openum.accounts.proofs.events import ProofAccepted, ProofAdded, ProofRefused, ProofRemoved, SignInRuleChanged
from openum.audit.catalogue import Follows
from openum.callers.events import CallActed, CallEnded, CallerChecked
from openum.sampling.events import (
    GuestAdmitted,
    GuestShutOut,
    SampleClosed,
    SampledFileJudged,
    SampleDrawn,
    UniverseRead,
)

FOLLOWS: Follows = {
    SignedIn: [],
    SignedOut: [],
    SignInRefused: [],
    ClientRegistered: [],
    ClientApproved: [],
    ClientRevoked: [],
    ClientKeyAdded: [],
    ClientKeyRemoved: [],
    ClientKeysMoved: [],
    ClientServerChanged: [],
    ClientServerTried: [],
    ClientOriginsChanged: [],
    AccessTokenIssued: [],
    SignedTokenReplayed: [],
    ProofAdded: [],
    ProofRemoved: [],
    ProofAccepted: [],
    ProofRefused: [],
    SignInRuleChanged: [],
    CallerChecked: [],
    CallActed: [],
    CallEnded: [],
    SealJudged: [],
    SampleDrawn: [],
    GuestAdmitted: [],
    GuestShutOut: [],
    SampledFileJudged: [],
    UniverseRead: [],
    SampleClosed: [],
}
