"""How a kept message is read again when a person admits it. Adapters register their channel at start."""

from collections.abc import Callable

from openum.submission.drafts import incoming
from openum.submission.incoming import IncomingRequest
from openum.submission.models import Draft, Submission
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel

Reader = Callable[[Submission], IncomingRequest]
_READERS: dict[Channel, Reader] = {}


def register(channel: Channel, reader: Reader) -> None:
    """Say how messages of a channel are read."""
    _READERS[channel] = reader


def read_again(submission: Submission) -> IncomingRequest:
    """Return the neutral request of a kept message.

    Raises:
        Invalid: the message was broken, or its bytes were not kept.
    """
    written = [submission.pk, submission.forwarded_from_id]
    draft = Draft.objects.select_related("plan", "organization", "started_by").filter(submission__in=written).first()
    if draft is not None:
        return incoming(draft, at=submission.entered_at)
    reader = _READERS.get(Channel(submission.channel))
    if reader is None or submission.raw is None:
        raise Invalid("This message cannot be read as a request. Close it, and ask the sender to send it again.")
    return reader(submission)
