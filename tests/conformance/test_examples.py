"""Every published $submit and $inquire request gets the outcome that its table states, and an answer of right form."""

import re
from pathlib import Path

import orjson
import pytest

from openum.adapters.fhir.bundle import Bundle, references_in
from openum.adapters.fhir.pas.response import INQUIRY, SUBMIT
from openum.cases.models import Case, Request
from tests.adapters.conftest import actions, claim_response
from tests.conformance import tables

EXAMPLES = tables.SHARED / "examples"
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the published examples are not beside this checkout")
_ROW = re.compile(r"^\| `(?P<file>pas/[^`]+)` \|[^|]*\| POST Claim/\$(?P<operation>\w+) \| (?P<outcome>[^|]*) \|$")
GUIDE = {"2.0": "2.0.1", "2.2": "2.2.1"}


def _requests(operation):
    if not EXAMPLES.is_dir():
        return []
    lines = (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    found = [match for line in lines if (match := _ROW.match(line))]
    return [(match["file"], match["outcome"]) for match in found if match["operation"] == operation]


def _base(file):
    return "2.2" if "/2.2" in file else "2.0"


def _read(file):
    return (EXAMPLES / file).read_bytes()


def _check_form(bundle, base, profile):
    """Check the answer against the tables, and that each of its references resolves, except to the Claim."""
    guide = GUIDE[base]
    frame = "profile-pas-response-bundle" if profile == SUBMIT else "profile-pas-inquiry-response-bundle"
    assert tables.problems(bundle, frame, guide) == []
    read = Bundle(bundle)
    for entry in read.of_kind("ClaimResponse"):
        assert tables.problems(entry.resource, profile, guide) == []
        for reference in references_in(entry.resource):
            target = read.resolve(reference, within=entry)
            assert target is not None or reference is entry.resource["request"], reference
    assert not list(read.of_kind("Claim"))


def _prior_of(file):
    """Return the request an update speaks of: the plain one beside it."""
    plain = re.sub(r"(Update|Differential)Bundle", "Bundle", file)
    return plain if plain != file and (EXAMPLES / plain).is_file() else None


@pytest.mark.parametrize(("file", "outcome"), _requests("submit"))
def test_a_submitted_example_gets_its_outcome(door, file, outcome):
    base = _base(file)
    prior = _prior_of(file)
    if prior:
        door.submit(_read(prior), base=base)
    response = door.post(_read(file), base=base)
    if "legacy" in file:
        assert response.status_code in {200, 400, 422}
        return
    assert response.status_code == 200
    bundle = orjson.loads(response.content)
    _check_form(bundle, base, SUBMIT)
    found = actions(bundle)
    if outcome == "A4":
        assert "A4" in found.values()
    elif prior:
        assert (Case.objects.count(), Request.objects.count()) == (1, 2)
        assert found == {1: "A4", 2: "C", 3: "A4"}
    else:
        sent = orjson.loads(_read(file))["entry"][0]["resource"]
        assert set(found) == {item["sequence"] for item in sent["item"]}
        assert set(found.values()) <= {"A1", "A4"}


@pytest.mark.parametrize(("armed", "action"), [("approve", "A1"), ("deny", "A3"), ("pend", "A4")])
@pytest.mark.parametrize(
    "file", [file for file, _ in _requests("submit") if "legacy" not in file and not _prior_of(file)]
)
def test_the_armed_sandbox_decides_any_example(door, file, armed, action):
    door.arm(armed)
    base = _base(file)
    bundle = door.submit(_read(file), base=base)
    _check_form(bundle, base, SUBMIT)
    assert set(actions(bundle).values()) == {action}


def _twin(file):
    """Return a submitted example of the same origin, so that an inquiry has something to find."""
    names = [name for name, _ in _requests("submit") if Path(name).parent == Path(file).parent and not _prior_of(name)]
    return next((name for name in names if "Homecare" in name or "pended" in name), names[0])


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(("file", "outcome"), _requests("inquire"))
def test_an_inquired_example_gets_its_answer(door, file, outcome, is_known):
    base = _base(file)
    if is_known:
        door.submit(_read(_twin(file)), base=base)
    bundles = door.inquire(_read(file), base=base)
    for bundle in bundles:
        _check_form(bundle, base, INQUIRY)
    if is_known:
        assert claim_response(bundles[0])["outcome"] != "error"
        assert actions(bundles[0])
    else:
        assert not bundles or claim_response(bundles[0])["outcome"] == "error"


@pytest.mark.parametrize("operation", ["submit", "inquire"])
def test_a_bundle_without_entries_is_an_operation_outcome(door, operation):
    for base in GUIDE:
        response = door.post(b'{"resourceType":"Bundle","type":"collection","entry":[]}', operation, base=base)
        assert response.status_code >= 400
        assert orjson.loads(response.content)["resourceType"] == "OperationOutcome"
