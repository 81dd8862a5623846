"""What is held about one person: found, told in words they can read, and let go of."""

from scan_ingest.leaving.mentions import Mention as Mention
from scan_ingest.leaving.mentions import Part as Part
from scan_ingest.leaving.mentions import Person as Person
from scan_ingest.leaving.mentions import is_the_name as is_the_name
from scan_ingest.leaving.mentions import mention_in as mention_in
