"""SQLite with a fair writers' queue: use as DATABASES ENGINE "openum.db.fairsqlite"."""
