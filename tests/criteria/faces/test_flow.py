"""The flow chart: the same tree gives the same drawing, everything is on it, and the list tells the same."""

import re
from xml.etree import ElementTree as ET

import pytest
from django.utils.translation import override

from openum.criteria.faces.flow import LEAF_WIDTH, flow_svg, outline, wrapped
from openum.criteria.faces.policy import Shown
from openum.criteria.faces.words import named
from tests.criteria.documents import LIBRARIES, POLICIES
from tests.criteria.faces.documents import guideline

SVG = "{http://www.w3.org/2000/svg}"


def words_of(svg: str) -> str:
    """All words on the drawing, in reading order."""
    return " ".join("".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}tspan"))


def test_the_drawing_is_well_formed_and_the_same_every_time():
    first = flow_svg(guideline())
    assert ET.fromstring(first).tag == f"{SVG}svg"
    assert first == flow_svg(guideline())


def test_every_criterion_and_every_group_stands_on_the_drawing_and_in_the_list():
    drawn, told = words_of(flow_svg(guideline())), re.sub(r"<[^>]+>", "", outline(guideline()))
    for leaf in guideline().leaves:
        assert named(leaf) in drawn.replace("- ", "-")
        assert named(leaf) in told
    for words in ("2. Care or a fall", "3. Two signs", "4. Nothing speaks against it"):
        assert words in drawn
        assert words in told
    assert "One of these is enough" in drawn
    assert "At least 2 of these" in drawn
    assert "This must not be so" in drawn
    assert "No machine refuses." in drawn


def test_it_speaks_spanish():
    with override("es"):
        assert "¿Pregunta 2a?" in words_of(flow_svg(guideline()))
        assert "2. Tratamiento o caída" in outline(guideline())


def test_boxes_lie_inside_the_drawing_and_no_two_criteria_overlap():
    for g in [guideline(), *(_packed(name) for name in ("LBP-MRI", "KNEE-ARTH"))]:
        root = ET.fromstring(flow_svg(g))
        width, height = float(root.get("width", 0)), float(root.get("height", 0))
        boxes = []
        for rect in root.iter(f"{SVG}rect"):
            x, y, w, h = (float(rect.get(key, 0)) for key in ("x", "y", "width", "height"))
            assert x >= 0
            assert y >= 0
            assert x + w <= width
            assert y + h <= height
            if rect.get("class") == "flow-leaf":
                boxes.append((x, y, w, h))
        assert len(boxes) == len(g.leaves)
        for i, (x, y, w, h) in enumerate(boxes):
            for ox, oy, ow, oh in boxes[i + 1 :]:
                assert x + w <= ox or ox + ow <= x or y + h <= oy or oy + oh <= y


def _packed(name):
    from openum.criteria.document import parse_guideline

    text = (POLICIES / f"guidelines/{name}/v2026.2.md").read_text("utf-8")
    return parse_guideline(text, file=name, libraries=LIBRARIES)


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", [""]), ("one two", ["one two"]), ("a" * 60, ["a" * 29 + "-", "a" * 29 + "-", "aa"])],
)
def test_texts_are_broken_into_lines(text, lines):
    assert wrapped(text, LEAF_WIDTH - 24) == lines


def test_a_version_is_coming_current_or_ended():
    from datetime import date

    g = guideline()
    assert Shown(g, "", date(2029, 12, 31)).state == "coming"
    assert Shown(g, "", date(2030, 1, 1)).state == "current"
    assert Shown(g, "", date(2031, 1, 1)).state == "ended"
    assert Shown(g, "", date(2030, 6, 1), retired_on=date(2030, 6, 1)).state == "ended"
