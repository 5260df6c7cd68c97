"""Criteria, forms and published policies."""

from openum.audit.catalogue import Follows
from openum.criteria.events import (
    CriteriaEvaluated,
    EvidenceLinked,
    EvidenceUnlinked,
    FindingRecorded,
    GuidelinePublished,
    GuidelineRetired,
    GuidelineReviewed,
    GuidelineTextSaved,
    GuidelineVoteCast,
    GuidelineVoteClosed,
)
from openum.criteria.simulation.events import SimulationAsked, SimulationRead
from openum.determination import services as determination
from openum.directory.events import PolicyPublished
from openum.forms.events import (
    FillingCompleted,
    FillingDelivered,
    FillingRead,
    FillingRecordsRead,
    FillingStarted,
    FormFaultReported,
    FormFaultsRead,
    FormsHandedOut,
)

FOLLOWS: Follows = {
    CriteriaEvaluated: [determination.note_evaluation, determination.follow_criteria],
    FindingRecorded: [determination.note_finding],
    EvidenceLinked: [determination.note_link],
    EvidenceUnlinked: [determination.note_link],
    SimulationAsked: [],
    SimulationRead: [],
    FormsHandedOut: [],
    FormFaultReported: [],
    FormFaultsRead: [],
    FillingStarted: [],
    FillingRead: [],
    FillingRecordsRead: [],
    FillingCompleted: [],
    FillingDelivered: [],
    PolicyPublished: [],
    GuidelineTextSaved: [],
    GuidelineReviewed: [],
    GuidelineVoteCast: [],
    GuidelineVoteClosed: [],
    GuidelinePublished: [],
    GuidelineRetired: [],
}
