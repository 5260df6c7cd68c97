"""What `criteria` contributes to the case page: the evidence map of every line, read only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.cases.holdings import declare, holds
from openum.cases.models import Case
from openum.cases.panels import Panel, register
from openum.cases.queries import current_lines
from openum.criteria import queries
from openum.criteria.models import EvidenceLink, EvidenceMap, Finding


def _evidence_maps(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    """Return each line with its map as it stands and the versions that were frozen."""
    is_frozen = holds(case, EvidenceMap)
    return {
        "maps": [
            {
                "line": line,
                "map": queries.current_map(line),
                "versions": list(queries.maps_of(line).defer("snapshot")) if is_frozen else [],
            }
            for line in current_lines(case)
        ],
        "zone": case.plan.time_zone,
    }


def register_sections() -> None:
    """Register the section, and what a case may lack; called once at start."""
    declare((EvidenceLink, EvidenceMap, Finding), "line__case")
    register(Panel("evidence-map", _("Criteria and evidence"), 20, "criteria/panels/evidence_map.html", _evidence_maps))
