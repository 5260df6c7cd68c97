"""The table of letters: line of business and event, letter, mandatory elements, whether its sources are verified."""

import os
import re

from tests.notices import examples

EVENTS = {
    "approval": "the request is approved",
    "partial-approval": "less than asked is approved",
    "denial": "the request is denied",
    "insert": "the denial, in plain words beside the government form",
    "overturn": "a no becomes a yes",
    "information-request": "something is asked for",
    "extension": "more time is taken",
    "dismissal": "the request is closed by a rule",
    "late": "the time to decide has passed",
    "expedite-refused": "a request to decide fast is refused",
    "withdrawal": "the request is taken back",
    "reduction": "an approval ends early or becomes less",
    "coverage-ends": "coverage of facility or home care ends (NOMNC)",
    "coverage-ends-explained": "a fast appeal of that (DENC)",
    "important-message": "a hospital stay begins; again before discharge (IM)",
    "discharge-explained": "a fast appeal of the discharge (DND)",
    "observation": "observation in a hospital for more than 24 hours (MOON)",
    "peer-to-peer-offer": "a talk is offered before a no",
    "benefit-continues": "the wish to keep care during the appeal is answered",
    "outside-decision": "an outside reviewer decides",
}


def letters_table(made: str) -> str:
    """Return the document."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    from openum.notices import pack
    from openum.notices.elements import COLUMN_OF, slots
    from openum.notices.languages import parse
    from openum.vocabulary.terms import LineOfBusiness

    catalogues = sorted(parse(each.body).language for each in examples.files() if each.kind == pack.LANGUAGE)
    lines = [
        "# Letters by line of business and event", "", made,
        (
            f"English and Spanish have templates of their own; {', '.join(catalogues)} are catalogues of the English ones. "
            "No translation has been reviewed by a qualified person, so that letters in them stay in demo and sandbox plans."
        ),
        "", "Kinds of letter whose event is not named here are about appeals and complaints.", "",
        "| law | event | letter | to | sources verified | held back outside demo plans | mandatory elements |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    with_rights = (
        LineOfBusiness.MEDICARE_ADVANTAGE, LineOfBusiness.MEDICAID_MANAGED_CARE,
        LineOfBusiness.ERISA_GROUP, LineOfBusiness.MEDICARE_PART_D,
    )  # fmt: skip
    representative = {COLUMN_OF[line]: line for line in with_rights}
    for column, line in sorted(representative.items()):
        fitting = [each for each in examples.templates() if each.language == "en" and column in each.columns]
        for template in sorted(
            fitting, key=lambda each: (list(EVENTS).index(each.kind) if each.kind in EVENTS else 99, each.key)
        ):
            letter = examples.letter(template.kind, template.audience, lob=line)
            names = dict.fromkeys(slot.element.name for slot in slots(letter) if not re.search(r"\[[1-9]", slot.path))
            lines.append(
                f"| {column} | {EVENTS.get(template.kind, template.kind.replace('-', ' '))} | `{template.key}` "
                f"{template.version} | {template.audience} | {'yes' if template.source_verified else 'no'} | "
                f"{template.unfit_for_production(column) or '–'} | {'; '.join(names)} |"
            )
    return "\n".join(lines) + "\n"
