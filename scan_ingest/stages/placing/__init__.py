"""Where the sides of the known cards lie on a page, and whether that is sure. `place.py` is the way in."""
