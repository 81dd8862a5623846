"""Placing by hand: a person settles the pages that the program could not place surely."""
