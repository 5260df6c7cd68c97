"""The rules of review: when an answer is asked for, when clinicians talk and on which terms. Pure."""
