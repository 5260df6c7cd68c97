"""OpenUM's own settings with the yardstick's view in place of the project's."""

from openum.config.settings import *  # noqa: F403
from openum.config.settings import MIDDLEWARE

ROOT_URLCONF = "tools.bench.bare"
MIDDLEWARE = [
    *MIDDLEWARE[:2],
    "tools.bench.bare.short_way",
    *(one for one in MIDDLEWARE[2:] if not one.endswith(".ClosedDoors")),  # the yardstick stands in no table of access
]
