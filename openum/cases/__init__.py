"""The file everyone opens: case, requests, lines, parties, attachments, notes."""
