"""The director's page: what was promised for today, how work flows, how good the answers are, each with its list."""
