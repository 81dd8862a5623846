"""The walk of one page, and the loop over a batch.

`walk.read_page` is pure; `pairing` makes cards of sides, and `stacks` says which belong together; `ingest.ingest` is
the only writer; `pool` is the worker processes that `read_page` is mapped over.
"""
