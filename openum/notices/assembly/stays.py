"""Letters about care that ends early, stays, talks before a decision, and what goes on while an appeal runs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from openum.notices.assembly.appeals import Story, facts_of
from openum.notices.assembly.common import Setting
from openum.notices.compose import date_words
from openum.notices.content import Letter
from openum.notices.content_of_stays import (
    BenefitContinuesLetter,
    CoverageEndsExplainedLetter,
    CoverageEndsLetter,
    DischargeExplainedLetter,
    ImportantMessageLetter,
    ObservationLetter,
    OutsideDecisionLetter,
    PeerToPeerOfferLetter,
)
from openum.notices.facts import Disclosure
from openum.notices.facts_of_stays import (
    Continued,
    Conversation,
    EndOfCoverage,
    Explanation,
    HospitalRights,
    Observation,
    OutsideDecision,
    QualityOrganization,
)
from openum.vocabulary.terms import LineOfBusiness


def quality_organization(setting: Setting) -> QualityOrganization:
    """Name the organization that answers fast appeals."""
    return QualityOrganization(name=setting.say("quality.name"), phone=setting.texts.contacts.raw["quality"]["phone"])


def coverage_ends_letter(setting: Setting, *, last_day: date) -> Letter:
    """Build the Notice of Medicare Non-Coverage: ask by noon of the day before the coverage ends (422.626(a))."""
    day_before = date_words(last_day - timedelta(days=1), setting.language)
    return CoverageEndsLetter(
        **setting.base(),
        end=EndOfCoverage(
            last_day=last_day,
            cost=setting.say("stays.cost"),
            fast_appeal=setting.say("stays.fast_appeal"),
            ask_by=setting.say("stays.ask_by", day=day_before),
            after=setting.say("stays.too_late"),
            quality=quality_organization(setting),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Detail:
    """What a clinician writes about the end of a stay or of coverage, as plain facts."""

    facts: str
    why: str
    rule: str
    last_day: date | None = None


def explanation_of(setting: Setting, detail: Detail) -> Explanation:
    """Put a clinician's words into the reader's language."""
    return Explanation(
        facts=setting.speak(detail.facts),
        why=setting.speak(detail.why),
        rule=detail.rule,
        copies=f"{setting.say('copies.right')} {setting.say('copies.how', phone=setting.plan.phone)}",
    )


def coverage_ends_explained_letter(setting: Setting, detail: Detail) -> Letter:
    """Build the Detailed Explanation of Non-Coverage."""
    return CoverageEndsExplainedLetter(
        **setting.base(), last_day=detail.last_day, explanation=explanation_of(setting, detail)
    )


def discharge_explained_letter(setting: Setting, detail: Detail) -> Letter:
    """Build the Detailed Notice of Discharge."""
    return DischargeExplainedLetter(**setting.base(), explanation=explanation_of(setting, detail))


def important_message_letter(setting: Setting, *, admitted_on: date, discharge_on: date | None) -> Letter:
    """Build the Important Message; the follow-up copy names the day of discharge."""
    discharge = ""
    if discharge_on is not None:
        discharge = setting.say("stays.discharge", day=date_words(discharge_on, setting.language))
    return ImportantMessageLetter(
        **setting.base(),
        admitted_on=admitted_on,
        discharge=discharge,
        hospital=HospitalRights(
            care=setting.say("stays.hospital_care"),
            plan_for_leaving=setting.say("stays.hospital_plan"),
            appeal=setting.say("stays.hospital_appeal"),
            ask_by=setting.say("stays.hospital_ask_by"),
            cost=setting.say("stays.hospital_cost"),
            quality=quality_organization(setting),
        ),
    )


def observation_letter(setting: Setting, *, began_at: datetime, why: str) -> Letter:
    """Build the Medicare Outpatient Observation Notice."""
    return ObservationLetter(
        **setting.base(),
        observation=Observation(
            began=setting.moment_of(began_at),
            status=setting.say("stays.observed"),
            why=setting.speak(why.strip()),
            cost=setting.say("stays.observed_cost"),
            afterwards=setting.say("stays.observed_afterwards"),
            medicines=setting.say("stays.observed_medicines"),
            questions=setting.say("stays.observed_questions", phone=setting.plan.phone),
        ),
    )


def talk_letter(setting: Setting, *, points: tuple[str, ...], until: date | None) -> Letter:
    """Build the offer of a talk; `points` are the open criteria in plain words."""
    return PeerToPeerOfferLetter(
        **setting.base(),
        talk=Conversation(
            why=setting.say("talk.why" if points else "talk.why_unnamed"),
            points=points,
            phone=setting.plan.phone,
            how=setting.say("talk.how"),
            until=date_words(until, setting.language) if until else setting.say("talk.until_decision"),
            in_writing=setting.say("talk.in_writing"),
        ),
    )


def continues_letter(setting: Setting, story: Story, *, answer: str) -> Letter:
    """Build the answer about care that goes on while the appeal runs.

    Args:
        answer: granted or refused.
    """
    until = setting.say("continued.until_answer" if answer == "granted" else "continued.until_never")
    is_integrated = setting.line_of_business is LineOfBusiness.INTEGRATED_DUAL
    cost = setting.say("integrated.continuation_cost" if is_integrated else "continued.cost")
    return BenefitContinuesLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        continued=Continued(answer=setting.say(f"continued.{answer}"), until=until, cost=cost),
    )


def outside_decision_letter(
    setting: Setting,
    story: Story,
    *,
    outcome: str,
    by: str,
    why: str,
    reference: str,
    has_judge: bool = False,
    was_decided: bool = True,
) -> Letter:
    """Build the letter about what an outside reviewer decided.

    Args:
        outcome: overturned, partly or upheld.
        has_judge: a hearing before a judge may follow it (42 CFR 422.600, 423.2000).
        was_decided: the plan itself had said no before.
    """
    now, answer = setting.say("outside.carried_out"), outcome
    if outcome == "upheld" and not was_decided:
        answer = "upheld_alone"
    if outcome != "overturned":
        now = setting.say("outside.no_more", phone=setting.plan.phone)
        if setting.line_of_business in {LineOfBusiness.ERISA_GROUP, LineOfBusiness.COMMERCIAL_STATE}:
            now = f"{now} {setting.say('outside.court')}"
        if has_judge:
            now = f"{now} {setting.say('outside.judge')}"
    return OutsideDecisionLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        decision=OutsideDecision(
            by=by, answer=setting.say(f"outside.{answer}"), why=setting.speak(why), reference=reference, what_now=now
        ),
        disclosure=Disclosure(
            free_copies=setting.say("copies.right"), how_to_ask=setting.say("copies.how", phone=setting.plan.phone)
        ),
    )
