"""The knee replacement of a Medicare Advantage member up to the intention to deny, and on to the no when nobody answers."""

from dataclasses import replace

from openum.clocks.models import Clock
from openum.review.models import PeerToPeer
from samples.portal import KneeRequest
from tests.journeys.desk import Desk
from tests.journeys.knee import GAP, Knee
from tests.journeys.lumen import give_login

DECIDE = "ma.decide.standard"


def begin(lumen, days=0):
    """Tell the story up to the intention to deny: Monday at three in the afternoon."""
    person = lumen.stranger("medicare-advantage", 3 if days else 0)
    story = replace(
        KneeRequest(), member_number=person.number, given=person.given, family=person.family, born=person.born
    )
    knee = Knee(lumen, story.moved(days), days=days)
    knee.desks["member"] = Desk(give_login(lumen, person))
    knee.submit("2026-11-24 16:31", "2026-11-24 16:40")
    knee.at("2026-11-24 16:41")
    lumen.work()
    keep(knee, "pended")
    knee.at("2026-11-30 10:05")
    knee.answer_the_question()
    lumen.work()
    knee.at("2026-11-30 11:00")
    knee.review()
    knee.refer()
    knee.at("2026-11-30 14:50")
    page = knee.open_evidence("medical_director")
    knee.facts["buttons before the talk"] = page.buttons
    knee.at("2026-11-30 15:00")
    page = page.press("Record the intention", rationale=GAP)
    assert page.status == 200, page.text
    keep(knee, "intended")
    return knee


def keep(knee, name):
    """Keep the clock that decides, as it stands now."""
    row = Clock.objects.get(case=knee.case, rule=DECIDE)
    knee.facts[name] = (row.started_at, row.due_at, row.stopped_at, row.state)


def unanswered(knee):
    """Log two calls, then decide on the last day."""
    talk = PeerToPeer.objects.get(case=knee.case)
    director = knee.desk("medical_director")
    knee.at("2026-11-30 16:10")
    page = director.open(f"/conversations/{talk.public_id}/")
    page = page.press(
        "Log the attempt", action="/attempts/", outcome="left message", address="1-555-0200", person="Front desk"
    )
    knee.at("2026-12-01 11:30")
    page = page.press("Log the attempt", action="/attempts/", outcome="no answer", address="1-555-0200", is_final="on")
    assert page.status == 200, page.text
    knee.at("2026-12-01 15:05")
    page = director.open(f"/decisions/{knee.line.public_id}/")
    knee.pages["before the denial"] = page
    knee.pages["denied"] = knee.deny(page)
    knee.lumen.work()
    keep(knee, "denied")
    return knee
