"""What follows what: handlers per event class, registered once at start-up by openum.lifecycle."""

from collections.abc import Callable, Sequence

from openum.audit.events import CATALOGUE, CasesRead, Event, Recorded

Handler = Callable[[Event, Recorded], None]
Follows = dict[type[Event], Sequence[Callable[..., None]]]
"""What follows each event, in order; a part of the lifecycle table."""
_handlers: dict[type[Event], tuple[Handler, ...]] = {CasesRead: ()}


class NotRegistered(RuntimeError):
    """An event class has no line in the lifecycle table; the program must not start so."""


def register(event_type: type[Event], handlers: Sequence[Callable[..., None]]) -> None:
    """Say what follows an event: the handlers run in this order, in the same transaction, database work only.

    Raises:
        NotRegistered: the class was registered before.
    """
    if event_type in _handlers:
        raise NotRegistered(f"{event_type.__name__} is registered twice.")
    _handlers[event_type] = tuple(handlers)


def handlers_of(event_type: type[Event]) -> tuple[Handler, ...]:
    """Return the handlers of an event class.

    Raises:
        NotRegistered: nobody registered the class.
    """
    try:
        return _handlers[event_type]
    except KeyError:
        raise NotRegistered(
            f"{event_type.__name__} has no line in openum/lifecycle. Add it, with an empty list if nothing follows."
        ) from None


def check_complete() -> None:
    """Refuse to start while an event of ours has no registration.

    Raises:
        NotRegistered: naming the classes.
    """
    missing = sorted(
        name for name, event in CATALOGUE.items() if event not in _handlers and event.__module__.startswith("openum.")
    )
    if missing:
        raise NotRegistered(f"These events have no line in openum/lifecycle: {', '.join(missing)}.")
