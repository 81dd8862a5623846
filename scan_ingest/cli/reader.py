"""What a worker process builds once: templates prepared for matching, recognisers loaded."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scan_ingest.domain.lists import Lists
from scan_ingest.staff import load_staff

if TYPE_CHECKING:
    from scan_ingest.config import Settings
    from scan_ingest.domain.learned import Learned
    from scan_ingest.pipeline.walk import Reader


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # absent on Windows and macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def site_lists(settings: "Settings") -> Lists:
    """The site's own people, wards and roles. Raises `ConfigurationError` for a staff list that cannot be used."""
    staff = load_staff(settings.staff) if settings.staff else ()
    return Lists(staff, settings.wards, settings.roles)


def make_reader(
    templates: Path, ids: tuple[str, ...] = (), learned: "Learned | None" = None, lists: Lists | None = None
) -> "Reader":
    """A reader of pages, from a folder and names: called inside each worker, as sessions cannot be pickled.

    `learned` is what the site's own reviews taught, `lists` are the site's own.

    Raises `ConfigurationError` and `ToolMissingError`.
    """
    # Imported here: the process that starts the workers needs none of it.
    from scan_ingest.cli.edition import edition
    from scan_ingest.pipeline.walk import Reader
    from scan_ingest.recognisers import RECOGNISERS
    from scan_ingest.recognisers.decoding import as_seen, make_decoder
    from scan_ingest.recognisers.ppocr import pp_ocrv6
    from scan_ingest.recognisers.vocabulary import known_words
    from scan_ingest.stages.lists.suggestions import prepare_lists
    from scan_ingest.stages.placing.prepared import prepare
    from scan_ingest.stages.reading.opinion import SECOND
    from scan_ingest.templates import load_templates

    loaded = load_templates(templates, ids)
    known = (lists or Lists()).joined_with(learned.lists if learned else Lists())
    return Reader(
        templates={template.id: template for template in loaded},
        prepared=prepare(loaded),
        primary=pp_ocrv6(
            make_decoder(learned.vocabulary if learned else None, names=known.words()),
            as_seen(known_words(known.words())),
        ),
        second_opinion=RECOGNISERS[SECOND](),
        calibration=learned.calibration if learned else None,
        lists=prepare_lists(known) if known else None,
        edition=edition(),
    )
