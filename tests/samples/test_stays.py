"""The demo world holds forms that a facility hands over and an approval that ends early, made by the services."""

import pytest
from django.test import Client

from openum.determination.models import Determination
from openum.notices.models import HandedForm, Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def test_the_nurse_finds_a_signed_form_one_to_hand_over_and_an_early_end(world):
    signed = HandedForm.objects.filter(last_covered_day__isnull=False)
    waiting = HandedForm.objects.filter(admitted_at__isnull=False)
    ended = Determination.objects.filter(outcome="terminated_with_notice")
    assert signed.count() + waiting.count() + ended.count() >= 1
    assert all(form.signed_at is not None for form in signed)
    assert all(form.handed_at is None for form in waiting)
    for decision in ended:
        assert Notice.objects.filter(determination=decision, kind="reduction", audience="member").exists()
    desk = Client()
    desk.force_login(world.user("nurse"))
    page = desk.get("/letters/desk/?view=hand")
    for form in waiting:
        assert form.notice.number in page.text
    for form in (*signed, *waiting):
        assert desk.get(f"/letters/stay/{form.line.public_id}/").status_code == 200
