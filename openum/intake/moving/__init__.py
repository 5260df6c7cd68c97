"""Papers, or pages of them, that were filed at the wrong case and are moved to the right one."""
