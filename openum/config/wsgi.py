"""The web process: granian serves `openum.config.wsgi:application`.

What is loaded at the start stays for ever, and a submission makes some tens of thousands of short-lived objects: the
collector leaves the first alone and looks less often for cycles among the second.
"""

import gc
import os

from django.core.wsgi import get_wsgi_application

from openum.jobs.parent import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openum.config.settings")
application = get_wsgi_application()

from openum.config import warming  # noqa: E402 - its imports need the application's settings

gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
end_with_parent()
warming.begin()
