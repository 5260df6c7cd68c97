"""From the order to the decision: the lumbar MRI story through CRD, DTR and PAS over HTTP, by the record system we ship."""

from datetime import datetime

from samples.ehr.line import over_http
from samples.ehr.server import running
from samples.ehr.stories import STORIES
from samples.ehr.talk import Outcome, Talk

STORY = "D1"


def measure(*, port: int, token: str, at: datetime) -> Talk:
    """Hold the conversation once, as the first of its kind that the web process meets.

    Args:
        port: where OpenUM listens.
        token: of a client of the plan.
        at: aware instant of the order, on OpenUM's clock.

    Raises:
        SystemExit: it ended otherwise than told.
    """
    story = STORIES[STORY]
    with running(story.chart(at)) as system:
        talk = Talk(
            story=story, call=over_http(f"http://127.0.0.1:{port}", token), version="2.0", base=system.fhir, at=at,
            mailbox=system.mailbox, listener=system.url,
        )  # fmt: skip
        for _step in talk.run():
            pass
    if not talk.outcome.is_as_told:
        raise SystemExit(f"The conversation ended otherwise than told: {talk.outcome.ended}")
    return talk


def rows(talk: Talk) -> list[str]:
    """Return the row of the table, with the time of each step."""
    outcome: Outcome = talk.outcome
    steps = ", ".join(f"{step.name} {step.seconds * 1000:.0f} ms" for step in talk.steps if step.seconds)
    return [f"| D1 from order to approval through CRD, DTR and PAS ({steps}) | {outcome.seconds:.2f} s | 2 s |"]
