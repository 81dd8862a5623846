"""`python -m scan_ingest` is `scan-ingest`."""

from scan_ingest.cli import main

# Worker processes started by spawn import this module under another name.
if __name__ == "__main__":
    main()
