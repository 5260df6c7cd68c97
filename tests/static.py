"""Static files of the test run."""

from typing import ClassVar

from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):
    """Looks for the files once a process; without this, once for each test client."""

    _found: ClassVar[dict] = {}

    def add_files_from_finders(self):
        if not self._found:
            super().add_files_from_finders()
            self._found.update(self.files)
        self.files.update(self._found)
