"""Pages of appeals for staff: docket, one appeal, taking one in, deciding."""
