"""Pages of complaints and of provider disputes for staff."""
