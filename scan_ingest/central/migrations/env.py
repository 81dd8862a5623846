"""Alembic runs this file; `scan_ingest.sql` hands it the connection."""

from scan_ingest.sql import run_migrations

run_migrations()
