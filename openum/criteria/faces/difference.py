"""What changed between two versions of a guideline, in sentences for clinicians and members.

Everything a reader could be judged by is compared: dates, scope, authority, sources, criteria, how they are joined,
numbers and logic, questions of the form, code lists, test patients. Words come in the active language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openum.criteria.faces.logic import Definition, body_of, definitions_of, numbers_of, rests_on, shape_of
from openum.criteria.faces.words import DOCUMENTS, KINDS, LINES_OF_BUSINESS, amount, known, listed, rule_of, say
from openum.criteria.guideline import Answer, Authority, Guideline, Scope
from openum.criteria.tree import Group, Leaf, Node, groups_of, leaves_of
from openum.design.moments import day

MOST_CODES = 12


@dataclass(frozen=True, slots=True)
class Change:
    """One change in a sentence; before and after where a text was replaced."""

    sentence: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """The changes of one kind, under a heading."""

    key: str
    heading: str
    changes: tuple[Change, ...]


def difference(old: Guideline, new: Guideline) -> tuple[Chapter, ...]:
    """Say what changed from one version to another; no chapter where nothing did."""
    chapters: list[tuple[str, str, Iterable[Change]]] = [
        ("criteria", _("The criteria"), _criteria(old, new)),
        ("numbers", _("Numbers and logic"), _logic(old, new)),
        ("form", _("Questions of the form"), _answers(old, new)),
        ("scope", _("Who and what it is for"), _scope(old.scope, new.scope)),
        ("dates", _("When it holds"), _dates(old, new)),
        ("authority", _("What it rests on"), _authority(old, new)),
        ("codes", _("Code lists"), _codes(old, new)),
        ("words", _("Words"), _words(old, new)),
        ("patients", _("Test patients"), _patients(old, new)),
    ]
    made = [Chapter(key, heading, tuple(changes)) for key, heading, changes in chapters]
    return tuple(chapter for chapter in made if chapter.changes)


# -- criteria --------------------------------------------------------------------------------------------------------


def _criteria(old: Guideline, new: Guideline) -> Iterable[Change]:
    before, after = {leaf.key: leaf for leaf in old.leaves}, {leaf.key: leaf for leaf in new.leaves}
    for key, leaf in after.items():
        if key not in before:
            words = _("New criterion %(key)s: %(question)s To meet it: %(needed)s")
            yield Change(words % {"key": key, "question": say(leaf.question), "needed": say(leaf.to_satisfy)})
    for key, leaf in before.items():
        if key not in after:
            words = _("Criterion %(key)s is no longer asked: %(question)s")
            yield Change(words % {"key": key, "question": say(leaf.question)})
    for key in (key for key in after if key in before):
        yield from _leaf(before[key], after[key])
    yield from _groups(old.root, new.root)


def _leaf(old: Leaf, new: Leaf) -> Iterable[Change]:
    texts = [
        (_("Criterion %(key)s is asked in other words."), old.question, new.question),
        (_("Criterion %(key)s is explained in other words."), old.plain, new.plain),
        (_("What satisfies criterion %(key)s has changed."), old.to_satisfy, new.to_satisfy),
    ]
    for sentence, was, now in texts:
        if was != now:
            yield Change(sentence % {"key": new.key}, say(was), say(now))
    if old.overridable != new.overridable:
        yield Change(
            _("A reviewer may now answer criterion %(key)s against the record.") % {"key": new.key}
            if new.overridable
            else _("Criterion %(key)s is now answered by the record alone.") % {"key": new.key}
        )
    yield from _gained_and_lost(
        [known(DOCUMENTS, each) for each in old.documents],
        [known(DOCUMENTS, each) for each in new.documents],
        _("Criterion %(key)s may now also be shown by: %(items)s.") % {"key": new.key, "items": "%(items)s"},
        _("Criterion %(key)s is no longer shown by: %(items)s.") % {"key": new.key, "items": "%(items)s"},
    )


def _groups(old: Node, new: Node) -> Iterable[Change]:
    before = {group.key: group for group in groups_of(old)}
    for group in groups_of(new):
        was = before.get(group.key)
        if was is None:
            continue
        name = _("In group %(key)s") % {"key": group.key} if group.key else _("In the whole tree")
        if (was.mode, was.count) != (group.mode, group.count):
            words = _("%(name)s, the rule was “%(before)s”; now it is “%(after)s”.")
            yield Change(words % {"name": name, "before": rule_of(was), "after": rule_of(group)})
        moved = {child.key for child in was.children} ^ {child.key for child in group.children}
        if moved and (was.mode, was.count) == (group.mode, group.count) and _same_leaves(was, group):
            yield Change(_("%(name)s, the parts are joined in another way.") % {"name": name})


def _same_leaves(old: Group, new: Group) -> bool:
    return {leaf.key for leaf in leaves_of(old)} == {leaf.key for leaf in leaves_of(new)}


# -- numbers and logic -----------------------------------------------------------------------------------------------


def _logic(old: Guideline, new: Guideline) -> Iterable[Change]:
    before, after = definitions_of(old.cql), definitions_of(new.cql)
    users = _users(new, after)
    for name, definition in after.items():
        was = before.get(name)
        if was is None or body_of(was) == body_of(definition):
            continue
        where = _where(users.get(name, []))
        if shape_of(was) == shape_of(definition):
            yield from _numbers(was, definition, where)
        else:
            words = _("%(where)sthe logic of “%(name)s” has changed.") % {"where": where, "name": name}
            yield Change(words[:1].upper() + words[1:], body_of(was), body_of(definition))
    for name in sorted(set(old.libraries) & set(new.libraries)):
        if old.libraries[name] != new.libraries[name]:
            yield Change(_("The shared logic “%(name)s” has changed.") % {"name": name})
    for name in sorted(set(new.libraries) - set(old.libraries)):
        yield Change(_("It now uses the shared logic “%(name)s”.") % {"name": name})


def _users(guideline: Guideline, definitions: Mapping[str, Definition]) -> dict[str, list[str]]:
    """Return the keys of the criteria that rest on each definition."""
    users: dict[str, list[str]] = {}
    for leaf in guideline.leaves:
        for name in rests_on(leaf.definition, definitions):
            users.setdefault(name, []).append(leaf.key)
    return users


def _where(keys: Sequence[str]) -> str:
    if not keys:
        return ""
    words = ngettext("In criterion %(keys)s, ", "In criteria %(keys)s, ", len(keys))
    return words % {"keys": listed(keys)}


def _numbers(old: Definition, new: Definition, where: str) -> Iterable[Change]:
    for (was, _unit), (now, unit) in zip(numbers_of(old), numbers_of(new), strict=True):
        if was != now:
            words = _("%(where)s“%(name)s” changes from %(before)s to %(after)s.")
            said = words % {"where": where, "name": new.name, "before": amount(was, unit), "after": amount(now, unit)}
            yield Change(said[:1].upper() + said[1:])


# -- form, scope, dates ----------------------------------------------------------------------------------------------


def _answers(old: Guideline, new: Guideline) -> Iterable[Change]:
    for link, answer in new.answers.items():
        if link not in old.answers:
            yield Change(_("The form now also asks: %(label)s.") % {"label": say(answer.label)})
        else:
            yield from _answer(old.answers[link], answer)
    for link, answer in old.answers.items():
        if link not in new.answers:
            yield Change(_("The form no longer asks: %(label)s.") % {"label": say(answer.label)})


def _answer(old: Answer, new: Answer) -> Iterable[Change]:
    label = say(new.label)
    if old.label != new.label:
        yield Change(_("A question of the form reads differently."), say(old.label), label)
    if (old.kind, old.unit) != (new.kind, new.unit):
        words = _("“%(label)s” is answered differently.") % {"label": label}
        yield Change(words, f"{known(KINDS, old.kind)} {old.unit}".strip(), f"{known(KINDS, new.kind)} {new.unit}".strip())  # fmt: skip
    yield from _gained_and_lost(
        [say(words) for _code, words in old.options],
        [say(words) for _code, words in new.options],
        _("“%(label)s” may now also be answered: %(items)s.") % {"label": label, "items": "%(items)s"},
        _("“%(label)s” may no longer be answered: %(items)s.") % {"label": label, "items": "%(items)s"},
    )


def _scope(old: Scope, new: Scope) -> Iterable[Change]:
    lines = [
        (_codes_of(old.services), _codes_of(new.services), _("It now also decides about %(items)s."),
         _("It no longer decides about %(items)s.")),
        ([known(LINES_OF_BUSINESS, each) for each in old.lines_of_business],
         [known(LINES_OF_BUSINESS, each) for each in new.lines_of_business],
         _("It now also holds for %(items)s."), _("It no longer holds for %(items)s.")),
        (old.products, new.products, _("It now also holds for the products %(items)s."),
         _("It no longer holds for the products %(items)s.")),
        (old.jurisdictions, new.jurisdictions, _("It now also holds in %(items)s."), _("It no longer holds in %(items)s.")),
        (old.places, new.places, _("It now also holds at the places of service %(items)s."),
         _("It no longer holds at the places of service %(items)s.")),
        ([each.name for each in old.fully_established_by], [each.name for each in new.fully_established_by],
         _("For Medicare Advantage, these Medicare rules now come first: %(items)s."),
         _("For Medicare Advantage, these Medicare rules no longer take its place: %(items)s.")),
    ]  # fmt: skip
    for was, now, gained, lost in lines:
        yield from _gained_and_lost(was, now, gained, lost)
    if (old.age_from, old.age_to) != (new.age_from, new.age_to):
        yield Change(_("It is for people of another age."), ages(old), ages(new))


def ages(scope: Scope) -> str:
    """Say which ages a guideline is for."""
    if scope.age_from is not None and scope.age_to is not None:
        return _("from %(start)d to under %(end)d years") % {"start": scope.age_from, "end": scope.age_to}
    if scope.age_from is not None:
        return _("from %(start)d years") % {"start": scope.age_from}
    if scope.age_to is not None:
        return _("under %(end)d years") % {"end": scope.age_to}
    return _("any age")


def _dates(old: Guideline, new: Guideline) -> Iterable[Change]:
    if old.effective_from != new.effective_from:
        words = _("It holds from %(after)s; the earlier version from %(before)s.")
        yield Change(words % {"before": day(old.effective_from), "after": day(new.effective_from)})
    if old.effective_to != new.effective_to:
        yield Change(_("Its end has changed."), _end(old.effective_to), _end(new.effective_to))


def _end(value: date | None) -> str:
    return _("until further notice") if value is None else _("holds until the day before %(day)s") % {"day": day(value)}


# -- authority, codes, words, patients -------------------------------------------------------------------------------


def _authority(old: Guideline, new: Guideline) -> Iterable[Change]:
    yield from _gained_and_lost(
        [_cited(each) for each in old.authorities],
        [_cited(each) for each in new.authorities],
        _("It now also rests on %(items)s."),
        _("It no longer rests on %(items)s."),
    )
    before = {(source.title, source.section): source for source in old.sources}
    after = {(source.title, source.section): source for source in new.sources}
    yield from _gained_and_lost(
        [f"{title} ({section})" for title, section in before],
        [f"{title} ({section})" for title, section in after],
        _("New source: %(items)s."),
        _("No longer a source: %(items)s."),
    )
    for key, source in after.items():
        if key in before and before[key].verified != source.verified:
            words = (
                _("“%(title)s” has now been compared with the original.")
                if source.verified
                else _("“%(title)s” has to be compared with the original again.")
            )
            yield Change(words % {"title": source.title})


def _cited(authority: Authority) -> str:
    return f"{authority.name} ({authority.section})" if authority.section else authority.name


def _codes(old: Guideline, new: Guideline) -> Iterable[Change]:
    for name, pairs in new.value_sets.items():
        if name not in old.value_sets:
            words = ngettext("New code list “%(name)s” with %(n)d code.", "New code list “%(name)s” with %(n)d codes.", len(pairs))  # fmt: skip
            yield Change(words % {"name": name, "n": len(pairs)})
            continue
        yield from _gained_and_lost(
            _codes_of(old.value_sets[name]),
            _codes_of(pairs),
            _("The code list “%(name)s” gains %(items)s.") % {"name": name, "items": "%(items)s"},
            _("The code list “%(name)s” loses %(items)s.") % {"name": name, "items": "%(items)s"},
        )
    for name in old.value_sets:
        if name not in new.value_sets:
            yield Change(_("The code list “%(name)s” is no longer used.") % {"name": name})


def _words(old: Guideline, new: Guideline) -> Iterable[Change]:
    if old.title != new.title:
        yield Change(_("It has a new name."), say(old.title), say(new.title))
    if old.summary != new.summary:
        yield Change(_("The summary reads differently."), say(old.summary), say(new.summary))
    if old.owner != new.owner:
        yield Change(_("Somebody else is responsible for it."), old.owner, new.owner)
    if old.prose != new.prose:
        yield Change(_("The text for clinicians and the public has changed."))


def _patients(old: Guideline, new: Guideline) -> Iterable[Change]:
    was, now = len(old.patients), len(new.patients)
    if was != now:
        words = _("It is tested with %(after)d test patients; the earlier version with %(before)d.")
        yield Change(words % {"before": was, "after": now})


def _codes_of(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{system} {code}" for system, code in pairs]


def _gained_and_lost(old: Iterable[str], new: Iterable[str], gained: str, lost: str) -> Iterable[Change]:
    was, now = list(dict.fromkeys(old)), list(dict.fromkeys(new))
    for words, items in ((gained, [i for i in now if i not in was]), (lost, [i for i in was if i not in now])):
        if items:
            more = len(items) - MOST_CODES
            shown = items[:MOST_CODES] + ([_("%(n)d more") % {"n": more}] if more > 0 else [])
            yield Change(words % {"items": listed(shown)})
