"""The people and places that scenarios and tours call by name. All invented."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
"""The plan's time zone."""


@dataclass(frozen=True)
class NamedMember:
    """A member with a fixed number."""

    number: str
    given: str
    family: str
    born: date
    sex: str
    product: str
    language: str = "en"
    covered_from: date = date(2020, 1, 1)


MENSAH_OSEI = NamedMember("LHM-1000452", "Mensah", "Osei", date(1958, 4, 12), "male", "medicare-advantage")
ROSA_ALVAREZ = NamedMember("LHC-2000317", "Rosa", "Alvarez", date(1965, 2, 3), "female", "commercial-ppo")

MEMBERS: tuple[NamedMember, ...] = (
    MENSAH_OSEI,
    ROSA_ALVAREZ,
    NamedMember("LHM-1000981", "Eleanor", "Whitcomb", date(1944, 5, 30), "female", "medicare-advantage"),
    NamedMember("LHM-1001204", "Victor", "Dang", date(1955, 8, 19), "male", "medicare-advantage"),
    NamedMember("LHC-2000655", "Priya", "Raman", date(1978, 3, 11), "female", "commercial-ppo"),
    NamedMember("LHC-2000721", "Lukas", "Brandt", date(1982, 1, 25), "male", "commercial-ppo"),
    NamedMember("LHC-2000803", "Nadia", "Petrov", date(1987, 6, 30), "female", "commercial-ppo"),
    NamedMember("KT-3000088", "Samuel", "Okoro", date(1974, 9, 2), "male", "kestrel-tools"),
)

HADDAD = "9000001013"
BAYLINE_IMAGING = "9000001021"
LINDQVIST = "9000001047"
BAYLINE_SURGERY_PAVILION = "9000001054"
BAYLINE_GENERAL = "9000001062"
ST_BRANNOC_HEART = "9000001088"
NOVAK = "9000001104"
