"""What stands on a plan's shelf is the plan's own, though another published the same."""

from datetime import date

import orjson

from openum.adapters.fhir.dtr.shelf import UploadVolume, shelf_for
from openum.forms.services import store_form
from openum.forms.uploads import read_upload

DAY = date(2026, 11, 16)
FORM = {"resourceType": "Questionnaire", "url": "https://forms.test.invalid/Questionnaire/one", "version": "1",
        "status": "active", "item": [{"linkId": "1", "text": "Why?", "type": "string"}]}  # fmt: skip


def test_two_plans_that_publish_the_same_form_each_hold_their_own_row(world, at):
    for plan in (world.plan, world.sandbox):
        upload = read_upload([orjson.loads(orjson.dumps(FORM))])
        store_form(upload=upload, plan=plan, source="test", effective_from=DAY, by=world.engine, at=at)
    for plan in (world.plan, world.sandbox):
        held = [
            volume.policy.plan_id
            for volume in shelf_for(plan, site="http://testserver", day=DAY).volumes
            if isinstance(volume, UploadVolume) and volume.policy.key == FORM["url"]
        ]
        assert held == [plan.pk]
