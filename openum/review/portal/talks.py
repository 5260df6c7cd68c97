"""The practice's page of a conversation: pre-brief, times, delegates, an answer in writing; and asking for one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.cases.queries import lines_visible_to
from openum.db.clock import now
from openum.design.moments import moment
from openum.review import queries, services
from openum.review.brief import brief_of
from openum.review.faces import free_days, row_of, window_of
from openum.review.models import PeerToPeer, PeerToPeerDelegate, PeerToPeerSlot
from openum.review.rules.offers import DelegateKind
from openum.review.talk_forms import ORDERING, ZONES, BookingForm, DelegateForm, WritingForm
from openum.review.terms import terms_of
from openum.vocabulary.errors import Invalid, OpenUMError

Step = Callable[[PeerToPeer, dict[str, Any], User, datetime], None]


def _talk(request: HttpRequest, public_id: UUID) -> PeerToPeer:
    return get_object_or_404(
        queries.conversations_visible_to(actor(request)).select_related(
            "case", "case__plan", "case__member", "case__product", "line", "line__request", "line__case__plan",
            "line__case__product", "slot", "slot__physician",
        ),
        public_id=public_id,
    )  # fmt: skip


def _doctors(item: PeerToPeer) -> list[str]:
    return [party.name for party in queries.ordering_doctors(item.line) if party.name] or [_("The ordering doctor")]


def _speakers(item: PeerToPeer) -> list[tuple[str, str]]:
    """Return who may take the call: the ordering doctors, then delegates who may speak."""
    doctors = _doctors(item)
    named = [(ORDERING if number == 0 else f"{ORDERING}-{number}", name) for number, name in enumerate(doctors)]
    return named + [
        (str(delegate.public_id), delegate.name) for delegate in queries.delegates_of(item) if delegate.may_speak
    ]


def _speaker(item: PeerToPeer, chosen: str) -> tuple[str, PeerToPeerDelegate | None]:
    """Return the name that was chosen, and the delegate if it is one."""
    name = dict(_speakers(item))[chosen]
    if chosen.startswith(ORDERING):
        return name, None
    return name, item.delegates.get(public_id=chosen)


def _forms(item: PeerToPeer, request: HttpRequest) -> dict[str, Any]:
    """Return the forms of the page; the one that was sent carries what was typed."""
    doing = request.POST.get("do", "")
    sent = {doing: request.POST} if request.method == "POST" else {}
    speakers = _speakers(item)
    authors = [(name, name) for _key, name in speakers]
    logins = [(str(user.public_id), user.name) for user in queries.logins_of_practice(item)]
    return {
        "book": BookingForm(sent.get("book"), speakers=speakers, initial={"call_back": item.call_back}),
        "delegate": DelegateForm(sent.get("delegate"), logins=logins, doctors=_doctors(item)),
        "write": WritingForm(sent.get("write"), speakers=authors),
    }


def _book(item: PeerToPeer, given: dict[str, Any], user: User, at: datetime) -> None:
    slot = get_object_or_404(PeerToPeerSlot, public_id=given["slot"])
    name, delegate = _speaker(item, given["speaker"])
    services.book_conversation(
        conversation=item, slot=slot, attendee=name, speaker=delegate, call_back=given["call_back"], by=user, at=at
    )


def _name_delegate(item: PeerToPeer, given: dict[str, Any], user: User, at: datetime) -> None:
    login = User.objects.filter(public_id=given["login"]).first() if given["login"] else None
    services.name_delegate(
        conversation=item, kind=DelegateKind(given["kind"]), name=given["name"], user=login, may_book=given["may_book"],
        may_speak=given["may_speak"], on_word_of=given["on_word_of"], by=user, at=at,
    )  # fmt: skip


def _write(item: PeerToPeer, given: dict[str, Any], user: User, at: datetime) -> None:
    services.answer_in_writing(conversation=item, author=given["author"], text=given["text"], by=user, at=at)


_WITH_FORM: dict[str, Step] = {"book": _book, "delegate": _name_delegate, "write": _write}


def _press(item: PeerToPeer, request: HttpRequest, *, by: User, at: datetime) -> None:
    """Do what a button without a form says."""
    doing = request.POST.get("do", "")
    if doing == "call_off":
        services.call_off_conversation(conversation=item, by=by, at=at)
    elif doing == "nobody_called":
        services.record_no_show(conversation=item, absent="plan", by=by, at=at)
    elif doing == "end_delegate":
        try:
            wanted = UUID(request.POST.get("delegate", ""))
        except ValueError as error:
            raise Invalid("Choose the person whose part ends.") from error
        services.end_delegate(delegate=get_object_or_404(item.delegates, public_id=wanted), by=by, at=at)
    else:
        raise Invalid("Choose what to do.")


@require_http_methods(["GET", "POST"])
@needs(Permission.BOOK_PEER_TO_PEER)
def book(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a conversation to the practice; book, move, call off, name a delegate, answer in writing."""
    user, at, item = actor(request), now(), _talk(request, public_id)
    if request.method == "GET":
        return _render(request, item, _forms(item, request), at=at)
    doing = request.POST.get("do", "")
    forms = _forms(item, request)
    step, form, refusal = _WITH_FORM.get(doing), forms.get(doing), ""
    try:
        if step is None or form is None:
            _press(item, request, by=user, at=at)
        elif form.is_valid():
            step(item, form.cleaned_data, user, at)
        else:
            return _render(request, item, forms, at=at, status=422)
    except OpenUMError as error:
        if form is None:
            refusal = error.sentence
        else:
            form.add_error(None, error.sentence)
        return _render(request, _talk(request, public_id), forms, at=at, status=error.status, refusal=refusal)
    if doing == "book":
        return redirect("determination:request", public_id=item.case.public_id)
    return redirect("review:book", public_id=item.public_id)


def _render(
    request: HttpRequest, item: PeerToPeer, forms: dict[str, Any], *, at: datetime, status: int = 200, refusal: str = ""
) -> HttpResponse:
    user = actor(request)
    wanted = request.GET.get("zone", "")
    zone = wanted if wanted in dict(ZONES) else item.case.plan.time_zone
    audit.record_reads(by=user, at=at, case_ids=[item.case.public_id], why="page of a conversation")
    is_bookable = item.state in {PeerToPeer.OFFERED, PeerToPeer.BOOKED}
    context = {
        **row_of(item, zone),
        "case": item.case,
        "line": item.line,
        "brief": brief_of(item.line, get_language() or "en"),
        "days": free_days(item, zone=zone, at=at) if is_bookable else [],
        "booked": moment(item.slot.starts_at, zone) if item.slot else "",
        "is_past": item.slot is not None and item.slot.starts_at <= at,
        "open_until": moment(item.open_until, zone),
        "face": window_of(item, at=at),
        "is_bookable": is_bookable,
        "may_write": is_bookable and terms_of(item.line, at=at)[0].in_writing,
        "delegates": queries.delegates_of(item),
        "statements": [
            {"statement": row, "sent": moment(row.sent_at, zone)} for row in item.statements.order_by("sent_at", "pk")
        ],
        "zone": zone,
        "zones": ZONES,
        "form": forms["book"],
        "forms": forms,
        "refusal": refusal,
    }
    return render(request, "review/book.html", context, status=status)


@require_POST
@needs(Permission.BOOK_PEER_TO_PEER)
def ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask the plan for a conversation on a line."""
    line = get_object_or_404(
        lines_visible_to(actor(request)).select_related("case__plan", "case__product", "request"), public_id=public_id
    )
    item = services.ask_for_conversation(line=line, by=actor(request), at=now())
    return redirect("review:book", public_id=item.public_id)
