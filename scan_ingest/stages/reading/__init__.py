"""From what recognisers saw to a field's reading with its doubts (`opinion.py`); ticks and printed codes."""
