"""The code lists as ValueSets with their expansion, and the answers of the form as CodeSystems and ValueSets. Pure.

Codes stand bare: descriptions of licensed code sets are not ours to give.
"""

from openum.criteria.codes import SYSTEMS
from openum.criteria.faces.fhir.addresses import Addresses, Resource, header, slug, told
from openum.criteria.faces.fhir.library import answer_system
from openum.criteria.guideline import Answer
from openum.criteria.tree import Text


def answer_set_name(link: str) -> str:
    """Return the name of the ValueSet of a question's answers."""
    return f"answers-{slug(link)}"


def value_set(places: Addresses, name: str) -> Resource:
    """Return one code list with its edition, composed and expanded.

    Raises:
        KeyError: the guideline has no such list.
    """
    g = places.guideline
    by_system: dict[str, list[str]] = {}
    for system, code in g.value_sets[name]:
        by_system.setdefault(SYSTEMS[system][0], []).append(code)
    edition = g.code_lists.get(name)
    resource = header(places, "ValueSet", slug(name))
    resource["title"] = name
    if edition and (edition.version != g.version or edition.source):
        resource["description"] = f"Edition {edition.version}. {edition.source}".strip()
    resource["immutable"] = True
    resource["compose"] = {
        "include": [
            {"system": system, "concept": [{"code": code} for code in codes]} for system, codes in by_system.items()
        ]
    }
    resource["expansion"] = _expansion(
        places, [{"system": system, "code": code} for system, codes in by_system.items() for code in codes]
    )
    return resource


def _expansion(places: Addresses, contains: list[Resource]) -> Resource:
    day = places.guideline.effective_from.isoformat()
    return {"timestamp": f"{day}T00:00:00Z", "total": len(contains), "contains": contains}


def answer_set(places: Addresses, answer: Answer) -> Resource:
    """Return the ValueSet of the answers to a question with a list of answers."""
    system = answer_system(places, answer.link)
    resource = header(places, "ValueSet", answer_set_name(answer.link))
    told(resource, "title", answer.label)
    resource["immutable"] = True
    resource["compose"] = {"include": [{"system": system, "version": places.guideline.version}]}
    contains = [
        {"system": system, "code": code, "display": words.en} | _in_spanish(words) for code, words in answer.options
    ]
    resource["expansion"] = _expansion(places, contains)
    return resource


def code_system(places: Addresses, answer: Answer) -> Resource:
    """Return the CodeSystem that defines the answers to a question."""
    resource = header(places, "CodeSystem", slug(answer.link))
    told(resource, "title", answer.label)
    resource |= {
        "caseSensitive": True,
        "valueSet": places.url("ValueSet", answer_set_name(answer.link)),
        "content": "complete",
        "count": len(answer.options),
        "concept": [{"code": code, "display": words.en} | _in_spanish(words) for code, words in answer.options],
    }
    return resource


def _in_spanish(words: Text) -> Resource:
    return {"designation": [{"language": "es", "value": words.es}]} if words.es else {}
