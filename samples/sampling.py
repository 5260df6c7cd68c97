"""A sample of denials that an examiner from outside reads; by the services people use."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from openum.accounts.models import User
from openum.sampling import services
from openum.sampling.queries import Wanted
from openum.sampling.rules import Element, Universe, Verdict
from samples.acting import Stage

_DAYS, _FILES, _READ = 60, 30, 8
_SEED = "market conduct 2026"


def build(stage: Stage) -> int:
    """Draw a sample of the last weeks, admit the examiner, read the first files; return how many files were drawn."""
    plan, keeper = stage.places.plan, stage.staff.director
    emails = {login["persona"]: login["email"] for login in stage.staff.logins}
    guest = User.objects.get(email=emails["guest_auditor"])
    if keeper is None:
        return 0
    today = stage.until.astimezone(ZoneInfo(plan.time_zone)).date()
    wanted = Wanted(
        universe=Universe.DECISIONS, first_day=today - timedelta(days=_DAYS), last_day=today, adverse_only=True
    )
    try:
        one = services.draw_sample(
            plan=plan, wanted=wanted, size=_FILES, seed=_SEED, by=keeper, at=stage.until,
            purpose="Insurance department, market conduct examination: denials of the last two months",
        )  # fmt: skip
    except services.SampleNotPossible:
        return 0  # a small world may hold no denial of these weeks
    services.admit_guest(
        sample=one, email=guest.email, name=guest.name, last_day=today + timedelta(days=90), by=keeper, at=stage.until
    )
    files = list(one.files.select_related("sample__plan", "case").order_by("position"))
    for file in files[:_READ]:
        for element in (Element.TIME, Element.DECIDER):
            services.judge_file(file=file, element=element, verdict=Verdict.PASS, note="", by=guest, at=stage.until)
    return len(files)
