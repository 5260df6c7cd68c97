"""Letters that are not decisions: what we need, more time, a missed day, a withdrawal."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from openum.cases.models import InformationRequest
from openum.criteria.maps import LeafView
from openum.criteria.renderers.letter import gaps_of
from openum.criteria.snapshots import view_of
from openum.notices.assembly.common import LetterFacts, Setting
from openum.notices.content import (
    ExpediteRefusedLetter,
    ExtensionLetter,
    InformationRequestLetter,
    LateLetter,
    Letter,
    WithdrawalLetter,
)
from openum.notices.elements import COLUMN_OF, Audience, Column
from openum.notices.facts import Extension, Lateness, RequestedItem, SpeedRefused, Withdrawal
from openum.vocabulary.terms import FindingValue

Snapshots = Mapping[int, Mapping[str, Any] | None]
"""The evidence map of each line (by primary key) as it stands; None where no guideline holds."""


def information_letter(
    question: InformationRequest, setting: Setting, *, snapshots: Snapshots, extension: Extension | None
) -> Letter:
    """Build the itemised request, with the extension when one was taken."""
    send_by = setting.day_of(question.respond_by) if question.respond_by else None
    if extension is not None and extension.respond_by is not None:
        send_by = extension.respond_by
    return InformationRequestLetter(
        **setting.base(),
        items=items_of(question, setting, snapshots),
        how_to_send=setting.say("records"),
        send_by=send_by,
        otherwise=setting.say("otherwise"),
        extension=extension,
    )


def items_of(question: InformationRequest, setting: Setting, snapshots: Snapshots) -> tuple[RequestedItem, ...]:
    """List what was asked for and why: the criterion it would answer, in plain words."""
    rows: list[RequestedItem] = []
    for item in question.items.select_related("line").order_by("pk"):
        if setting.hides(item.line_id):
            continue
        leaf = leaf_of(snapshots.get(item.line_id), item.leaf)
        spanish = leaf.to_satisfy.es if leaf and item.text.strip() == leaf.to_satisfy.en.strip() else ""
        why = setting.say("item_why_open")
        if leaf:
            why = setting.say("item_why", question=setting.speak(leaf.plain.en, leaf.plain.es))
        rows.append(RequestedItem(what=setting.speak(item.text, spanish), why=why, criterion=item.leaf))
    return tuple(rows)


def leaf_of(snapshot: Mapping[str, Any] | None, key: str) -> LeafView | None:
    """Find one criterion in a map."""
    return view_of(snapshot).leaf(key) if snapshot and snapshot["root"] and key else None


def extension_of(
    setting: Setting,
    *,
    decide_by: date,
    respond_by: date | None,
    is_for_information: bool,
    snapshots: Snapshots,
) -> Extension:
    """Describe an extension: why, until when, and for missing information the standards and the open points."""
    points: list[str] = []
    titles: list[str] = []
    for line_id, snapshot in snapshots.items():
        if setting.hides(line_id) or not snapshot or not snapshot["root"]:
            continue
        title = snapshot["title"]
        titles.append(title.get(setting.language) or title["en"])
        points += [
            setting.speak(gap.leaf.plain.en, gap.leaf.plain.es)
            for gap in gaps_of(view_of(snapshot))
            if gap.leaf.value is FindingValue.UNKNOWN or not is_for_information
        ]
    has_grievance = setting.audience is Audience.MEMBER and COLUMN_OF[setting.line_of_business] is not Column.ERISA
    open_points = setting.say("extension.open_points_unnamed") if not points else setting.say(
        "extension.open_points", points=" ".join(dict.fromkeys(points))
    )  # fmt: skip
    return Extension(
        circumstances=setting.say("extension.circumstances" if is_for_information else "extension.circumstances_other"),
        decide_by=decide_by,
        grievance=setting.say("extension.grievance") if has_grievance else "",
        standards=setting.say("extension.standards", guideline=", ".join(dict.fromkeys(titles)))
        if titles
        else setting.say("extension.standards_open"),
        open_points=open_points if is_for_information else "",
        respond_by=respond_by,
    )


def extension_letter(setting: Setting, *, extension: Extension, question: InformationRequest | None) -> Letter:
    """Build the letter about more time."""
    return ExtensionLetter(
        **setting.base(),
        extension=extension,
        is_for_information=question is not None,
        items=items_of(question, setting, {}) if question else (),
    )


def late_letter(setting: Setting, *, due_on: date, waits_for_information: bool) -> Letter:
    """Build the letter about a missed day."""
    awaited = setting.say("late.awaited_information" if waits_for_information else "late.awaited")
    return LateLetter(**setting.base(), lateness=Lateness(due_on=due_on, awaited=awaited), rights=setting.rights())


def expedite_refused_letter(setting: Setting, *, decide_by: date) -> Letter:
    """Build the letter about a refusal to decide fast."""
    speed = SpeedRefused(
        decide_by=decide_by, ask_again=setting.say("expedite.ask_again"), grievance=setting.say("expedite.grievance")
    )
    return ExpediteRefusedLetter(**setting.base(), speed=speed)


def withdrawal_letter(setting: Setting, *, by: str, on: datetime, channel: str) -> Letter:
    """Confirm a withdrawal."""
    return WithdrawalLetter(
        **setting.base(),
        withdrawal=Withdrawal(by=by, on=setting.day_of(on), channel=setting.say_or("channels", channel, channel)),
    )


def fifteen_more(received: date) -> date:
    """Return the last day after an extension of a pre-service claim: 15 and 15 days (29 CFR 2560.503-1(f)(2)(iii))."""
    return received + timedelta(days=30)


__all__ = [
    "LetterFacts",
    "expedite_refused_letter",
    "extension_letter",
    "extension_of",
    "information_letter",
    "late_letter",
    "withdrawal_letter",
]
