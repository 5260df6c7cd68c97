"""Text to syntax tree: lexer, Pratt parser, nodes."""

from openum.cql.parser.declarations import parse_expression, parse_library

__all__ = ["parse_expression", "parse_library"]
