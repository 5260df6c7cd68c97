"""The criteria tree as a PlanDefinition: each criterion and group an action with the condition that answers it. Pure."""

from openum.criteria.faces.fhir.addresses import Addresses, Resource, effective, header, told
from openum.criteria.faces.fhir.library import criterion_name, group_name
from openum.criteria.tree import Leaf, Mode, Node, Text

_SELECTION = {Mode.ALL: "all", Mode.ANY: "one-or-more", Mode.AT_LEAST: "any", Mode.NOT: "all"}
_RULES = {
    Mode.ALL: "All of these are needed.",
    Mode.ANY: "One of these is enough.",
    Mode.AT_LEAST: "At least {count} of these are needed.",
    Mode.NOT: "This must not be so.",
}


def plan_definition(places: Addresses) -> Resource:
    """Return the tree as one nested action. Conditions only say what is met; a machine never refuses by them."""
    g = places.guideline
    resource = header(places, "PlanDefinition")
    told(resource, "title", g.title)
    resource["type"] = {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/plan-definition-type", "code": "eca-rule"}]
    }
    resource["description"] = g.summary.en
    resource["effectivePeriod"] = effective(places)
    resource["relatedArtifact"] = [
        _citation(source.title, source.section, source.url, is_verified=source.verified) for source in g.sources
    ] + [{"type": "depends-on", "resource": places.canonical("Questionnaire")}]
    resource["library"] = [places.canonical("Library", places.faces)]
    resource["action"] = [_action(places, g.root)]
    return resource


def _citation(title: str, section: str, url: str, *, is_verified: bool) -> Resource:
    cited: Resource = {
        "type": "citation",
        "citation": f"{title}, {section} (source_verified: {'yes' if is_verified else 'no'})",
    }
    return cited | ({"url": url} if url else {})


def _action(places: Addresses, node: Node) -> Resource:
    action: Resource = {"prefix": node.key} if node.key else {}
    if isinstance(node, Leaf):
        told(action, "title", node.question)
        action["description"] = node.to_satisfy.en
        action["condition"] = _condition(places, criterion_name(node.key))
        return action
    told(action, "title", node.label or Text(places.guideline.title.en, places.guideline.title.es))
    action["textEquivalent"] = _RULES[node.mode].format(count=node.count)
    action["condition"] = _condition(places, group_name(node.key))
    action["groupingBehavior"] = "logical-group"
    action["selectionBehavior"] = _SELECTION[node.mode]
    action["action"] = [_action(places, child) for child in node.children]
    return action


def _condition(places: Addresses, name: str) -> list[Resource]:
    expression = {"language": "text/cql", "expression": f'"{places.faces}".{name}'}
    return [{"kind": "applicability", "expression": expression}]
