"""What decides where work goes and who gets it. Pure: no database, no clock, no web."""
