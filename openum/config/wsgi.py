"""The web process: granian serves `openum.config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openum.config.settings")
application = get_wsgi_application()
