"""The databases that the tests run on."""

import sqlalchemy as sa

from scan_ingest.sql import address, make_engine


def test_each_test_gets_an_empty_database(store_url: str) -> None:
    engine = make_engine(address(store_url))

    assert sa.inspect(engine).get_table_names() == []

    engine.dispose()
