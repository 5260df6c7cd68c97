"""The roads on which a letter leaves as a file: the mail house's folder, and a fax line."""
