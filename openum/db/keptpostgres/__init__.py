"""PostgreSQL whose statements are made from what is remembered: use as DATABASES ENGINE "openum.db.keptpostgres"."""
