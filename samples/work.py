"""Queues, people's days, rules and some tasks of the demo plan; the open requests are then routed and given out.

The rules are in force from the present day on, so the earlier cases stay as they were decided: without them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from openum import audit
from openum.accounts.models import Specialty, User
from openum.cases.models import Case
from openum.cases.services import write_note
from openum.determination.services import publish_added_codes, publish_ladder, publish_second_readings
from openum.intake.checklist.services import publish_documents
from openum.work import services
from openum.work.models import Queue
from openum.work.queries.people import local_day
from openum.work.queries.routing import open_lines, routing_for
from openum.work.rules.facts import Facts, Stage
from openum.work.rules.forecasting import Count, monday_of
from openum.work.rules.routing import complexity_of, read_routing, rule_for
from samples.acting import Stage as Theatre
from samples.plots import Plot, stages_of

STAGES = (Stage.NURSE, Stage.PHYSICIAN)
_HOURS = {day: ["07:00", "19:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
_FIELDS = {
    "N. Quartey": ("orthopaedics",),
    "S. Toledo": ("psychiatry",),
    "J. Abara": ("orthopaedics", "physical medicine"),
}


def build(theatre: Theatre, plots: Sequence[Plot]) -> int:
    """Set the demo plan's work up, with the weeks before it, and give out what is open; return how many lines found a person."""
    plan, at = theatre.places.plan, theatre.until
    keeper = theatre.staff.director
    if keeper is None:
        return 0
    with transaction.atomic(), audit.batch():
        _people(theatre, keeper)
        _queues(theatre, keeper)
        text = (Path(settings.OPENUM_POLICIES) / "routing" / "harbor.yaml").read_text(encoding="utf-8")
        shipped = read_routing(text).effective_from.isoformat()
        today = local_day(plan, at).isoformat()
        services.publish_routing(
            text=text.replace(f"effective_from: {shipped}", f"effective_from: {today}"), plan=plan, by=keeper, at=at
        )
        for file in sorted((Path(settings.OPENUM_POLICIES) / "checklists").glob("*.yaml")):
            services.publish_checklist(path=file, by=theatre.engine, at=at, plan=plan)
        for file in sorted((Path(settings.OPENUM_POLICIES) / "documents").glob("*.yaml")):
            publish_documents(path=file, by=theatre.engine, at=at, plan=plan)
        for file in sorted((Path(settings.OPENUM_POLICIES) / "added_codes").glob("*.yaml")):
            publish_added_codes(path=file, plan=plan, by=theatre.engine, at=at)
        for file in sorted((Path(settings.OPENUM_POLICIES) / "outreach").glob("*.yaml")):
            publish_ladder(path=file, plan=plan, by=theatre.engine, at=at)
        text = (Path(settings.OPENUM_POLICIES) / "second_readings" / "harbor.yaml").read_text(encoding="utf-8")
        publish_second_readings(
            text=text.replace("effective_from: 2026-01-01", f"effective_from: {today}"),
            plan=plan,
            by=theatre.engine,
            at=at,
        )
        past_weeks(theatre, plots, keeper)
        given = give_out_what_is_open(theatre, at=at)
        _around(theatre, keeper)
    return given


def give_out_what_is_open(theatre: Theatre, *, at: datetime) -> int:
    """Route the open lines that lie in no queue and return how many of all that wait found a person."""
    plan, last = theatre.places.plan, 1
    while last:
        _, last = services.reroute_open_lines(plan=plan, after=last, count=500, by=theatre.engine, at=at)
    return services.give_out(plan=plan, by=theatre.engine, at=at)


def past_weeks(theatre: Theatre, plots: Sequence[Plot], keeper: User) -> int:
    """Take in what the world's earlier requests would have been to the queues, week by week; return how many weeks.

    They were decided before the rules were in force. The rules read each as they would have read it when it came: once for the
    nurses, unless a published rule approved it, and once for the physicians where one decided. The oldest week is not whole.
    """
    plan, at = theatre.places.plan, theatre.until
    in_force, this = routing_for(plan, at=at), monday_of(local_day(plan, at))
    if in_force is None:
        return 0
    zone, counts = ZoneInfo(plan.time_zone), dict[tuple[str, date, str], list[int]]()
    for plot in plots:
        seen = Facts(
            product=plot.member.product, service=plot.service, specialty=plot.asked_for.field, place=plot.asked_for.place,
            urgency=plot.urgency, channel=plot.channel, standing=plot.standing, language=plot.member.language,
        )  # fmt: skip
        monday = monday_of(plot.received_at.astimezone(zone).date())
        for stage in STAGES[: stages_of(plot)]:
            facts = replace(seen, stage=stage)
            points = complexity_of(in_force.routing, facts).points
            queue = rule_for(in_force.routing, facts, points).queue
            count = counts.setdefault((queue, monday, facts.specialty), [0, 0])
            count[0] += 1
            count[1] += points
    oldest = min((monday for _, monday, _ in counts), default=this)
    return services.take_in_past_weeks(
        plan=plan, source="the earlier requests of the demonstration, read by the rules in force", by=keeper, at=at,
        counts=[
            Count(queue=queue, day=monday, field=name, lines=number, points=points)
            for (queue, monday, name), (number, points) in counts.items()
            if oldest < monday < this
        ],
    )  # fmt: skip


def _people(theatre: Theatre, keeper: User) -> None:
    staff, at = theatre.staff, theatre.until
    languages = {"S. Toledo": ("es",), "B. Rosario": ("es",)}
    for user in (*staff.nurses, *_physicians(theatre)):
        services.set_capacity(user=user, points_a_day=160, languages=languages.get(user.name, ()), by=keeper, at=at)
    Specialty.objects.bulk_create(
        [Specialty(user=user, name=name) for user in staff.nurses for name in _FIELDS.get(user.name, ())]
    )
    first = local_day(theatre.places.plan, at)
    for user, kind, begins, days, left in (
        (staff.nurses[-1], "away", 0, 3, 0), (staff.nurses[2], "training", 2, 1, 50), (_physicians(theatre)[1], "away", 4, 5, 0),
    ):  # fmt: skip
        services.record_absence(
            user=user, kind=kind, first_day=first + timedelta(days=begins), back_on=first + timedelta(days=begins + days),
            percent_left=left, by=keeper, at=at,
        )  # fmt: skip


def _physicians(theatre: Theatre) -> list[User]:
    found = [*theatre.staff.physicians, theatre.staff.orthopaedist]
    return list(dict.fromkeys(user for user in found if user is not None))


def _queues(theatre: Theatre, keeper: User) -> None:
    nurses, physicians = theatre.staff.nurses, _physicians(theatre)
    plan, at = theatre.places.plan, theatre.until
    made: dict[str, Queue] = {}
    for key, name, people, backup in (
        ("general-rn", "General RN", nurses, ""), ("ortho-rn", "Ortho RN", nurses[:2], "general-rn"),
        ("behavioural-rn", "Behavioural RN", nurses[2:3], "general-rn"), ("stays-rn", "Stays RN", nurses[3:], "general-rn"),
        ("intake-rn", "Member calls RN", nurses[2:3], "general-rn"), ("general-md", "Physicians", physicians, ""),
        ("ortho-md", "Ortho physicians", physicians[-1:], "general-md"),
    ):  # fmt: skip
        is_nurse = key.endswith("rn")
        made[key] = services.keep_queue(
            plan=plan, key=key, name=name, stage=Stage.NURSE if is_nurse else Stage.PHYSICIAN, owner=keeper, people=people,
            licence_kind="registered nurse" if is_nurse else "physician", hours={} if key.startswith("general") else _HOURS, backup=made.get(backup), by=keeper,
            at=at,
        )  # fmt: skip


def _around(theatre: Theatre, keeper: User) -> None:
    """Some tasks, a tag, a note that names a colleague, and a watched case, on the latest open cases."""
    plan, at, nurses = theatre.places.plan, theatre.until, theatre.staff.nurses
    lines = list(open_lines(plan).order_by("-pk")[:6])
    texts = (
        "Call the practice for the therapy dates",
        "Ask whether the surgery date holds",
        "Check the network of the pavilion",
    )
    for number, (line, title) in enumerate(zip(lines, texts, strict=False), start=1):
        due = at + timedelta(hours=4 * number)
        services.make_task(
            plan=plan, case=line.case, title=title, owner=nurses[0] if number < 3 else None,
            queue=None if number < 3 else Queue.objects.get(plan=plan, key="general-rn"), due_at=due,
            remind_at=min(due, at + timedelta(hours=1)), by=nurses[1], at=at,
        )  # fmt: skip
    if lines:
        services.tag_cases(line_ids=[line.public_id for line in lines[:2]], word="look together", by=nurses[1], at=at)
        case: Case = lines[0].case
        handle = nurses[0].email.partition("@")[0]
        text = f"@{handle} please look at the second page; the dates differ."
        write_note(case=case, text=text, by=nurses[1], at=at, is_part_of_record=False)
        services.watch(case=case, by=nurses[0], at=at)
