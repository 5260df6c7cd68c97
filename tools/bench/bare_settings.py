"""OpenUM's own settings with the yardstick's view in place of the project's."""

from openum.config.settings import *  # noqa: F403

ROOT_URLCONF = "tools.bench.bare"
