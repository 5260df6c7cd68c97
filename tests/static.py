"""Static files of the test run."""

from typing import ClassVar

from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):
    """Looks for the files once a process; without this, once for each test client."""

    found: ClassVar[dict | None] = None

    def add_files_from_finders(self):
        if StaticFiles.found is None:
            super().add_files_from_finders()
            StaticFiles.found = dict(self.files)  # whole at once: clients may start in several threads
        self.files.update(StaticFiles.found)
