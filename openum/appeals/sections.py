"""What appeals contribute to the case page and to the pages of members and practices."""


def register_sections() -> None:
    """Register the sections; called once at start."""
