"""Corrections of a receipt time: one person proposes with a reason, another confirms."""
