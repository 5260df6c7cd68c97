"""Faxes, letters and scans at the desk: taken in, read, put in order, entered as a request or put on a case."""
