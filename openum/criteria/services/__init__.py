"""The only writers of policies of this folder, findings, links and maps."""

from openum.criteria.services.evaluation import evaluate_line, preview
from openum.criteria.services.evidence import confirm_link, link_evidence, unlink_evidence
from openum.criteria.services.findings import EvidenceRef, record_finding
from openum.criteria.services.maps import freeze_map
from openum.criteria.services.publishing import publish, publish_approval_rules, publish_guideline

__all__ = [
    "EvidenceRef", "confirm_link", "evaluate_line", "freeze_map", "link_evidence", "preview", "publish",
    "publish_approval_rules", "publish_guideline", "record_finding", "unlink_evidence",
]  # fmt: skip
