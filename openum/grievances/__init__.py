"""Complaints from any door, and provider disputes; neither is an appeal, and neither is lost."""
