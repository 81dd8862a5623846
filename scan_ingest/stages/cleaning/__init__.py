"""From a placement to the ink alone: the side straight and white, without stamps, holes and print (`ink.py`)."""
