"""The evidence map as JSON and back: what a decision freezes is what a letter later reads. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openum.criteria.maps import FindingFact, GroupView, LeafView, LinkFact, MapView, NodeView, leaves_below
from openum.criteria.regions import region_of
from openum.criteria.rules import Barrier, Exclusion
from openum.criteria.tree import Mode, Text
from openum.vocabulary.terms import FindingValue


def snapshot_of(view: MapView) -> dict[str, Any]:
    """Return the map as JSON, complete enough to be read without any other row."""
    return {
        "guideline": {"id": view.guideline_id, "version": view.guideline_version, "digest": view.policy_digest},
        "title": _text(view.title),
        "value": view.value.value,
        "root": _node(view.root) if view.root else None,
        "cited": [_node(leaf) for leaf in view.leaves] if view.root is None else [],
        "exclusions": [
            {
                "guideline": f"{item.guideline_id} {item.guideline_version}",
                "barrier": item.barrier.value,
                "authority": item.authority,
                "is_verified": item.is_verified,
            }
            for item in view.exclusions
        ],
    }


def _node(node: NodeView) -> dict[str, Any]:
    if isinstance(node, GroupView):
        return {
            "key": node.key,
            "label": _text(node.label),
            "mode": node.mode.value,
            "value": node.value.value,
            "is_not_applicable": node.is_not_applicable,
            "children": [_node(child) for child in node.children],
            **({"count": node.count} if node.mode is Mode.AT_LEAST else {}),
        }
    return {
        "key": node.key,
        "question": _text(node.question),
        "plain": _text(node.plain),
        "to_satisfy": _text(node.to_satisfy),
        "documents": list(node.documents),
        "value": node.value.value,
        "is_not_applicable": node.is_not_applicable,
        "is_to_be_reconsidered": node.is_to_be_reconsidered,
        "missing": [dict(item) for item in node.missing],
        "machine": _finding(node.machine),
        "person": _finding(node.person),
        "links": [_link(link) for link in node.links],
        **({"is_unwanted": True} if node.is_unwanted else {}),
    }


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "es": text.es}


def _finding(finding: FindingFact | None) -> dict[str, Any] | None:
    if finding is None:
        return None
    return {
        "id": finding.id,
        "value": finding.value.value,
        "authority": finding.authority,
        "note": finding.note,
        "missing": [dict(item) for item in finding.missing],
        "evidence": list(finding.evidence),
        "input_digest": finding.input_digest,
        "engine_version": finding.engine_version,
        "made_by": finding.made_by,
        "made_at": finding.made_at.isoformat(),
    }


def _link(link: LinkFact) -> dict[str, Any]:
    return {
        "id": link.id,
        "title": link.title,
        "attachment": link.attachment_id,
        "resource_key": link.resource_key,
        "page": link.page,
        "quote": link.quote,
        "quote_start": link.quote_start,
        "quote_end": link.quote_end,
        "linked_by": link.linked_by,
        "linked_at": link.linked_at.isoformat(),
        "is_machine": link.is_machine,
        "is_confirmed": link.is_confirmed,
        **({"region": list(link.region)} if link.region is not None else {}),
    }


def view_of(snapshot: Mapping[str, Any]) -> MapView:
    """Return the map that a snapshot holds; what the form asks and who may override is not kept."""
    root = _node_view(snapshot["root"]) if snapshot["root"] else None
    leaves = tuple(leaves_below(root)) if root else tuple(_leaf_view(leaf) for leaf in snapshot["cited"])
    guideline = snapshot["guideline"]
    return MapView(
        guideline_id=guideline["id"],
        guideline_version=guideline["version"],
        title=Text(**snapshot["title"]),
        policy_digest=guideline["digest"],
        value=FindingValue(snapshot["value"]),
        root=root,
        leaves=leaves,
        exclusions=tuple(_exclusion(item) for item in snapshot["exclusions"]),
    )


def _exclusion(item: Mapping[str, Any]) -> Exclusion:
    key, _space, version = item["guideline"].rpartition(" ")
    return Exclusion(key, version, Barrier(item["barrier"]), item["authority"], item["is_verified"])


def _node_view(node: Mapping[str, Any]) -> NodeView:
    if "children" not in node:
        return _leaf_view(node)
    return GroupView(
        key=node["key"],
        label=Text(**node["label"]),
        mode=Mode(node["mode"]),
        value=FindingValue(node["value"]),
        is_not_applicable=node["is_not_applicable"],
        children=tuple(_node_view(child) for child in node["children"]),
        count=node.get("count", 0),
    )


def _leaf_view(node: Mapping[str, Any]) -> LeafView:
    question = Text(**node["question"])
    return LeafView(
        key=node["key"],
        question=question,
        plain=Text(**node["plain"]),
        to_satisfy=Text(**node["to_satisfy"]),
        documents=tuple(node["documents"]),
        answers=(),
        value=FindingValue(node["value"]),
        is_not_applicable=node["is_not_applicable"],
        is_overridable=True,
        is_to_be_reconsidered=node["is_to_be_reconsidered"],
        machine=_finding_fact(node, "machine", question),
        person=_finding_fact(node, "person", question),
        links=tuple(_link_fact(node["key"], link) for link in node["links"]),
        missing=tuple(node["missing"]),
        is_unwanted=node.get("is_unwanted", False),
    )


def _finding_fact(node: Mapping[str, Any], origin: str, question: Text) -> FindingFact | None:
    kept = node[origin]
    if kept is None:
        return None
    return FindingFact(
        id=kept["id"],
        leaf=node["key"],
        question=question.en,
        authority=kept["authority"],
        value=FindingValue(kept["value"]),
        is_machine=origin == "machine",
        note=kept["note"],
        missing=tuple(kept["missing"]),
        evidence=tuple(kept["evidence"]),
        input_digest=kept["input_digest"],
        engine_version=kept["engine_version"],
        made_by=kept["made_by"],
        made_at=datetime.fromisoformat(kept["made_at"]),
    )


def _link_fact(leaf: str, kept: Mapping[str, Any]) -> LinkFact:
    return LinkFact(
        id=kept["id"],
        leaf=leaf,
        title=kept["title"],
        attachment_id=kept["attachment"],
        resource_key=kept["resource_key"],
        page=kept["page"],
        quote=kept["quote"],
        quote_start=kept["quote_start"],
        quote_end=kept["quote_end"],
        linked_by=kept["linked_by"],
        linked_at=datetime.fromisoformat(kept["linked_at"]),
        is_machine=kept["is_machine"],
        is_confirmed=kept["is_confirmed"],
        region=region_of(kept.get("region")),
    )
