"""Reviewing: the conversation about a card (`session.py`) and its faces in the terminal."""
