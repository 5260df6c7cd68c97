"""Every FHIR body that a test is answered is checked against R4 and the profiles it claims.

Fixture `everything_sent_is_valid` in `tests/conftest.py` wraps the test client. What an answer repeats from the message
it answers, or from an earlier one, is the sender's: a fault that such a message has as well is not ours.
"""

import json

from openum.adapters.fhir.checks import REQUEST_PROFILE
from openum.adapters.fhir.validation import EDITIONS, STU2, check

PATHS = ("/fhir/", "/crd/")

CLAIM = (".request.reference", ".reasonReference.reference")


def _leads_to_the_sender(violation, resource):
    """Say whether a reference leads to what is with the sender: the Claim that an answer is about, and in what is read
    later every resource of the message, under the addresses of the message."""
    is_read_later = resource.get("type") == "searchset" or resource["resourceType"] != "Bundle"
    return violation.rule == "reference" and (is_read_later or violation.path.endswith(CLAIM))


class Sent:
    """What one test sends and is answered.

    Attributes:
        faults: what is wrong with our own part of the answers: path, rule, sentence and profile of each error.
    """

    def __init__(self):
        self.faults = []
        self._theirs = set()

    def note(self, path, message, answer):
        """Note one message and its answer; what any earlier message has wrong may be repeated too."""
        parts = path.split("/")
        edition = EDITIONS.get(parts[2], STU2)
        profiles = [REQUEST_PROFILE] if parts[-1] in {"$submit", "$inquire"} else []
        for held in resources(_json(message)):
            self._theirs |= {(one.rule, one.text) for one in check(held, profiles=profiles, edition=edition).errors}
        for held in resources(_json(answer)):
            self.faults += [
                (one.path, one.rule, one.text, one.profile)
                for one in check(held, edition=edition).errors
                if (one.rule, one.text) not in self._theirs and not _leads_to_the_sender(one, held)
            ]


def resources(content):
    """Yield the resource itself, or those inside a CDS Hooks message."""
    waiting = [content]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and isinstance(node.get("resourceType"), str):
            yield node
        elif isinstance(node, dict):
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _json(raw):
    try:
        return json.loads(raw)
    except (ValueError, TypeError, RecursionError):
        return None
