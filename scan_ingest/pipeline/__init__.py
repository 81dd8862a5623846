"""The walk of one page, and the loop over a batch.

`walk.read_page` is pure; `pairing.settle` makes cards of sides; `ingest.ingest` is the only writer; `pool` is the
worker processes that `read_page` is mapped over.
"""
