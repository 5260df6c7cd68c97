"""Measurements: ratios to a bare view in the same run, on the machine at hand."""
