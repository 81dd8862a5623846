"""The nominations store, version by version."""
