"""The only writers of policies of this folder, drafts of guidelines, findings, links and maps."""

from openum.criteria.services.drafting import (
    cast_vote,
    close_vote,
    exported_files,
    latest_text,
    publish_draft,
    review_draft,
    save_text,
    start_draft,
    start_draft_from,
)
from openum.criteria.services.evaluation import evaluate_line, preview
from openum.criteria.services.evidence import close_links_of, confirm_link, find_place, link_evidence, unlink_evidence
from openum.criteria.services.findings import EvidenceRef, record_finding
from openum.criteria.services.maps import freeze_map
from openum.criteria.services.publishing import publish, publish_approval_rules, publish_guideline, retire

__all__ = [
    "EvidenceRef", "cast_vote", "close_links_of", "close_vote", "confirm_link", "evaluate_line", "exported_files", "find_place", "freeze_map",
    "latest_text", "link_evidence", "preview", "publish", "publish_approval_rules", "publish_draft", "publish_guideline",
    "record_finding", "retire", "review_draft", "save_text", "start_draft", "start_draft_from", "unlink_evidence",
]  # fmt: skip
