"""Every published CRD request gets the outcome that its table states, in an answer of right form."""

import re

import orjson
import pytest

from tests.adapters.crd.conftest import crd
from tests.adapters.crd.kit import check_answer, information, without_information
from tests.conformance import tables

__all__ = ["crd"]
EXAMPLES = tables.SHARED / "examples"
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the published examples are not beside this checkout")
_ROW = re.compile(r"^\| `(?P<file>crd/[^`]+)` \|[^|]*\| POST cds-services/\{id\} \| (?P<outcome>[^|]*) \|$")


def _requests():
    if not EXAMPLES.is_dir():
        return []
    lines = (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    return [(match["file"], match["outcome"]) for line in lines if (match := _ROW.match(line))]


def _sent(body):
    """Return every resource of a call, by type and id."""
    found = {}
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("resourceType") and node.get("id"):
                found[node["resourceType"], node["id"]] = node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found


@pytest.mark.parametrize("token", ["sandbox-token", "plan-token"])
@pytest.mark.parametrize(("file", "outcome"), _requests())
def test_an_example_call_gets_its_outcome(crd, file, outcome, token):
    base, guide = ("2.2", "2.2.1") if "/2.2" in file else ("2.0", "2.0.1")
    body = orjson.loads((EXAMPLES / file).read_bytes())
    response = crd.post(body, base=base, token=token)
    if "or 4xx" in outcome:
        assert response.status_code in {200, 400, 422}
        return
    assert response.status_code == 200, response.content
    answer = orjson.loads(response.content)
    check_answer(answer, body["hook"], guide)
    if "coverage-information update" in outcome:
        assert answer["systemActions"]
        sent = _sent(body)
        for action in answer["systemActions"]:
            resource = action["resource"]
            assert information(resource)
            assert without_information(resource) == without_information(sent[resource["resourceType"], resource["id"]])


def test_the_examples_together_show_a_link_an_instruction_and_coverage_information(crd):
    links = instructions = actions = 0
    for file, outcome in _requests():
        if "or 4xx" in outcome or "/2.0.1/" not in file:
            continue
        answer = crd.ask(orjson.loads((EXAMPLES / file).read_bytes()), token="sandbox-token")
        links += sum("links" in card for card in answer["cards"])
        instructions += sum("links" not in card and "suggestions" not in card for card in answer["cards"])
        actions += len(answer.get("systemActions", []))
    assert links
    assert instructions
    assert actions
