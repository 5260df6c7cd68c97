"""The only writers at the door, one module a noun."""

from openum.submission.services.arming import arm, disarm, pending_arming, use_arming
from openum.submission.services.door import Accepted, Door, accept, record_refusal, store_answer
from openum.submission.services.waiting import admit_waiting, close_waiting

__all__ = [
    "Accepted", "Door", "accept", "admit_waiting", "arm", "close_waiting", "disarm", "pending_arming",
    "record_refusal", "store_answer", "use_arming",
]  # fmt: skip
