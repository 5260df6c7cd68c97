"""What the delivery desk shows: letters that wait, came back, could not be sent, or are handed over by others. Reads only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import User
from openum.notices.models import HandedForm, Notice, NoticeSending, NoticeState
from openum.notices.queries import notices_visible_to
from openum.outbox.models import Message, MessageState

Narrow = Callable[[QuerySet[Notice]], QuerySet[Notice]]


def _with_message(state: MessageState) -> Exists:
    return Exists(Message.objects.filter(ref_kind="notice", ref_id=OuterRef("public_id"), state=state))


def _returned() -> Exists:
    """Say whether the last time a letter went out, it came back."""
    later = NoticeSending.objects.filter(notice=OuterRef("notice"), handed_over_at__gt=OuterRef("handed_over_at"))
    back = NoticeSending.objects.filter(notice=OuterRef("pk"), returned_at__isnull=False)
    return Exists(back.filter(~Exists(later)))


@dataclass(frozen=True)
class View:
    """One tab of the desk."""

    key: str
    label: str | Promise
    narrow: Narrow


VIEWS = (
    View("held", _("Held"), lambda rows: rows.filter(state=NoticeState.HELD)),
    View("failed", _("Could not be sent"), lambda rows: rows.filter(_with_message(MessageState.FAILED))),
    View("returned", _("Came back"), lambda rows: rows.filter(_returned())),
    View("waiting", _("On the way"), lambda rows: rows.filter(_with_message(MessageState.WAITING))),
    View("hand", _("To hand over"), lambda rows: rows.filter(handing__isnull=False, handing__handed_at__isnull=True)),
    View(
        "english",
        _("English in their place"),
        lambda rows: rows.filter(~Q(fallbacks=[]) | ~Q(wanted_language="")),
    ),
    View("all", _("All letters"), lambda rows: rows),
)


def view_of(key: str) -> View:
    """Return a tab by its key; the first one for a key that is not known."""
    return next((view for view in VIEWS if view.key == key), VIEWS[0])


def letters_in(view: View, user: User) -> QuerySet[Notice]:
    """Return the letters of a tab that an actor may open, newest first, without their bodies."""
    rows = view.narrow(notices_visible_to(user)).select_related("case__plan", "recipient", "handing")
    return rows.defer("html", "pdf", "inputs", "document").prefetch_related("sendings").order_by("-prepared_at", "-pk")


def counts(user: User) -> dict[str, int]:
    """Count each tab but the last, which holds everything."""
    return {view.key: view.narrow(notices_visible_to(user)).count() for view in VIEWS[:-1]}


def failed_message(notice: Notice) -> Message | None:
    """Return the message of a letter that failed for good."""
    return Message.objects.filter(ref_kind="notice", ref_id=notice.public_id, state=MessageState.FAILED).first()


def form_is_late(form: HandedForm, at: datetime) -> bool:
    """Say whether a form was not handed over in time."""
    return form.due_by is not None and (form.handed_at or at) > form.due_by
