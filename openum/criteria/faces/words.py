"""The words in which criteria, groups and scopes are told. One place, so that every face says the same."""

from collections.abc import Callable, Iterable

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from openum.criteria.tree import Group, Leaf, Mode, Node, Text

LINES_OF_BUSINESS: dict[str, str | Promise] = {
    "medicare_advantage": _("Medicare Advantage"),
    "medicare_part_d": _("Medicare Part D"),
    "medicaid_managed_care": _("Medicaid managed care"),
    "medicaid_ffs": _("Medicaid, paid by the state"),
    "chip_ffs": _("CHIP, paid by the state"),
    "erisa_group": _("Employer plans"),
    "commercial_state": _("Plans under state insurance law"),
    "qhp_ffe": _("Marketplace plans"),
}
AUTHORITY_KINDS: dict[str, str | Promise] = {
    "law": _("Law"),
    "statute": _("Law"),
    "NCD": _("Medicare national coverage determination"),
    "LCD": _("Medicare local coverage determination"),
    "state": _("State rule"),
    "plan-policy": _("Policy of the plan"),
    "licensed-set": _("Licensed criteria set"),
}
DOCUMENTS: dict[str, str | Promise] = {
    "admission-note": _("admission note"),
    "admission-order": _("admission order"),
    "clinical-note": _("clinical note"),
    "coverage-rule": _("page of the coverage rule"),
    "functional-assessment": _("assessment of function"),
    "home-assessment": _("assessment of the home"),
    "hospital-discharge-summary": _("discharge summary of the hospital"),
    "imaging-report": _("imaging report"),
    "laboratory-report": _("laboratory report"),
    "medication-list": _("medication list"),
    "mobility-examination": _("examination of mobility"),
    "operation-plan": _("plan of the operation"),
    "operative-plan": _("plan of the operation"),
    "operative-report": _("operative report"),
    "order": _("order"),
    "other": _("another document"),
    "plan-of-care": _("plan of care"),
    "preadmission-screening": _("screening before admission"),
    "procedure-report": _("report of the procedure"),
    "sleep-study": _("sleep study report"),
    "therapy-discharge-note": _("discharge note of therapy"),
    "therapy-record": _("therapy record"),
}
KINDS: dict[str, str | Promise] = {
    "yes-no": _("yes or no"),
    "date": _("date"),
    "number": _("number"),
    "choice": _("one of a list"),
    "text": _("words"),
}


def say(text: Text | None) -> str:
    """Return a sentence in the active language."""
    return text.in_language(get_language() or "en") if text else ""


def known(table: dict[str, str | Promise], word: str) -> str:
    """Return the words for a closed-list word, or the word itself, readable."""
    return str(table.get(word) or word.replace("_", " ").replace("-", " "))


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence does."""
    items = [word for word in words if word]
    if len(items) < 2:
        return "".join(items)
    return gettext("%(first)s and %(last)s") % {"first": ", ".join(items[:-1]), "last": items[-1]}


def rule_of(group: Group) -> str:
    """Say how the parts of a group are joined."""
    if group.mode is Mode.ALL:
        return gettext("All of these")
    if group.mode is Mode.ANY:
        return gettext("One of these is enough")
    if group.mode is Mode.NOT:
        return gettext("This must not be so")
    return gettext("At least %(count)d of these") % {"count": group.count}


def named(node: Node) -> str:
    """Return key and question of a criterion, or key and label of a group."""
    words = say(node.question) if isinstance(node, Leaf) else say(node.label) or rule_of(node)
    return f"{node.key}. {words}" if node.key else words


def amount(value: str, unit: str) -> str:
    """Say a number with its unit: `6 weeks`, `1 day`, `40 kg/m2`, `3`."""
    count = int(float(value)) if float(value) == int(float(value)) else 2
    spoken: dict[str, Callable[[], str]] = {
        "years": lambda: ngettext("%(n)s year", "%(n)s years", count),
        "months": lambda: ngettext("%(n)s month", "%(n)s months", count),
        "weeks": lambda: ngettext("%(n)s week", "%(n)s weeks", count),
        "days": lambda: ngettext("%(n)s day", "%(n)s days", count),
        "hours": lambda: ngettext("%(n)s hour", "%(n)s hours", count),
        "minutes": lambda: ngettext("%(n)s minute", "%(n)s minutes", count),
    }
    return spoken[unit]() % {"n": value} if unit in spoken else f"{value} {unit}".strip()
