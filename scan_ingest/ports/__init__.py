"""What those who do the work ask of the outside, in their own words: a module for each who asks."""
