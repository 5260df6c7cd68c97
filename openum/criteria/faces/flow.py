"""The flow chart of a criteria tree as SVG, laid out by rule: the same tree gives the same drawing, byte for byte.

Steps that all must hold follow each other downwards. Alternatives stand side by side where two small ones fit, else
below each other between two rails. A group has a frame that says how its parts are joined. Whatever is answered no or
not known leads to a person: a machine never refuses. Colours are attributes, so that the file stands alone; a page
overrides them by class for dark screens and print. `outline` tells the same as a list for keyboards and screen readers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from openum.criteria.faces.words import named, rule_of, say
from openum.criteria.guideline import Guideline
from openum.criteria.tree import Group, Leaf, Mode, Node

LEAF_WIDTH = 248
LINE_HEIGHT = 19
CHARACTER = 7.3  # mean width of a letter at 14 pixels, on the wide side
PAD = 12
GAP = 30
ROW_WIDTH = 2 * LEAF_WIDTH + 20
RAIL = 22
LANE = 132

_INK, _SOFT, _FRAME, _PAPER = "#1b1f24", "#4a5560", "#7a8794", "#ffffff"


@dataclass
class Canvas:
    """Collects the marks of one drawing, connectors first so that boxes lie above them."""

    lines: list[SafeString] = field(default_factory=list)
    boxes: list[SafeString] = field(default_factory=list)

    def path(self, *points: tuple[float, float], arrow: bool = True) -> None:
        """Draw a connector through the points, with a head at the last one."""
        way = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
        self.lines.append(format_html('<path class="flow-line" d="{}" fill="none" stroke="{}" stroke-width="2"/>', way, _FRAME))  # fmt: skip
        if arrow:
            (x0, y0), (x, y) = points[-2:]
            if x == x0:
                sign = 1 if y > y0 else -1
                head = f"M{x:g} {y:g}l-5 {-9 * sign:g}h10z"
            else:
                sign = 1 if x > x0 else -1
                head = f"M{x:g} {y:g}l{-9 * sign:g} -5v10z"
            self.lines.append(format_html('<path class="flow-head" d="{}" fill="{}"/>', head, _FRAME))

    def box(self, x: float, y: float, width: float, height: float, *, kind: str, radius: int = 4) -> None:
        """Draw a rectangle."""
        dashed = SafeString(' stroke-dasharray="6 4"') if kind == "not" else ""
        fill, stroke = (_PAPER, _INK) if kind in {"leaf", "end"} else ("none", _FRAME)
        mark = format_html(
            '<rect class="flow-{}" x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}" stroke="{}" stroke-width="1.5"{}/>',
            kind, f"{x:g}", f"{y:g}", f"{width:g}", f"{height:g}", radius, fill, stroke, dashed,
        )  # fmt: skip
        (self.boxes if kind in {"leaf", "end"} else self.lines).append(mark)

    def text(self, x: float, y: float, lines: list[str], *, kind: str = "word", middle: bool = False) -> None:
        """Write lines from a first baseline downwards."""
        spans = format_html_join(
            "",
            '<tspan x="{}" y="{}">{}</tspan>',
            ((f"{x:g}", f"{y + i * LINE_HEIGHT:g}", line) for i, line in enumerate(lines)),
        )
        self.boxes.append(
            format_html(
                '<text class="flow-{}" font-size="14" fill="{}" font-weight="{}"{}>{}</text>',
                kind,
                _SOFT if kind == "rule" else _INK,
                "600" if kind in {"label", "strong"} else "400",  # said, or print takes the lightest of the font
                SafeString(' text-anchor="middle"') if middle else "",
                spans,
            )
        )


@dataclass(frozen=True)
class Part:
    """A piece of the drawing: its size, and how it is drawn at a place. It is entered at the top, left at the bottom."""

    width: float
    height: float
    draw: Callable[[Canvas, float, float], None]


def wrapped(text: str, width: float) -> list[str]:
    """Break a text into lines that fit a width in pixels, by the mean width of a letter; long words are cut."""
    most = max(int(width / CHARACTER), 4)
    lines = [""]
    for word in text.split():
        rest = word
        if lines[-1] and len(lines[-1]) + 1 + len(rest) > most:
            lines.append("")
        while len(rest) > most:
            lines[-1] = rest[: most - 1] + "-"
            rest = rest[most - 1 :]
            lines.append("")
        lines[-1] = f"{lines[-1]} {rest}".strip()
    return lines


def wrapped_bold(text: str, width: float) -> list[str]:
    """Break a text in the heavier weight, whose letters are wider."""
    return wrapped(text, width * 0.86)


def _leaf(leaf: Leaf) -> Part:
    lines = wrapped(named(leaf), LEAF_WIDTH - 2 * PAD)
    height = len(lines) * LINE_HEIGHT + 2 * PAD

    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.box(x, y, LEAF_WIDTH, height, kind="leaf")
        canvas.text(x + PAD, y + PAD + 14, lines)

    return Part(LEAF_WIDTH, height, draw)


def _part(node: Node) -> Part:
    return _leaf(node) if isinstance(node, Leaf) else _framed(node)


def _framed(group: Group) -> Part:
    """A group in its frame: what it is about, how its parts are joined, the parts."""
    children = [_part(child) for child in group.children]
    if group.mode in {Mode.ALL, Mode.NOT}:
        inner = _stacked(children)
    elif len(children) == 2 and sum(child.width for child in children) + 20 <= ROW_WIDTH:
        inner = _side_by_side(children)
    else:
        inner = _between_rails(children)
    width = inner.width + 2 * PAD
    label = wrapped_bold(named(group), width - 2 * PAD) if group.label else []
    rule = wrapped(rule_of(group), width - 2 * PAD)
    head = (len(label) + len(rule)) * LINE_HEIGHT + PAD

    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.box(x, y, width, head + inner.height + PAD, kind="not" if group.mode is Mode.NOT else "frame", radius=8)
        canvas.text(x + PAD, y + PAD + 11, label, kind="label")
        canvas.text(x + PAD, y + PAD + 11 + len(label) * LINE_HEIGHT, rule, kind="rule")
        inner.draw(canvas, x + PAD, y + head)

    return Part(width, head + inner.height + PAD, draw)


def _stacked(parts: list[Part]) -> Part:
    """One after the other, each entered from the one above."""
    width = max(part.width for part in parts)
    height = PAD + sum(part.height for part in parts) + GAP * (len(parts) - 1)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        top = y + PAD
        for index, part in enumerate(parts):
            if index:
                canvas.path((x + width / 2, top - GAP), (x + width / 2, top))
            part.draw(canvas, x + (width - part.width) / 2, top)
            top += part.height + GAP

    return Part(width, height, draw)


def _side_by_side(parts: list[Part]) -> Part:
    """Two alternatives, entered from a bar above and left to a bar below."""
    width = sum(part.width for part in parts) + 20 * (len(parts) - 1)
    tallest = max(part.height for part in parts)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        top, bottom = y + GAP, y + GAP + tallest
        left = x
        middles = []
        for part in parts:
            middle = left + part.width / 2
            middles.append(middle)
            canvas.path((middle, y + 10), (middle, top))
            canvas.path((middle, top + part.height), (middle, bottom + 14), arrow=False)
            part.draw(canvas, left, top)
            left += part.width + 20
        for bar in (y + 10, bottom + 14):
            canvas.path((middles[0], bar), (middles[-1], bar), arrow=False)
        canvas.path((x + width / 2, bottom + 14), (x + width / 2, bottom + 14 + PAD), arrow=False)

    return Part(width, GAP + tallest + 14, draw)


def _between_rails(parts: list[Part]) -> Part:
    """Several alternatives below each other; a rail on the left leads to each, one on the right leads on."""
    widest = max(part.width for part in parts)
    width = widest + 2 * RAIL
    space = 14
    height = PAD + sum(part.height for part in parts) + space * (len(parts) - 1) + 14

    def draw(canvas: Canvas, x: float, y: float) -> None:
        top = y + PAD
        middles = []
        for part in parts:
            middle = top + part.height / 2
            middles.append(middle)
            left = x + RAIL + (widest - part.width) / 2
            canvas.path((x, middle), (left, middle))
            canvas.path((left + part.width, middle), (x + width, middle), arrow=False)
            part.draw(canvas, left, top)
            top += part.height + space
        canvas.path((x, y), (x, middles[-1]), arrow=False)
        out = y + height
        canvas.path((x + width, middles[0]), (x + width, out), (x + width / 2, out), (x + width / 2, out + PAD), arrow=False)  # fmt: skip

    return Part(width, height, draw)


def steps_of(root: Node) -> tuple[Node, ...]:
    """Return the parts that must hold one after the other: the children of an all-group, else the root alone."""
    return root.children if isinstance(root, Group) and root.mode is Mode.ALL else (root,)


def flow_svg(guideline: Guideline) -> SafeString:
    """Draw the flow chart in the active language."""
    steps = [_part(node) for node in steps_of(guideline.root)]
    main = max(LEAF_WIDTH, *(step.width for step in steps))
    width = main + 2 * PAD + 40 + LANE
    centre = PAD + main / 2
    lane = PAD + main + 40
    canvas = Canvas()
    y: float = PAD
    start = wrapped_bold(_("Request: %(title)s") % {"title": say(guideline.title)}, LEAF_WIDTH - 2 * PAD)
    y = _terminal(canvas, centre, y, start)
    exits: list[float] = []
    for step in steps:
        canvas.path((centre, y), (centre, y + GAP))
        y += GAP
        step.draw(canvas, centre - step.width / 2, y)
        middle = y + step.height / 2
        canvas.path((centre + step.width / 2, middle), (lane + LANE / 2, middle), arrow=False)
        exits.append(middle)
        y += step.height
    canvas.path((centre, y), (centre, y + GAP))
    canvas.text(lane - 30, exits[0] - 28, wrapped(_("no, or not known"), LANE), kind="rule")
    end = wrapped_bold(_("Yes: the criteria are met"), LEAF_WIDTH - 2 * PAD)
    person = wrapped_bold(_("A nurse or physician looks. No machine refuses."), LANE - PAD)
    below = y + GAP
    canvas.path((lane + LANE / 2, exits[0]), (lane + LANE / 2, below))
    bottom = max(_terminal(canvas, centre, below, end), _terminal(canvas, lane + LANE / 2, below, person, LANE))
    size = f"{width:g}", f"{bottom + PAD:g}"
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="flow" role="img" aria-label="{}" width="{}" height="{}" '
        'viewBox="0 0 {} {}" font-family="Source Sans 3, system-ui, sans-serif">{}{}</svg>',
        _("Flow chart of %(title)s. The same stands below as a list.") % {"title": say(guideline.title)},
        *size,
        *size,
        format_html_join("", "{}", ((mark,) for mark in canvas.lines)),
        format_html_join("", "{}", ((mark,) for mark in canvas.boxes)),
    )


def _terminal(canvas: Canvas, centre: float, y: float, lines: list[str], width: float = LEAF_WIDTH) -> float:
    """Draw a start or an end and return the y below it."""
    height = len(lines) * LINE_HEIGHT + 2 * PAD
    canvas.box(centre - width / 2, y, width, height, kind="end", radius=18)
    canvas.text(centre, y + PAD + 14, lines, kind="strong", middle=True)
    return y + height


def outline(guideline: Guideline, *, linked: bool = True) -> SafeString:
    """Tell the flow chart as a nested list; `linked` leads from each criterion to its place on the page."""
    steps = steps_of(guideline.root)
    items = format_html_join("", "<li>{}</li>", ((_told(node, linked=linked),) for node in steps))
    return format_html(
        '<p>{}</p><ol class="outline list-unstyled">{}</ol><p>{}</p>',
        _("Start with the first part. Each part must be answered yes, in this order:"),
        items,
        _("Yes to every part: the criteria are met. No, or not known, at any part: a nurse or physician looks."),
    )


def _told(node: Node, *, linked: bool) -> SafeString:
    if isinstance(node, Leaf):
        words = named(node)
        return format_html('<a href="#criterion-{}">{}</a>', node.key, words) if linked else format_html("{}", words)
    children = format_html_join("", "<li>{}</li>", ((_told(child, linked=linked),) for child in node.children))
    head = format_html("{} ", named(node)) if node.label else ""
    return format_html(
        '{}<span class="muted">({})</span><ul class="list-unstyled">{}</ul>', head, rule_of(node).lower(), children
    )
