"""What the workspace and the nominations store share: addresses, engines, private files, migrations, errors.

Both open their database with `open_store`, work in `reading(engine)` and `writing(engine)`, and see `StoreError` where
the database is absent, locked, refused, gone or of another version. No message holds a password or a stored value.
"""

from scan_ingest.sql.addresses import address as address
from scan_ingest.sql.addresses import file_address as file_address
from scan_ingest.sql.addresses import place_of as place_of
from scan_ingest.sql.engines import UtcTime as UtcTime
from scan_ingest.sql.engines import make_engine as make_engine
from scan_ingest.sql.engines import reading as reading
from scan_ingest.sql.engines import writing as writing
from scan_ingest.sql.failures import store_errors as store_errors
from scan_ingest.sql.files import on_network_share as on_network_share
from scan_ingest.sql.files import private_file as private_file
from scan_ingest.sql.files import private_folder as private_folder
from scan_ingest.sql.kinds import StoreKind as StoreKind
from scan_ingest.sql.kinds import store_address as store_address
from scan_ingest.sql.ledger import Ledger as Ledger
from scan_ingest.sql.ledger import ledger as ledger
from scan_ingest.sql.opening import open_store as open_store
from scan_ingest.sql.registers import Copies as Copies
from scan_ingest.sql.registers import Holds as Holds
from scan_ingest.sql.registers import copies as copies
from scan_ingest.sql.registers import holds as holds
from scan_ingest.sql.scrubbing import scrub as scrub
from scan_ingest.sql.versions import run_migrations as run_migrations
