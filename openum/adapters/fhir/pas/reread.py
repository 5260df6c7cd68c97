"""A kept PAS message read again, when a person at intake has matched its member and admits it."""

from openum.adapters.fhir.bundle import Bundle
from openum.adapters.fhir.door import parse
from openum.adapters.fhir.pas.mapping import parts_of, to_request
from openum.adapters.fhir.pas.versions import VERSIONS
from openum.submission.incoming import IncomingRequest
from openum.submission.models import Submission
from openum.vocabulary.errors import Invalid


def read_again(submission: Submission) -> IncomingRequest:
    """Return the neutral request of a kept message; its receipt stays the first one.

    Raises:
        Invalid: the message is no PAS request, or broken (MessageRefused names the place).
    """
    address, _, operation = submission.door.partition(" ")
    version = VERSIONS.get(address.rpartition("/")[2])
    if version is None or operation != "Claim/$submit" or submission.raw is None:
        raise Invalid("This message is no prior authorization request. Close it with a reason.")
    message = parse(bytes(submission.raw))
    bundle = Bundle(message.data)
    return to_request(
        bundle,
        parts=parts_of(bundle),
        version=version,
        raw=message.raw,
        canonical_digest=message.canonical_digest,
        received_at=submission.received_at,
    )
