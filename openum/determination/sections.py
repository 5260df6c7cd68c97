"""What decisions contribute to the case page: each decision with its ground, who made it, and the number it gave."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext
from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.cases.holdings import declare, holds
from openum.cases.models import Case, InformationRequest, Note, ServiceLine
from openum.cases.panels import Panel, register
from openum.cases.queries import current_lines, requests_of
from openum.cases.rules import OPEN_STATUSES
from openum.clocks.faces import face_of
from openum.clocks.queries import calls_owed
from openum.criteria.queries import current_map
from openum.design.moments import day, local_day, moment
from openum.design.status import status_words
from openum.determination import safeguards
from openum.determination.added_words import added_codes_of
from openum.determination.findings import findings_beside
from openum.determination.ladder_words import ladders_of
from openum.determination.models import (
    AddedCode,
    Authorization,
    AuthorizationSegment,
    CaseFlag,
    Determination,
    MachineEntry,
    SecondReading,
)
from openum.determination.network import owes_network, standing_of
from openum.determination.protecting import flags_of, has_court_order, rows_for
from openum.determination.protections import Birth, Law, protected_until
from openum.determination.substitutions import substitutions_of
from openum.vocabulary.terms import LineStatus, ServiceClass


def _decisions(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    standing = _standing_decisions(case) if holds(case, Determination) else {"decisions": [], "compared": []}
    reopenings = Note.objects.filter(case=case, purpose="reopening").select_related("written_by").order_by("written_at")
    noted = list(reopenings) if holds(case, Note) else []
    added = added_codes_of(case).values() if holds(case, AddedCode) else ()
    return {
        **_to_tell(case, user, at),
        **standing,
        "reopenings": [{"note": note, "at": moment(note.written_at, zone)} for note in noted],
        "ladders": ladders_of(case, at=at) if holds(case, InformationRequest) else [],
        "added": [
            item | {"at": moment(item["row"].added_at, zone), "done": day(item["row"].line.service_from)}
            for item in added
        ],
    }


def _standing_decisions(case: Case) -> dict[str, Any]:
    zone = case.plan.time_zone
    decisions = list(
        Determination.objects.filter(line__in=ServiceLine.objects.filter(case=case))
        .select_related("line", "decided_by", "guideline", "approval_rule", "evidence_map")
        .order_by("-decided_at", "-pk")
    )
    numbers: dict[int, list[dict[str, str]]] = {}
    segments = AuthorizationSegment.objects.filter(determination__in=decisions).select_related("authorization")
    for item in segments.order_by("valid_from", "pk"):
        last = item.valid_to - timedelta(days=1) if item.valid_to else None
        numbers.setdefault(item.determination_id, []).append(
            {
                "number": item.authorization.number,
                "from": day(item.valid_from),
                "to": day(last) if last else item.end_circumstance,
            }
        )
    superseded = {decision.supersedes_id for decision in decisions}
    substitutions = substitutions_of(decisions)
    return {
        "compared": _compared(decisions, zone),
        "decisions": [
            {
                "decision": decision,
                "at": moment(decision.decided_at, zone),
                "numbers": numbers.get(decision.pk, []),
                "is_overturned": decision.pk in superseded,
                "substitution": substitutions.get(decision.pk),
            }
            for decision in decisions
        ],
    }


def _to_tell(case: Case, user: User, at: datetime) -> dict[str, Any]:
    """Return what the law still wants told of the lines, for who may state or tell it: the network, and calls owed."""
    if not user_may(user, Permission.APPROVE_LINES):
        return {"networks": [], "calls_owed": []}
    lines, requests = current_lines(case), {row.pk: row for row in requests_of(case)}
    networks, owed = [], []
    for line in lines:
        line.case, line.request = case, requests[line.request_id]
        is_open = line.status in OPEN_STATUSES
        if is_open and owes_network(line):
            networks.append({"line": line, "is_whole": standing_of(line).is_whole})
        if not is_open:
            owed += [
                {"line": line, "face": face_of(clock, at=at), "title": clock.title}
                for clock in calls_owed(line.request)
                if not clock.line_ids or str(line.public_id) in clock.line_ids
            ]
    return {"networks": networks, "calls_owed": owed}


def _compared(decisions: Sequence[Determination], zone: str) -> list[dict[str, Any]]:
    """Return criteria then and now for each line that was decided more than once, decisions oldest first."""
    by_line: dict[int, list[Determination]] = {}
    for decision in reversed(decisions):
        by_line.setdefault(decision.line_id, []).append(decision)
    return [
        {
            "line": rows[0].line,
            "decisions": [{"on": day(local_day(row.decided_at, zone))} for row in rows],
            "findings": findings_beside(rows, current_map(rows[0].line), zone=zone),
        }
        for rows in by_line.values()
        if len(rows) > 1
    ]


FLAG_WORDS = {
    CaseFlag.COURT_ORDER: gettext_lazy("Court order"),
    CaseFlag.EMERGENCY: gettext_lazy("Emergency"),
    CaseFlag.AFTER_STABILIZATION: gettext_lazy("After an emergency"),
    CaseFlag.COURSE_OF_TREATMENT: gettext_lazy("A new member's course of treatment"),
    CaseFlag.BIRTH: gettext_lazy("Birth"),
}
CLASS_WORDS = {
    ServiceClass.MEDICAL_SURGICAL: gettext_lazy("medical and surgical"),
    ServiceClass.MENTAL_HEALTH: gettext_lazy("mental health"),
    ServiceClass.SUBSTANCE_USE: gettext_lazy("substance use"),
}
KIND_WORDS = {
    MachineEntry.RULE: gettext_lazy("rule"),
    MachineEntry.MODEL: gettext_lazy("model"),
    MachineEntry.READING: gettext_lazy("text recognition"),
}
FINDING_WORDS = {"met": gettext_lazy("Met"), "not_met": gettext_lazy("Not met"), "unknown": gettext_lazy("Unknown")}


def flag_rows(case: Case) -> list[dict[str, Any]]:
    """Return the flags of a case as people read them; a court order known of the member counts as one."""
    zone = case.plan.time_zone
    flags = flags_of(case)
    rows = [
        {
            "kind": flag.kind,
            "words_of_kind": FLAG_WORDS[flag.kind],
            "words": flag.words,
            "is_open": flag.cleared_at is None,
            "is_order": flag.kind == CaseFlag.COURT_ORDER,
            "until": _no_review_before(flag, zone),
            "by": f"{flag.set_by.name}, {moment(flag.set_at, zone)}",
            "cleared": f"{flag.cleared_by.name}, {moment(flag.cleared_at, zone)}: {flag.cleared_because}"
            if flag.cleared_by and flag.cleared_at
            else "",
        }
        for flag in flags
    ]
    if has_court_order(case, flags) and not any(row["is_order"] and row["is_open"] for row in rows):
        kind = CaseFlag.COURT_ORDER
        known = {"kind": kind, "words_of_kind": FLAG_WORDS[kind], "words": gettext("Known of the member.")}
        rows.insert(0, {**known, "is_open": True, "is_order": True, "until": "", "by": "", "cleared": ""})
    return rows


def _no_review_before(flag: CaseFlag, zone: str) -> str:
    if flag.kind != CaseFlag.BIRTH or flag.starts_at is None or flag.cleared_at is not None:
        return ""
    line = flag.case.lines.select_related("case__plan", "case__product").order_by("pk").first()
    row = rows_for(line, on=local_day(flag.set_at, zone)).get(Law.MATERNITY_STAY) if line else None
    birth = Birth(starts_at=flag.starts_at, is_caesarean=flag.is_caesarean)
    return moment(protected_until(birth, row), zone) if row else ""


def _protections(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    return {
        "flags": flag_rows(case),
        "classes": [
            {"line": line.wording or line.code, "words": CLASS_WORDS[ServiceClass(line.service_class)]}
            for line in current_lines(case)
        ],
        "may_flag": user_may(user, Permission.FLAG_CASES),
        "closable": [line for line in current_lines(case) if LineStatus(line.status) in OPEN_STATUSES]
        if user_may(user, Permission.CLOSE_ADMINISTRATIVELY)
        else [],
    }


def entry_rows(entries: Iterable[MachineEntry]) -> list[dict[str, Any]]:
    """Return suggestions of machines as people read them, each with what people did."""
    return [
        {
            "entry": entry,
            "kind": KIND_WORDS[entry.kind],
            "digest": str(entry.input.get("digest", ""))[:12],
            "at": moment(entry.at, entry.case.plan.time_zone),
            "said": _said(entry.output),
            "replies": [
                {
                    "by": reply.by.name,
                    "did": _did(reply.did),
                    "followed": {True: gettext("agreed"), False: gettext("decided otherwise")}.get(reply.is_followed)
                    if reply.is_followed is not None
                    else "",
                }
                for reply in entry.replies.all()
            ],
        }
        for entry in entries
    ]


def _said(output: Mapping[str, Any]) -> str:
    if "finding" in output:
        return str(FINDING_WORDS.get(output["finding"], output["finding"]))
    if "outcome" in output:
        return str(status_words(output["outcome"]))
    if "asked" in output:
        return ngettext("Asked for %(n)d thing", "Asked for %(n)d things", len(output["asked"])) % {
            "n": len(output["asked"])
        }
    pages = output.get("pages", [])
    return ngettext("Read %(n)d page", "Read %(n)d pages", len(pages)) % {"n": len(pages)}


_DONE = {
    "confirmed the place that was proposed": gettext_lazy("confirmed the place that was proposed"),
    "closed the place that was proposed": gettext_lazy("closed the place that was proposed"),
    "agrees": gettext_lazy("would have approved as well"),
    "would not have approved": gettext_lazy("would not have approved"),
}
_LOOKED = "looked again"


def _did(did: str) -> str:
    leaf, separator, value = did.partition(": ")
    about = gettext("looked again") if leaf == _LOOKED else leaf
    return f"{about}: {_DONE.get(value) or FINDING_WORDS.get(value, value)}" if separator else str(status_words(did))


def _machines(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    return {"entries": entry_rows(safeguards.entries_of(case)) if holds(case, MachineEntry) else []}


def register_sections() -> None:
    """Register the sections, and what a case may lack; called once at start."""
    declare((AddedCode, Determination, SecondReading), "line__case")
    declare((Authorization, CaseFlag, MachineEntry), "case")
    register(Panel("decisions", _("Decisions"), 15, "determination/panels/decisions.html", _decisions))
    register(
        Panel("protections", _("What protects this case"), 17, "determination/panels/protections.html", _protections)
    )
    register(Panel("machines", _("What machines suggested"), 65, "determination/panels/machines.html", _machines))
