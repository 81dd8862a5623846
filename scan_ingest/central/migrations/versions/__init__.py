"""One module per version; Alembic orders them by `down_revision`."""
