"""Every column of both stores that can hold text is either searched for a person or known to hold no words of people's.

A column that is new fails here until somebody has said which: what is told to a person who asks, taken out by a
redaction or an erasure, and let go of by a purge must not depend on who remembers it.
"""

import pytest
import sqlalchemy as sa

from scan_ingest.central.tables import metadata as central
from scan_ingest.workspace.audit import LEDGER
from scan_ingest.workspace.tables import metadata as workspace

assert LEDGER  # its tables are the workspace's, too

SEARCHED = {
    # Answers, by `in_cards` and `in_nominations`; redaction, erasure and purge change or delete the rows.
    "readings.reading",
    "reviews.texts",
    "reviews.reason",
    "reviews.note",
    "reviews.shown",
    "drafts.texts",
    "drafts.note",
    "identity_settlements.reason",
    "nominations.nominee",
    "nominations.role",
    "nominations.ward",
    "nominations.nominator",
    "nominations.action",
    "nominations.impact",
    "nominations.extra",
    # Remarks of people, by `remarks`; erasure takes the name out.
    "batches.discard_reason",
    "workspace_holds.reason",
    "central_holds.reason",
    # Names of files, by `remarks`: told and named, never changed, since pages are known by them.
    "batch_files.name",
    "workspace_copies.file",
    "central_copies.file",
}
NAMES_OF_FILES_AGAIN = {"pages.file_name", "nominations.source", "nominations.provenance"}
"""The same names as in `batch_files.name`, beside digests, numbers, columns of a form and accounts."""
ACCOUNTS = {
    "cards.leased_by",
    "rescans.answered_by",
    "reviews.reviewer",
    "drafts.reviewer",
    "page_decisions.person",
    "page_looks.person",
    "redactions.person",
    "identity_settlements.person",
    "workspace_holds.person",
    "workspace_holds.ended_by",
    "workspace_copies.person",
    "workspace_audit.person",
    "nominations.reviewed_by",
    "possible_duplicates.answered_by",
    "central_holds.person",
    "central_holds.ended_by",
    "central_copies.person",
    "central_audit.person",
}
"""Who worked here: told by `subject --account`, kept as the record of what was done."""
PLACES = {
    "batches.organisation",
    "batches.ward",
    "label_changes.organisation",
    "label_changes.ward",
    "nominations.organisation",
    "nominations.box",
    "sketches.organisation",
    "removed.organisation",
    "withheld.organisation",
    "workspace_copies.organisation",
    "central_copies.organisation",
    "workspace_audit.organisation",
    "central_audit.organisation",
    "workspace_audit_heads.organisation",
    "central_audit_heads.organisation",
}
"""A box's label: an organisation and a ward."""
WORDS_OF_THE_PROGRAM = {
    "batches.state",
    "batches.collated",
    "batch_files.reason",
    "batch_files.original",
    "batch_files.sha256",
    "pages.file_sha256",
    "pages.picture_sha256",
    "pages.picture",
    "pages.outcome",
    "pages.reason",
    "cards.id",
    "cards.template",
    "cards.fields",
    "cards.state",
    "cards.merged_mark",
    "cards.second_look",
    "sides.template",
    "sides.side",
    "sides.placement",
    "sides.picture",
    "readings.field",
    "rescans.answer",
    "reviews.decision",
    "reviews.state_before",
    "reviews.second_look_before",
    "page_decisions.call",
    "page_decisions.outcome_before",
    "page_decisions.reason_before",
    "page_decisions.card_state_before",
    "page_looks.answer",
    "leftover_files.place",
    "identity_settlements.field",
    "identity_settlements.answer",
    "identity_settlements.of_text",
    "nominations.nomination_id",
    "nominations.channel",
    "nominations.digest",
    "possible_duplicates.first_id",
    "possible_duplicates.second_id",
    "possible_duplicates.pair_id",
    "possible_duplicates.evidence",
    "possible_duplicates.answer",
    "sketches.nomination_id",
    "removed.nomination_id",
    "removed.why",
    "withheld.nomination_id",
    "withheld.salt",
    "withheld.name",
    "withheld.delivered",
    *(
        f"{store}_{column}"
        for store in ("workspace", "central")
        for column in (
            "holds.what_kind",
            "holds.what",
            "copies.kind",
            "copies.batch_id",
            "audit.act",
            "audit.subject",
            "audit.detail",
            "audit.previous",
            "audit.hash",
            "audit_heads.hash",
        )
    ),
}
"""Fixed words, ids, digests, places under the store's folder, numbers."""
PICTURES_OF_INK = {"sides.mark", "sides.likeness", "sketches.sketch"}
"""How ink lies in squares of a millimetre and a half, hashes of words: not to be read, gone with what they are of."""
DECLARED = (SEARCHED, NAMES_OF_FILES_AGAIN, ACCOUNTS, PLACES, WORDS_OF_THE_PROGRAM, PICTURES_OF_INK)


def columns_that_hold_text() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for metadata in (workspace, central)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.String | sa.JSON | sa.LargeBinary)
    }


def test_every_column_is_searched_or_known_to_hold_no_words() -> None:
    declared = set().union(*DECLARED)
    assert columns_that_hold_text() - declared == set(), "say what these hold, and have them searched"
    assert declared - columns_that_hold_text() == set(), "these are no more"


def test_no_column_is_called_two_things() -> None:
    assert sum(map(len, DECLARED)) == len(set().union(*DECLARED))


@pytest.mark.parametrize("metadata", [workspace, central])
def test_the_walk_sees_every_table(metadata: sa.MetaData) -> None:
    tables = {column.partition(".")[0] for column in columns_that_hold_text()}
    assert {table.name for table in metadata.sorted_tables} <= tables
