"""Run by Alembic."""

from scan_ingest.sql import run_migrations

run_migrations()
