"""Appeals: from the first call to the last level, each decision by somebody who was not there before."""
