"""What New York has letters tell: the network with every answer, and with a no how to start each kind of appeal."""

import re
from dataclasses import fields, replace
from datetime import date

import pytest

from openum.notices.compose import compose
from openum.notices.content import TELLS_OF_NETWORK, LetterKind
from openum.notices.elements import Audience, LetterIncomplete, check, slots
from openum.notices.facts_of_states import CaliforniaRights, GoesOn, NetworkFacts, StateRights, TexasRights
from openum.notices.render import as_mapping, render_html
from openum.notices.sample import sample
from openum.notices.templates import uncovered
from openum.vocabulary.terms import LineOfBusiness
from tests.notices import examples

OUTSIDE = NetworkFacts(
    service="Knee replacement", is_outside=True, status="Not in the network.", held_harmless="Not held harmless.",
    plan_pays="The plan pays $1,250.00.", out_of_pocket="Ask what it costs.",
)  # fmt: skip
INSIDE = NetworkFacts(service="Knee replacement", status="In the network.", held_harmless="Held harmless.")
RIGHTS = StateRights(
    standard="Write to us.", expedited="Call us.", external="Ask the state.", criteria="Free on request.",
    more="Send the film.",
)  # fmt: skip
ANSWERS = sorted(TELLS_OF_NETWORK)
ADVERSE = (LetterKind.DENIAL, LetterKind.PARTIAL_APPROVAL, LetterKind.REDUCTION)


TEXAS = TexasRights(
    decided_by="A doctor of bones.", external="Call for the form.", at_once="If your life is in danger.",
    criteria="Free on request.", complaint="The Texas office.",
)  # fmt: skip
CALIFORNIA = CaliforniaRights(
    external="Six months.", at_once="If waiting harms.", criteria="Free on request.", complaint="The department."
)
BESIDE = {"TX": ("texas", TEXAS), "CA": ("california", CALIFORNIA)}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("kind", ADVERSE)
@pytest.mark.parametrize("state", list(BESIDE))
def test_a_no_in_texas_and_california_tells_what_its_law_wants_and_is_refused_without(state, kind, audience, language):
    """Tex. Ins. Code 4201.303; Cal. Health & Safety Code 1367.01(h)(4), 1368.02(b), 1374.30."""
    name, rights = BESIDE[state]
    letter = examples.letter(kind, audience, language=language, state=state, **{name: rights})
    template = examples.fitting(kind, audience, LineOfBusiness.COMMERCIAL_STATE, language)
    own = [slot for slot in slots(letter) if slot.element.states]
    assert {slot.path for slot in own} == {name, *(f"{name}.{each.name}" for each in fields(rights))}
    html = render_html(as_mapping(compose(letter, template)))
    other = next(each for key, (_, each) in BESIDE.items() if key != state)
    assert other.external not in html
    for slot in own:
        part, _, last = slot.path.partition(".")
        changed = replace(letter, **{part: replace(rights, **{last: ""}) if last else None})
        assert not last or getattr(rights, last) in html, slot.path
        with pytest.raises(LetterIncomplete, match=re.escape(slot.element.name)):
            check(changed)
    sent_before_the_law = replace(letter, **{name: None})
    assert compose(sent_before_the_law, template, is_checked=False).number == letter.number
    check(examples.letter(kind, audience, language=language, state=state, lob=LineOfBusiness.ERISA_GROUP))


def in_new_york(kind, audience=Audience.MEMBER, language="en", *, network=(OUTSIDE,), **changes):
    facts = {"network": network} if kind in TELLS_OF_NETWORK else {}
    if kind in ADVERSE:
        facts["state_rights"] = RIGHTS
    return examples.letter(kind, audience, language=language, **{"state": "NY", **facts, **changes})


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("kind", sorted({*ANSWERS, *ADVERSE}))
def test_every_answer_in_new_york_tells_what_its_law_wants_and_is_refused_without(kind, audience, language):
    """N.Y. Ins. Law 4903(b), (c), (e)."""
    letter = in_new_york(kind, audience, language)
    template = examples.fitting(kind, audience, LineOfBusiness.COMMERCIAL_STATE, language)
    own = {slot.path: slot.element.name for slot in slots(letter) if slot.element.states}
    assert own
    assert uncovered(template, {re.sub(r"\[\d+\]", "", path): name for path, name in own.items()}) == ()
    html = render_html(as_mapping(compose(letter, template)))
    told = [OUTSIDE.status, OUTSIDE.held_harmless, OUTSIDE.plan_pays, OUTSIDE.out_of_pocket] if kind in ANSWERS else []
    for words in [*told, *([RIGHTS.external, RIGHTS.more] if kind in ADVERSE else [])]:
        assert words in html
    for path, name in own.items():
        if "." in path:
            part, _, last = path.rpartition(".")
            changed = replace(RIGHTS if part == "state_rights" else OUTSIDE, **{last: ""})
            without = {"state_rights": changed} if part == "state_rights" else {"network": (changed,)}
        else:
            without = {path: () if path == "network" else None}
        with pytest.raises(LetterIncomplete, match=re.escape(name)):
            check(replace(letter, **without))


def test_what_is_excused_and_where_no_such_law_speaks():
    check(in_new_york(LetterKind.APPROVAL, network=(INSIDE,)))
    check(in_new_york(LetterKind.APPROVAL, network=(), is_after_care=True))
    check(in_new_york(LetterKind.DISMISSAL))
    check(in_new_york(LetterKind.DENIAL, network=(), state_rights=None, state="EX"))
    check(replace(in_new_york(LetterKind.DISMISSAL), state="TX"))
    check(in_new_york(LetterKind.DENIAL, network=(), state_rights=None, lob=LineOfBusiness.ERISA_GROUP))
    with pytest.raises(LetterIncomplete, match="held harmless"):
        check(in_new_york(LetterKind.APPROVAL, network=(INSIDE, replace(INSIDE, held_harmless=""))))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("kind", [LetterKind.APPROVAL, LetterKind.PARTIAL_APPROVAL])
def test_a_yes_to_care_that_goes_on_tells_how_much_since_when_and_when_it_is_looked_at(kind, audience, language):
    """N.Y. Ins. Law 4903(c)."""
    care = GoesOn(
        service="Knee replacement", more="7 days", whole="12 days", since=date(2026, 11, 30), next_review=date(2026, 12, 11)
    )  # fmt: skip
    letter = in_new_york(kind, audience, language, goes_on=(care,))
    html = render_html(
        as_mapping(compose(letter, examples.fitting(kind, audience, LineOfBusiness.COMMERCIAL_STATE, language)))
    )
    assert "7 days" in html
    assert "12 days" in html
    check(letter)
    for name in ("more", "whole", "since", "next_review"):
        with pytest.raises(LetterIncomplete):
            check(replace(letter, goes_on=(replace(care, **{name: None}),)))


@pytest.mark.parametrize(("state", "told"), [("", set()), *((key, {name}) for key, (name, _) in BESIDE.items())])
def test_a_template_is_looked_at_with_what_one_state_wants(state, told):
    lob = LineOfBusiness.COMMERCIAL_STATE
    whole = examples.letter(LetterKind.DENIAL)
    letter = sample(
        LetterKind.DENIAL, Audience.MEMBER, lob, "en", plan=whole.plan, rights=whole.rights,
        assistance=whole.assistance, state=state,
    )  # fmt: skip
    compose(letter, examples.fitting(LetterKind.DENIAL, Audience.MEMBER, lob, "en"))
    assert {name for name in ("texas", "california", "state_rights") if getattr(letter, name) is not None} == told
