"""Where other systems prove who they are: SMART Backend Services, and registration by certificate (UDAP)."""
