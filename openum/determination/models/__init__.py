"""Decisions with their proof, what protects a case, what machines suggested, and how the rates are watched."""

from openum.determination.models.added import AddedCode
from openum.determination.models.carried import CarriedNote
from openum.determination.models.decisions import (
    ADVERSE_OUTCOMES,
    Authorization,
    AuthorizationSegment,
    Determination,
    OverturnLesson,
    UsageEntry,
    reason_class_choices,
)
from openum.determination.models.ladder import OutreachStep
from openum.determination.models.links import StatusLink
from openum.determination.models.looks import ApprovalLook
from openum.determination.models.machines import MachineEntry, MachineReply
from openum.determination.models.network import NetworkStatement
from openum.determination.models.safeguards import CaseFlag, IncentiveAffirmation, ParityComparison
from openum.determination.models.second_readings import SecondReading

__all__ = [
    "ADVERSE_OUTCOMES", "AddedCode", "ApprovalLook", "Authorization", "AuthorizationSegment", "CarriedNote", "CaseFlag", "Determination", "IncentiveAffirmation", "MachineEntry",
    "MachineReply", "NetworkStatement", "OutreachStep", "OverturnLesson", "ParityComparison", "SecondReading", "StatusLink", "UsageEntry", "reason_class_choices",
]  # fmt: skip
