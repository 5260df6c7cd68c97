"""How kept records that were sent apart are read again when their request comes. Adapters register at start."""

from collections.abc import Callable

from openum.submission.incoming import IncomingAttachment
from openum.submission.models import Submission
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel

Reader = Callable[[Submission], IncomingAttachment]
_READERS: dict[Channel, Reader] = {}


def register(channel: Channel, reader: Reader) -> None:
    """Say how records of a channel are read."""
    _READERS[channel] = reader


def read_attachment_again(submission: Submission) -> IncomingAttachment:
    """Return the records of a kept message.

    Raises:
        Invalid: nobody reads this channel, or its bytes were not kept.
    """
    reader = _READERS.get(Channel(submission.channel))
    if reader is None or submission.raw is None:
        raise Invalid("These records cannot be read. Close the message, and ask the sender to send them again.")
    return reader(submission)
