"""The pages of the impact simulation in Chromium: no accessibility fault, nothing wider than the screen."""

from datetime import timedelta
from os import environ
from pathlib import Path

import pytest

from openum.criteria.models import Simulation
from openum.criteria.simulation.running import simulate
from tests import world as worlds
from tests.conftest import NOON
from tests.criteria.test_simulation import LUMBAR, STRICTER, body, case, facts
from tests.pages.test_browser import VIEWS, chromium, faults_of, page_of
from tests.threads import in_own_thread

__all__ = ["chromium"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(environ.get("OPENUM_CHROMIUM", "/usr/bin/chromium")).exists(), reason="needs Chromium"),
]


def runs(at):
    """A finished run with small and large groups, and one under way."""
    world = worlds.fresh()
    cases = [
        case(n, pain_onset_days_ago=20 + 3 * n, facts=facts(n % 70, language="es" if n % 9 == 0 else "en",
             age="75+" if n > 75 else "45-64", region="EX" if n % 4 else ""))
        for n in range(80)
    ]  # fmt: skip
    shared = {
        "plan": world.plan, "key": "LBP-MRI", "version": "v2027.1", "base_version": "v2026.2",
        "draft_body": body(STRICTER), "base_body": body(LUMBAR), "draft_digest": "a", "base_digest": "b",
        "requests_from": at - timedelta(days=365), "requests_to": at, "asked_by": world.physician, "asked_at": at,
    }  # fmt: skip
    report = simulate(draft=shared["draft_body"], base=shared["base_body"], cases=cases, processes=1)
    done = Simulation.objects.create(
        **shared, state="done", report=report, cases_total=80, cases_done=80, finished_at=at
    )
    going = Simulation.objects.create(**shared, state="running", cases_total=400, cases_done=100)
    return world.physician, done, going


def test_the_pages_are_sound_in_both_schemes_and_on_a_phone(chromium, live_server, transactional_db):
    physician, done, going = in_own_thread(runs, NOON)
    for scheme, width in VIEWS:
        problems: list[str] = []
        page = page_of(chromium, live_server, physician, scheme=scheme, width=width, problems=problems)
        for name, path in (("list", ""), ("done", f"{done.public_id}/"), ("going", f"{going.public_id}/")):
            page.goto(f"{live_server.url}/guidelines/impact/{path}")
            problems += [f"{name} {scheme} {width}: {fault}" for fault in faults_of(page)]
            if folder := environ.get("OPENUM_SHOTS"):
                page.screenshot(path=f"{folder}/impact-{name}-{scheme}-{width}.png", full_page=True)
        page.context.close()
        assert problems == []


def test_its_tables_fit_a_small_desktop_and_paper(chromium, live_server, transactional_db):
    physician, done, _going = in_own_thread(runs, NOON)
    problems: list[str] = []
    page = page_of(chromium, live_server, physician, scheme="light", width=1024, problems=problems)
    page.goto(f"{live_server.url}/guidelines/impact/{done.public_id}/")
    problems += faults_of(page)
    too_wide = """() => [...document.querySelectorAll('.wide')]
        .filter(box => box.scrollWidth > box.clientWidth).map(box => box.getAttribute('aria-label'))"""
    assert page.evaluate("document.querySelectorAll('.wide').length") == 8
    assert page.evaluate(too_wide) == []
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 990})  # A4 within its margins
    assert page.evaluate(too_wide) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    if folder := environ.get("OPENUM_SHOTS"):
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1024, "height": 900})
        page.screenshot(path=f"{folder}/impact-done-light-1024.png", full_page=True)
    page.context.close()
    assert problems == []
