"""`python -m tools.faxes`: how many typed fields of noised 200-dpi forms intake reads rightly, and how fast.

Draws forms of three layouts and three typefaces from fixed seeds, noises them, reads them as the worker does, and counts
a field right when its value is exactly the one typed. The table goes to docs/intake.md between its marks.
"""

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openum.intake.reading import engine
from openum.intake.reading.fields import SURE, read_fields
from tools.faxes.forms import LAYOUTS, SERVICES, SPANISH, form_pages, form_values
from tools.faxes.noise import noised

PAGE = Path(__file__).resolve().parents[2] / "docs" / "intake.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
GOAL = 0.97


@dataclass
class Score:
    """What one level of noise came to."""

    fields: int = 0
    right: int = 0
    sure: int = 0
    sure_and_wrong: int = 0
    seconds: float = 0.0
    pages: int = 0
    wrong: Counter[str] = field(default_factory=Counter)


def measure(
    *, forms: int, levels: Sequence[int], layouts: Sequence[str] = LAYOUTS, show: bool = False
) -> dict[int, Score]:
    """Return the score of each level over the same forms."""
    scores = {level: Score() for level in levels}
    for seed in range(forms):
        layout = layouts[seed % len(layouts)]
        typed = form_values(seed, services=3 if layout == SERVICES else 1)
        (page,) = form_pages(typed, layout=layout, face=seed // len(layouts))
        for level, score in scores.items():
            began = time.process_time()
            found = {one.key: one for one in read_fields(engine.recognise(noised(page, level=level, seed=seed)).words)}
            score.seconds += time.process_time() - began
            score.pages += 1
            for key, value in typed.items():
                read = found.get(key)
                is_right = read is not None and read.value == value
                score.fields += 1
                score.right += is_right
                if read is not None and read.confidence >= SURE:
                    score.sure += 1
                    score.sure_and_wrong += not is_right
                if not is_right:
                    score.wrong[key] += 1
                    if show:
                        print(
                            f"seed {seed} level {level} {layout} {key}: {value!r} read as {read.value if read else None!r}"
                        )
    return scores


def table(scores: dict[int, Score], *, forms: int, options: str) -> str:
    """Return the figures as a Markdown table."""
    names = {0: "clean", 1: "level 1: skew, grey noise, specks", 2: "level 2: that as a fax"}
    rows = [
        f"| {names[level]} | {one.right} of {one.fields} | {one.right / one.fields:.1%} | {one.sure_and_wrong} of {one.sure}"
        f" | {one.seconds / one.pages:.1f} s |"
        for level, one in scores.items()
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    run = (
        f"`python -m tools.faxes --forms {forms} --levels {' '.join(map(str, scores))} {options}`, {engine.version().removeprefix('ocr ')}; {forms} forms at 200"
        f" dots per inch, seeds 0 to {forms - 1}; peak memory {peak:.0f} MB."
    )
    return "\n".join(
        [
            run,
            "",
            "| page | fields right | share | shown as sure, yet wrong | CPU per page |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


def main() -> int:
    """Measure, print, and fail below the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=int, default=30, metavar="N", help="forms to draw (default 30)")
    parser.add_argument("--levels", type=int, nargs="+", default=[0, 1, 2], choices=[0, 1, 2])
    parser.add_argument("--spanish", action="store_true", help="the Spanish form instead of the three English ones")
    parser.add_argument("--services", action="store_true", help="the form with a table of three services instead")
    parser.add_argument("--show", action="store_true", help="print each wrong field")
    parser.add_argument("--write", action="store_true", help="put the table of the English forms into docs/intake.md")
    options = parser.parse_args()
    if not engine.is_available():
        print("Text recognition is not installed: pip install 'openum[ocr]'.")
        return 2
    layouts = (SPANISH,) if options.spanish else (SERVICES,) if options.services else LAYOUTS
    scores = measure(forms=options.forms, levels=options.levels, layouts=layouts, show=options.show)
    chosen = "--spanish" if options.spanish else "--services" if options.services else "--write"
    made = table(scores, forms=options.forms, options=chosen)
    print(made)
    if options.write and layouts == LAYOUTS:
        text = PAGE.read_text(encoding="utf-8")
        head, _, rest = text.partition(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n{made}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return 0 if all(one.right / one.fields >= GOAL for one in scores.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
