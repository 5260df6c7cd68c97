"""The public library of guidelines: readable by anybody, printable, no login (42 CFR 422.101(b)(6)(ii))."""
