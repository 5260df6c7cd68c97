"""People who are not on file yet: newborns on their mother's coverage, and unknown ones, tied to the right member later."""
