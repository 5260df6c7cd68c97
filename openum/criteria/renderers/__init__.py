"""One evidence map, one renderer per audience: reviewer, provider, member, letter, appeal packet, answer of the API.

Each takes the same `MapView`, as it stands or as it was frozen, and gives plain parts that a page, a letter or a
message sets; none of them walks the tree in its own way. All are in the language asked for.
"""
