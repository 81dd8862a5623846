"""From the ink of a side to its fields (`segment.py`) and their lines (`lines.py`)."""
