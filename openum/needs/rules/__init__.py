"""Requirement lists and the answer they give. Pure."""

from openum.needs.rules.answer import (
    Asked,
    Balance,
    Index,
    Need,
    Standing,
    compile_index,
    exempted,
    may_be_satisfied,
    rows_may_meet,
    satisfied,
)
from openum.needs.rules.lists import (
    Ages,
    Alternative,
    Authorization,
    Companion,
    Conditions,
    Covered,
    Detail,
    Documents,
    Exemption,
    FormalDetermination,
    NeverExcluded,
    NeverReviewed,
    Reference,
    Requirements,
    Row,
    RowId,
    Service,
    Status,
)
from openum.needs.rules.units import counted_in

__all__ = [
    "Ages", "Alternative", "Asked", "Authorization", "Balance", "Companion", "Conditions", "Covered", "Detail", "Documents", "Exemption",
    "FormalDetermination", "Index", "Need", "NeverExcluded", "NeverReviewed", "Reference", "Requirements", "Row",
    "RowId", "Service", "Standing", "Status", "compile_index", "counted_in", "exempted", "may_be_satisfied", "rows_may_meet",
    "satisfied",
]  # fmt: skip
