"""The web process: granian serves `openum.config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from openum.jobs.parent import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openum.config.settings")
application = get_wsgi_application()
end_with_parent()
