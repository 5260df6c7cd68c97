"""The edges: other people's message formats, translated to and from the words of OpenUM."""
