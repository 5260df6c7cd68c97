"""Draws typed prior-authorization forms of five layouts with invented people, from a seed. Nothing here is real."""

import io
import json
import random
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import typst
from PIL import Image

from openum.design import fonts
from openum.vocabulary.identifiers import npi_check_digit

LAYOUTS = ("lines", "boxes", "letter")
SPANISH = "solicitud"
"""A fourth layout, in Spanish, with the day written first."""
SERVICES = "services"
"""A fifth layout, whose services stand in the rows of a table."""
DOTS_PER_INCH = 200
_SOURCE = Path(__file__).with_name("form.typ")
_FACES = ("DejaVu Sans Mono", "Libertinus Serif", fonts.FAMILY)
_FAMILY = [
    "Alder",
    "Birch",
    "Castellan",
    "Dogwood",
    "Elmsworth",
    "Farrow",
    "Garrick",
    "Hollis",
    "Ingram",
    "Juniper",
    "Kestrel",
    "Larkin",
    "Marsh",
    "O'Dell",
    "Prewitt",
]
_GIVEN = [
    "Ada",
    "Boris",
    "Carla",
    "Dmitri",
    "Elena",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonah",
    "Kira",
    "Liam",
    "Mona",
    "Nadia",
    "Otis",
    "Paula",
]
_PLACES = ["Bayside Surgical Pavilion", "North Quay Imaging", "Lakeview Hospital", "Cedar Rehabilitation Center"]
_CODES = ("27447", "72148", "29881", "J1745", "E0601", "97110", "T1019", "S5125", "70551", "K0861")
_DIAGNOSES = ("M17.11", "M54.16", "G47.33", "S83.241A", "E11.9", "M16.12", "I25.10", "K50.90", "C50.911", "Z96.651")


def form_values(seed: int, *, services: int = 1) -> dict[str, str]:
    """Return the fields of an invented request, by the keys of the request's forms."""
    draw = random.Random(seed)
    others = random.Random(f"services {seed}")

    def npi() -> str:
        first_nine = f"1{draw.randrange(10**8):08d}"
        return first_nine + npi_check_digit(first_nine)

    first = date(2026, 11, 1) + timedelta(days=draw.randrange(90))
    main, other = draw.sample(_DIAGNOSES, 2)
    values = {
        "member_number": f"{draw.choice('ABHKMXW')}{draw.choice('ACEHL')}-{draw.randrange(10**8):08d}",
        "family_name": draw.choice(_FAMILY),
        "given_name": draw.choice(_GIVEN),
        "birth_date": (date(1938, 1, 1) + timedelta(days=draw.randrange(25_000))).isoformat(),
        "ordering_npi": npi(),
        "ordering_name": f"{draw.choice(_GIVEN)} {draw.choice(_FAMILY)} MD",
        "ordering_phone": f"({draw.randrange(201, 990)}) 555-01{draw.randrange(100):02d}",
        "facility_npi": npi(),
        "facility_name": draw.choice(_PLACES),
        "diagnosis1": main,
        "diagnosis2": other,
        "line1-code": draw.choice(_CODES),
        "line1-units": str(draw.choice((1, 2, 4, 8, 12, 24, 40))),
        "line1-first_day": first.isoformat(),
        "line1-last_day": (first + timedelta(days=draw.randrange(20, 120))).isoformat(),
        "urgency": draw.choice(("standard", "standard", "expedited")),
    }
    codes = others.sample([code for code in _CODES if code != values["line1-code"]], services - 1)
    for number, code in enumerate(codes, 2):
        day = first + timedelta(days=others.randrange(30))
        values |= {
            f"line{number}-code": code,
            f"line{number}-units": str(others.choice((1, 2, 4, 8, 12, 24, 40))),
            f"line{number}-first_day": day.isoformat(),
            f"line{number}-last_day": (day + timedelta(days=others.randrange(20, 120))).isoformat(),
        }
    return values


def form_pages(values: dict[str, str], *, layout: str, face: int = 0) -> list[Image.Image]:
    """Draw a form at 200 dots per inch."""
    drawn = typst.compile(
        str(_SOURCE), format="png", ppi=DOTS_PER_INCH, font_paths=_fonts(), sys_inputs=_inputs(values, layout, face)
    )
    return [Image.open(io.BytesIO(page)) for page in ([drawn] if isinstance(drawn, bytes) else drawn)]


def form_pdf(values: dict[str, str], *, layout: str, face: int = 0, notes: Sequence[str] = ()) -> bytes:
    """Draw a form as a PDF with its text; behind a Spanish one each note on a page of its own."""
    inputs = _inputs(values, layout, face, notes)
    return bytes(typst.compile(str(_SOURCE), font_paths=_fonts(), sys_inputs=inputs))


def scan(pages: Sequence[Image.Image]) -> bytes:
    """Return pictures as a PDF without any text, as a scanner makes it."""
    out = io.BytesIO()
    first, *others = [page.convert("L") for page in pages]
    first.save(out, "PDF", save_all=True, append_images=others, resolution=DOTS_PER_INCH)
    return out.getvalue()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(fonts.DIRECTORY)])


def _inputs(values: dict[str, str], layout: str, face: int, notes: Sequence[str] = ()) -> dict[str, str]:
    shown: dict[str, Any] = {**values, "notes": list(notes)}
    for key, value in values.items():
        if key == "birth_date" or key.endswith("_day"):
            shown[key] = date.fromisoformat(value).strftime("%d/%m/%Y" if layout == SPANISH else "%m/%d/%Y")
    shown["services"] = sorted({key.partition("-")[0] for key in values if key.startswith("line")})
    fast, ordinary = ("Urgente", "Ordinaria") if layout == SPANISH else ("Expedited / urgent", "Standard")
    shown["urgency"] = fast if values["urgency"] == "expedited" else ordinary
    return {"data": json.dumps(shown), "layout": layout, "face": _FACES[face % len(_FACES)], "labels": fonts.FAMILY}
