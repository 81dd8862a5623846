"""The workbench of one site: batches, pages, cards, readings, the review queue, page pictures.

Engines, pragmas, private folders and migrations come from `scan_ingest/sql.py`, shared with `central/`.
"""
