"""The DuckDB target for the common subset of CQL; see `program.SqlProgram`."""
