"""`scan-ingest template`: the templates, and what is wrong with one."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.parts import current_settings, templates_folder
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import ConfigurationError

app = typer.Typer(no_args_is_help=True, help="The card templates, and what is wrong with one.")


@app.command("list")
def list_templates(
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="JSON lines on standard output.")] = False,
) -> None:
    """Every template that a page is compared with."""
    from scan_ingest.templates import load_templates

    folder = templates_folder(current_settings())
    templates = load_templates(folder)
    if as_json:
        for template in templates:
            print(
                json.dumps(
                    {
                        "id": template.id,
                        "title": template.title,
                        "revision": template.revision,
                        "width_mm": template.width_mm,
                        "height_mm": template.height_mm,
                        "sides": [side.name for side in template.sides],
                        "fields": [field.name for field in template.fields],
                    }
                )
            )
        return
    table = Table("template", "card", "sides", "fields", box=None, pad_edge=False)
    for template in templates:
        sides = " and ".join(side.name for side in template.sides)
        size = f"{template.width_mm:g} × {template.height_mm:g} mm"
        name = f"{template.id} (revision {template.revision})\n{for_a_terminal(template.title)}"
        table.add_row(name, size, sides, ", ".join(field.name for field in template.fields))
    console = Console(markup=False, highlight=False)
    console.print(f"Templates in {folder}:")
    console.print(table)


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The template's folder, holding template.toml.")],
) -> None:
    """Say what is wrong with a template, each with what would be right, and how surely its sides are found and told
    from those of the other templates; exit code 3 if anything is wrong."""
    from scan_ingest.stages.placing.prepared import prepare
    from scan_ingest.stages.placing.proof import prove
    from scan_ingest.templates import load_template, load_templates

    template = load_template(folder)
    others = [other for other in load_templates(templates_folder(current_settings())) if other.id != template.id]
    proofs = prove(template, prepare([template, *others]))
    for proof in proofs:
        print(
            f"{template.id} {proof.side}: found in {proof.found} of {proof.copies} mis-scanned copies; {proof.steady} "
            f"places of its print hold still; most like {proof.most_like}, from which {proof.different} places tell it"
        )
        for warning in proof.warnings:
            print(f"warning: {warning}", file=sys.stderr)
    if errors := [proof.error for proof in proofs if proof.error]:
        raise ConfigurationError("\n".join(f"{folder / 'template.toml'}: {error}" for error in errors))
    sides = " and ".join(side.name for side in template.sides)
    print(f"{template.id}: fine ({sides}, {len(template.fields)} fields)")
