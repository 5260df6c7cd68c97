"""Letters: one PDF by Typst, and a long batch of them without growth of memory. CPU time and peak memory of this process."""

import gc
import resource
import time
from dataclasses import replace
from pathlib import Path

from tests.notices import examples

MOST_MILLISECONDS = 30
WARM = 20


def _resident_kilobytes() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure(batch: int) -> dict[str, float]:
    """Draw letters one after the other and return figures.

    Args:
        batch: how many letters of different text are drawn; memory is read after a tenth of them and at the end.
    """
    from openum.notices.compose import compose
    from openum.notices.content import LetterKind
    from openum.notices.elements import Audience
    from openum.notices.render import as_mapping, render_html, render_pdf
    from openum.vocabulary.terms import LineOfBusiness

    line = LineOfBusiness.COMMERCIAL_STATE
    letter = examples.letter(LetterKind.DENIAL, lob=line)
    template = examples.fitting(LetterKind.DENIAL, Audience.MEMBER, line, "en")

    def draw(number: int) -> tuple[float, float]:
        mapping = as_mapping(compose(replace(letter, number=f"C-26-{number:07}-L1"), template))
        start = time.process_time()
        render_html(mapping)
        middle = time.process_time()
        render_pdf(mapping)
        return middle - start, time.process_time() - middle

    for number in range(WARM):
        draw(number)
    pdfs, pages, early = [], [], 0
    for number in range(batch):
        html, pdf = draw(number)
        pages.append(html)
        pdfs.append(pdf)
        if number == batch // 10:
            gc.collect()
            early = _resident_kilobytes()
    gc.collect()
    late = _resident_kilobytes()
    pdfs.sort()
    return {
        "letters": batch,
        "pdf_ms_median": 1000 * pdfs[len(pdfs) // 2],
        "pdf_ms_p99": 1000 * pdfs[int(len(pdfs) * 0.99)],
        "html_ms_mean": 1000 * sum(pages) / len(pages),
        "resident_mb_early": early / 1024,
        "resident_mb_late": late / 1024,
        "growth_kb_per_letter": (late - early) / max(1, batch - batch // 10),
    }


SHORT = 200
"""Letters of the batch that `make bench` draws; the long one is run by itself (docs/notices.md)."""


def rows() -> list[str]:
    """Return the lines of the page: a letter's PDF, and what a batch leaves in memory."""
    found = measure(SHORT)
    drawn = f"{found['pdf_ms_median']:.1f} ms CPU, 99th percentile {found['pdf_ms_p99']:.1f} ms"
    kept = f"{found['resident_mb_early']:.0f} MB, then {found['resident_mb_late']:.0f} MB"
    return [
        f"| letter as PDF/UA: median of {SHORT} | {drawn} | {MOST_MILLISECONDS} ms |",
        f"| the same: memory after a tenth of them and at the end | {kept} | no growth |",
    ]


def main(batch: int = 1000) -> None:
    """Print the figures."""
    for name, value in measure(batch).items():
        print(f"{name:22} {value:10.2f}")


if __name__ == "__main__":
    import os
    import sys

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
