"""UCUM units as seen in laboratory results, vital signs and dosing: parsing, dimensions, conversion.

Factors are exact decimals to the base units m, g, s, rad, K, mol, cd, C and the dimensionless 1. Arbitrary units
such as [iU] are dimensions of their own. A unit outside this table has no conversion, and comparing it with
another unit is unknown. Source of the factors: the Unified Code for Units of Measure, version 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from openum.cql.values.numbers import CONTEXT

CALENDAR: Final[dict[str, str]] = {
    "year": "a", "years": "a", "month": "mo", "months": "mo", "week": "wk", "weeks": "wk", "day": "d", "days": "d",
    "hour": "h", "hours": "h", "minute": "min", "minutes": "min", "second": "s", "seconds": "s",
    "millisecond": "ms", "milliseconds": "ms",
}  # fmt: skip

# Told why two quantities do not compare; set for the time of an evaluation.
ON_MISMATCH: ContextVar[Callable[[str], None] | None] = ContextVar("cql_on_mismatch", default=None)

# What people write for units that UCUM spells otherwise.
MISSPELT: Final[dict[str, str]] = {
    "mmHg": "mm[Hg]", "mmhg": "mm[Hg]", "cmH2O": "cm[H2O]", "lb": "[lb_av]", "lbs": "[lb_av]", "oz": "[oz_av]", "in": "[in_i]",
    "inch": "[in_i]", "inches": "[in_i]", "ft": "[ft_i]", "feet": "[ft_i]", "IU": "[iU]", "iu": "[iU]", "mcg": "ug",
    "cc": "mL", "F": "[degF]", "degF": "[degF]", "degC": "Cel", "hr": "h", "hrs": "h", "sec": "s", "mins": "min",
    "yr": "a", "yrs": "a", "percent": "%", "pounds": "[lb_av]", "kgs": "kg", "ml": "mL", "bpm": "/min",
}  # fmt: skip
_PREFIXES: Final[dict[str, str]] = {
    "Y": "1e24", "Z": "1e21", "E": "1e18", "P": "1e15", "T": "1e12", "G": "1e9", "M": "1e6", "k": "1e3", "h": "1e2",
    "da": "1e1", "d": "1e-1", "c": "1e-2", "m": "1e-3", "u": "1e-6", "n": "1e-9", "p": "1e-12", "f": "1e-15",
    "a": "1e-18", "z": "1e-21", "y": "1e-24",
}  # fmt: skip

# atom: (metric, factor, definition in base symbols with exponents)
_ATOMS: Final[dict[str, tuple[bool, str, str]]] = {
    "m": (True, "1", "m"), "g": (True, "1", "g"), "s": (True, "1", "s"), "rad": (True, "1", "rad"),
    "K": (True, "1", "K"), "mol": (True, "1", "mol"), "cd": (True, "1", "cd"), "C": (True, "1", "C"),
    "10*": (False, "10", ""), "10^": (False, "10", ""), "%": (False, "0.01", ""), "[ppth]": (False, "0.001", ""),
    "[ppm]": (False, "0.000001", ""), "[ppb]": (False, "0.000000001", ""), "[pi]": (False, "3.141592653589793", ""),
    "sr": (True, "1", "rad2"), "deg": (False, "0.01745329251994329577", "rad"), "Hz": (True, "1", "s-1"),
    "N": (True, "1000", "g m s-2"), "Pa": (True, "1000", "g m-1 s-2"), "J": (True, "1000", "g m2 s-2"),
    "W": (True, "1000", "g m2 s-3"), "A": (True, "1", "C s-1"), "V": (True, "1000", "g m2 s-2 C-1"),
    "F": (True, "0.001", "g-1 m-2 s2 C2"), "Ohm": (True, "1000", "g m2 s-1 C-2"), "S": (True, "0.001", "g-1 m-2 s C2"),
    "T": (True, "1000", "g s-1 C-1"), "lm": (True, "1", "cd rad2"), "lx": (True, "1", "cd rad2 m-2"),
    "Bq": (True, "1", "s-1"), "Gy": (True, "1", "m2 s-2"), "Sv": (True, "1", "m2 s-2"), "Ci": (True, "3.7e10", "s-1"),
    "RAD": (True, "0.01", "m2 s-2"), "REM": (True, "0.01", "m2 s-2"),
    "min": (False, "60", "s"), "h": (False, "3600", "s"), "d": (False, "86400", "s"), "wk": (False, "604800", "s"),
    "mo": (False, "2629800", "s"), "a": (False, "31557600", "s"),
    "l": (True, "0.001", "m3"), "L": (True, "0.001", "m3"), "ar": (True, "100", "m2"), "t": (True, "1000000", "g"),
    "bar": (True, "100000000", "g m-1 s-2"), "atm": (False, "101325000", "g m-1 s-2"), "u": (True, "1.66053906660e-24", "g"),
    "eV": (True, "1.602176634e-16", "g m2 s-2"), "cal": (True, "4184", "g m2 s-2"), "[Cal]": (False, "4184000", "g m2 s-2"),
    "dyn": (True, "0.01", "g m s-2"), "erg": (True, "0.0001", "g m2 s-2"), "P": (True, "100", "g m-1 s-1"),
    "eq": (True, "1", "mol"), "osm": (True, "1", "mol"), "kat": (True, "1", "mol s-1"),
    "U": (True, "0.00000001666666666666666667", "mol s-1"), "m[H2O]": (True, "9806650", "g m-1 s-2"),
    "m[Hg]": (True, "133322000", "g m-1 s-2"), "[diop]": (False, "1", "m-1"), "[degF]": (False, "0.5555555555555556", "K"),
    "Cel": (True, "1", "K"), "[in_i]": (False, "0.0254", "m"), "[ft_i]": (False, "0.3048", "m"),
    "[yd_i]": (False, "0.9144", "m"), "[mi_i]": (False, "1609.344", "m"), "[in_us]": (False, "0.02540005080010160", "m"),
    "[ft_us]": (False, "0.3048006096012192", "m"), "[nmi_i]": (False, "1852", "m"), "[sin_i]": (False, "0.00064516", "m2"),
    "[sft_i]": (False, "0.09290304", "m2"), "[cin_i]": (False, "0.000016387064", "m3"), "Ao": (False, "1e-10", "m"),
    "[lb_av]": (False, "453.59237", "g"), "[oz_av]": (False, "28.349523125", "g"), "[gr]": (False, "0.06479891", "g"),
    "[dr_av]": (False, "1.7718451953125", "g"), "[ston_av]": (False, "907184.74", "g"), "[stone_av]": (False, "6350.29318", "g"),
    "[lb_tr]": (False, "373.2417216", "g"), "[oz_tr]": (False, "31.1034768", "g"), "[car_m]": (False, "0.2", "g"),
    "[gal_us]": (False, "0.003785411784", "m3"), "[qt_us]": (False, "0.000946352946", "m3"),
    "[pt_us]": (False, "0.000473176473", "m3"), "[cup_us]": (False, "0.0002365882365", "m3"),
    "[foz_us]": (False, "0.0000295735295625", "m3"), "[tbs_us]": (False, "0.00001478676478125", "m3"),
    "[tsp_us]": (False, "0.00000492892159375", "m3"), "[cup_m]": (False, "0.00024", "m3"),
    "[foz_m]": (False, "0.00003", "m3"), "[tbs_m]": (False, "0.000015", "m3"), "[tsp_m]": (False, "0.000005", "m3"),
    "[drp]": (False, "0.00000005", "m3"), "[psi]": (False, "6894757.293168", "g m-1 s-2"), "[lbf_av]": (False, "4448.2216152605", "g m s-2"),
    "[Ch]": (False, "0.0003333333333333333", "m"), "[hp_X]": (False, "1", ""), "[pH]": (False, "1", "[pH]"),
    "[iU]": (True, "1", "[iU]"), "[IU]": (True, "1", "[iU]"), "[arb'U]": (False, "1", "[arb'U]"),
    "[USP'U]": (False, "1", "[USP'U]"), "[CFU]": (False, "1", "[CFU]"), "[PFU]": (False, "1", "[PFU]"),
    "[Amb'a'1'U]": (False, "1", "[Amb'a'1'U]"), "[AU]": (False, "1", "[AU]"), "[BAU]": (False, "1", "[BAU]"),
    "[CCID_50]": (False, "1", "[CCID_50]"), "[TCID_50]": (False, "1", "[TCID_50]"), "[EID_50]": (False, "1", "[EID_50]"),
    "[ELU]": (False, "1", "[ELU]"), "[GPL'U]": (False, "1", "[GPL'U]"), "[MPL'U]": (False, "1", "[MPL'U]"),
    "[APL'U]": (False, "1", "[APL'U]"), "[LPF]": (False, "100", ""), "[HPF]": (False, "1", ""),
    "[MET]": (False, "1", "[MET]"), "B": (True, "1", "[B]"), "Np": (True, "1", "[Np]"), "[knk'U]": (False, "1", "[knk'U]"),
    "[anti'Xa'U]": (False, "1", "[anti'Xa'U]"), "[Lf]": (False, "1", "[Lf]"), "[dye'U]": (False, "1", "[dye'U]"),
    "[beth'U]": (False, "1", "[beth'U]"), "[todd'U]": (False, "1", "[todd'U]"), "[ka'U]": (False, "1", "[ka'U]"),
    "[mclg'U]": (False, "1", "[mclg'U]"), "[smgy'U]": (False, "1", "[smgy'U]"), "[bdsk'U]": (False, "1", "[bdsk'U]"),
    "[D'ag'U]": (False, "1", "[D'ag'U]"), "[FEU]": (False, "1", "[FEU]"), "bit": (False, "1", "bit"), "By": (True, "8", "bit"),
}  # fmt: skip


_NINTHS: Final = CONTEXT.divide(Decimal(5), Decimal(9))


class Unit(NamedTuple):
    """A unit in base terms: value in base = factor * value + shift."""

    factor: Decimal
    dimension: tuple[tuple[str, int], ...]
    shift: Decimal = Decimal(0)


_TOKEN = re.compile(
    r"(\{[^{}]*\})|(\[[^\[\]]*\]|10[*^]|[A-Za-z%]+(?:\[[^\[\]]*\])?(?:_[A-Za-z]+)?)|([+-]?\d+)|([./()])"
)


def _definition(text: str) -> dict[str, int]:
    powers: dict[str, int] = {}
    for part in text.split():
        match = re.fullmatch(r"(\[[^\]]*\]|[A-Za-z]+)(-?\d+)?", part)
        if match:
            powers[match.group(1)] = int(match.group(2) or 1)
    return powers


def _atom(symbol: str) -> tuple[Decimal, dict[str, int]] | None:
    found = _ATOMS.get(symbol)
    if found is not None:
        return Decimal(found[1]), _definition(found[2])
    for length in (2, 1):
        scale, rest = _PREFIXES.get(symbol[:length]), _ATOMS.get(symbol[length:])
        if scale is not None and rest is not None and rest[0]:
            return Decimal(scale) * Decimal(rest[1]), _definition(rest[2])
    return None


def components(text: str) -> dict[str, int] | None:
    """Return symbol → exponent of a unit without parentheses, or None when it cannot be read so."""
    if "(" in text:
        return None
    out: dict[str, int] = {}
    sign, position, last = 1, 0, ""
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        position = match.end()
        annotation, symbol, number, operator = match.groups()
        if annotation:
            last = ""
        elif symbol:
            out[symbol] = out.get(symbol, 0) + sign
            last = symbol
        elif number:
            if last:
                out[last] += sign * (int(number) - 1)
                last = ""
            elif number != "1":
                return None
        else:
            sign = -1 if operator == "/" else 1
            last = ""
    return {key: value for key, value in out.items() if value}


def compose(parts: dict[str, int]) -> str:
    """Write symbol → exponent as a unit, "1" when nothing is left."""
    above = [f"{s}{e if e != 1 else ''}" for s, e in parts.items() if e > 0]
    below = [f"/{s}{-e if e != -1 else ''}" for s, e in parts.items() if e < 0]
    if not above and not below:
        return "1"
    return ".".join(above) + "".join(below)


@lru_cache(maxsize=1024)
def read(text: str) -> Unit | None:
    """Return a unit in base terms, or None when a symbol is not in the table."""
    text = CALENDAR.get(text, text)
    if text in ("", "1"):
        return Unit(Decimal(1), ())
    if text == "Cel":
        return Unit(Decimal(1), (("K", 1),), Decimal("273.15"))
    if text == "[degF]":
        return Unit(_NINTHS, (("K", 1),), CONTEXT.multiply(Decimal("459.67"), _NINTHS))
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        position = match.end()
        if not match.group(1):
            tokens.append(match.group(0))
        elif not tokens or tokens[-1] in "./(":
            tokens.append("{}")
    result = _read_tokens(tokens)
    if result is None:
        return None
    factor, powers = result
    return Unit(factor, tuple(sorted((k, v) for k, v in powers.items() if v)))


def _read_tokens(tokens: list[str]) -> tuple[Decimal, dict[str, int]] | None:
    factor, powers, sign = Decimal(1), dict[str, int](), 1
    index = 0
    while index < len(tokens):
        part = tokens[index]
        index += 1
        if part in ("/", "."):
            sign = -1 if part == "/" else 1
            continue
        piece: tuple[Decimal, dict[str, int]] | None
        if part == "(":
            depth, start = 1, index
            while index < len(tokens) and depth:
                depth += {"(": 1, ")": -1}.get(tokens[index], 0)
                index += 1
            if depth:
                return None
            piece = _read_tokens(tokens[start : index - 1])
        elif part == "{}":
            piece = (Decimal(1), {})
        elif part.lstrip("+-").isdigit():
            if int(part) == 0:
                return None
            piece = (Decimal(int(part)), {})
        else:
            piece = _atom(part)
        if piece is None:
            return None
        exponent = sign
        if index < len(tokens) and part[-1:] not in "0123456789" and tokens[index].lstrip("+-").isdigit():
            exponent *= int(tokens[index])
            index += 1
        if abs(exponent) > 60:
            return None
        factor = CONTEXT.multiply(factor, CONTEXT.power(piece[0], exponent))
        for key, value in piece[1].items():
            powers[key] = powers.get(key, 0) + value * exponent
    return factor, powers


def convert(value: Decimal, source: str, target: str) -> Decimal | None:
    """Return the value in another unit, or None when either is unknown or they measure different things."""
    if source == target:
        return value
    a, b = read(source), read(target)
    if a is None or b is None or a.dimension != b.dimension:
        tell = ON_MISMATCH.get()
        if tell is not None:
            unknown = source if a is None else target if b is None else ""
            tell(
                f"the unit '{unknown}' is not known to UCUM" if unknown
                else f"'{source}' and '{target}' measure different things"
            )  # fmt: skip
        return None
    base = CONTEXT.add(CONTEXT.multiply(value, a.factor), a.shift)
    return CONTEXT.divide(CONTEXT.subtract(base, b.shift), b.factor)
