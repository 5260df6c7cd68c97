"""What the law of a state has a letter tell, from stored rows: the network in New York, and the ways to appeal there, in Texas
and in California.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from openum.cases.models import ServiceLine
from openum.determination.models import AuthorizationSegment
from openum.determination.network import STATES, owes_network, standing_of
from openum.determination.queries import approved_before
from openum.notices.assembly.common import LetterFacts, Setting
from openum.notices.facts import CriterionGap
from openum.notices.facts_of_states import CaliforniaRights, GoesOn, NetworkFacts, StateRights, TexasRights
from openum.vocabulary.terms import LineOfBusiness, NetworkStatus


def is_new_york(setting: Setting) -> bool:
    """Say whether New York's own law speaks of the letter: insured coverage of that state."""
    return setting.line_of_business is LineOfBusiness.COMMERCIAL_STATE and setting.case.product.state in STATES


def network_facts(setting: Setting, *, is_yes: bool) -> LetterFacts:
    """Return what a letter tells of the network of each of its lines; nothing outside New York.

    Args:
        is_yes: at least a part is approved, so that the plan pays something.
    """
    if not is_new_york(setting):
        return {}
    owing = [line for line in setting.lines if owes_network(line)]
    if not owing:
        return {"is_after_care": True}
    found = []
    for line in owing:
        standing, answer = standing_of(line), "yes" if is_yes else "no"
        is_known = standing.status is not NetworkStatus.NOT_CHECKED
        where = "outside" if standing.is_outside else "inside"
        amount = f"${standing.plan_pays:,.2f}" if standing.plan_pays is not None else ""
        found.append(
            NetworkFacts(
                service=setting.service_words(line),
                is_outside=standing.is_outside,
                status=setting.say(f"network.{where}", provider=setting.provider_of(line)) if is_known else "",
                held_harmless=setting.say(f"network.harmless.{where}.{answer}") if is_known else "",
                plan_pays=_plan_pays(setting, amount, is_yes=is_yes) if standing.is_outside else "",
                out_of_pocket=setting.say("network.out_of_pocket", phone=setting.plan.phone)
                if standing.is_outside
                else "",
            )
        )
    return {"network": tuple(found)}


def _plan_pays(setting: Setting, amount: str, *, is_yes: bool) -> str:
    if not is_yes:
        return setting.say("network.pays_nothing")
    return setting.say("network.pays", amount=amount) if amount else ""


def care_that_goes_on(setting: Setting, given: Iterable[tuple[ServiceLine, AuthorizationSegment]]) -> LetterFacts:
    """Return what New York has a yes say of each service that names its earlier authorization."""
    if not is_new_york(setting):
        return {}
    found = []
    for line, segment in given:
        before = approved_before(line)
        if not before:
            continue
        units = [each.units for each in (*before, segment)]
        whole = sum((each for each in units if each is not None), Decimal(0)) if None not in units else None
        last = segment.valid_to - timedelta(days=1) if segment.valid_to else setting.speak(segment.end_circumstance)
        found.append(
            GoesOn(
                service=setting.service_words(line),
                more=setting.quantity(segment.units, segment.unit, segment.frequency),
                whole=setting.quantity(whole, segment.unit, segment.frequency),
                since=min(each.valid_from for each in before),
                next_review=last,
            )
        )
    return {"goes_on": tuple(found)}


def state_rights(setting: Setting, gaps: Iterable[CriterionGap], *, specialty: str) -> LetterFacts:
    """Return what a no says of appeals and reviews by the law of its state; nothing where no such law speaks.

    Args:
        gaps: the criteria that stay open.
        specialty: fields of medicine of the physician who decided, separated by commas.
    """
    if setting.line_of_business is not LineOfBusiness.COMMERCIAL_STATE:
        return {}
    if setting.case.product.state == "TX":
        return {"texas": _in_texas(setting, specialty)}
    if setting.case.product.state == "CA":
        return {"california": _in_california(setting)}
    if not is_new_york(setting):
        return {}
    phone, audience = setting.plan.phone, setting.audience.value
    missing = "; ".join(dict.fromkeys(gap.missing.rstrip(". ") for gap in gaps if gap.missing.strip()))
    return {
        "state_rights": StateRights(
            standard=setting.say("new_york.standard"),
            expedited=setting.say("new_york.expedited", phone=phone),
            external=setting.say(f"new_york.external.{audience}", phone=phone),
            criteria=setting.say("new_york.criteria", phone=phone),
            more=setting.say("new_york.more", items=missing) if missing else setting.say("new_york.no_more"),
        )
    }


def _in_texas(setting: Setting, specialty: str) -> TexasRights:
    phone = setting.plan.phone
    fields = [setting.say_or("fields", each, each) for each in specialty.split(", ") if each]
    return TexasRights(
        decided_by=setting.say("texas.decided_by", field=", ".join(fields)) if fields else "",
        external=setting.say("texas.external", phone=phone),
        at_once=setting.say("texas.at_once", phone=phone),
        criteria=setting.say("new_york.criteria", phone=phone),
        complaint=setting.say("texas.complaint", phone=phone),
    )


def _in_california(setting: Setting) -> CaliforniaRights:
    phone = setting.plan.phone
    return CaliforniaRights(
        external=setting.say("california.external", phone=phone),
        at_once=setting.say("california.at_once", phone=phone),
        criteria=setting.say("new_york.criteria", phone=phone),
        complaint=setting.say("california.complaint", phone=phone),
    )
