"""`levelfield plants`: the shipped plants, and help with one's own plant file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from levelfield._errors import UserError
from levelfield.cli.options import Language, LanguageOption, PlantArgument, TariffsOption, open_tables

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="levelfield plants list\n\nShipped plants, and help with your own plant file.",
)

TEMPLATE = """\
name    = "{name}"
sector  = "20.13"                 # NACE Rev. 2 class: decides what the plant may claim
# cluster = "cluster-6"           # or chemelot, smart-delta, rotterdam-moerdijk, noordzeekanaal, noord-nederland

[electricity]
offtake          = "100 GWh"      # a year, from the public grid
full_load_hours  = "8000 h"       # or yearly_peak = "12.5 MW", or load_curve = "load.csv" instead of all three
# contracted_power = "12.5 MW"    # the yearly peak if left out
exempt_process_share = 0.0        # in electrolysis, chemical reduction, metallurgical or mineralogical processes
# price          = {{ NL = "85 EUR/MWh" }}   # an own price instead of the market's

# [electricity.procurement]       # else at day-ahead prices; [electricity.procurement.NL] for one country
# model          = "mix"          # spot, forward, formula, or a mix of them by shares
# spot           = 0.4
# forward        = 0.6
# contract_share = 0.3            # of the offtake, under an own contract
# contract_price = "62 EUR/MWh"
# contract_shape = "baseload"     # or as_consumed, or the file of a curve

[connection]
level = "high"                    # extra_high (220-400 kV), high (110-150 kV), sub (25-70 kV), medium (1-25 kV)
# NL  = {{ operator = "tennet" }}

[company]
gross_value_added = "20 MEUR"     # mean of the last three years
turnover          = "80 MEUR"

[co2]
eu_ets           = false
# direct_emissions = "50 kt"
# free_allocation  = "20 kt"      # or [[co2.product]] name = "ammonia", output = "500 kt"

# [[co2.indirect]]                # electricity that counts for indirect-cost compensation
# product     = "fallback"
# consumption = "95 GWh"

[claims]                          # granted: true, refused or not asked: false; what is left out counts in `low` only
# "nl.indirect_compensation" = true
# "de.bandlast" = true
# "de.besar" = true
"""


@app.command("list", short_help="The shipped plants.")
def list_(tariffs: TariffsOption = None) -> None:
    """\b
    levelfield plants list

    The shipped plants with sector, offtake and peak.
    """
    from levelfield.plant import shipped_plants
    from levelfield.plant_file import load_plant

    tables = open_tables(tariffs, None)
    width = max((len(name) for name in shipped_plants()), default=0)
    for name in shipped_plants():
        plant = load_plant(name, tables)
        sys.stdout.write(
            f"{name:{width}}  {plant.sector:6} {plant.offtake / 1000:9,.0f} GWh "
            f"{plant.yearly_peak / 1000:8,.1f} MW  {plant.name}\n"
        )


@app.command(short_help="The file of a plant.")
def show(plant: PlantArgument) -> None:
    """\b
    levelfield plants show chlor-alkali

    The file of a plant, with where its numbers come from.
    """
    from levelfield.plant_file import read_plant_text

    sys.stdout.write(read_plant_text(plant)[0])


@app.command(short_help="A plant file to fill in.")
def new(
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="File to write; standard output if left out.", show_default=False),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Name of the plant.")] = "My plant",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """\b
    levelfield plants new -o my-plant.toml --name "Our works"

    A plant file to fill in, with what each line means.
    """
    text = TEMPLATE.format(name=name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " "))
    if not output:
        sys.stdout.write(text)
        return
    path = Path(output)
    try:
        with open(path, "w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(f"{output}: is there already; --force replaces it") from None
    except OSError as error:
        raise UserError(f"{output}: cannot be written: {error.strerror}") from None
    sys.stderr.write(f"{output} written; fill it in, then: levelfield compare {output}\n")


@app.command(short_help="A sheet of plants to fill in.")
def template(
    output: Annotated[
        str, typer.Option("-o", "--output", help="The file to write: .xlsx, .ods or .csv.")
    ] = "plants.xlsx",
    count: Annotated[int, typer.Option("--plants", min=1, max=1000, help="For how many plants.")] = 10,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    lang: LanguageOption = Language.en,
    tariffs: TariffsOption = None,
) -> None:
    """\b
    levelfield plants template -o plants.xlsx --lang nl

    A sheet to fill in, a column a plant, with units, notes and drop-downs. Every command that takes a PLANT reads it
    back: plants.xlsx, or 'plants.xlsx#Name' where it holds several. A .csv has a row a plant, for levelfield portfolio.
    """
    from levelfield.cli.files import beside, format_of, sink_of
    from levelfield.lang import Words
    from levelfield.workbook.dutch import DUTCH
    from levelfield.workbook.grid import Book
    from levelfield.workbook.inputs import write_template

    kind = format_of(output, None, ("xlsx", "ods", "csv"))
    if Path(output).exists() and not force:
        raise UserError(f"{output}: is there already; --force replaces it")
    words, book = Words(lang.value, DUTCH), Book()
    if kind == "csv":
        from levelfield.plant_table import fields

        keys = [field.key for field in fields(open_tables(tariffs, None))]
        with beside(Path(output), folder=False) as part:
            part.write_text(",".join([*keys, "weight"]) + "\n", encoding="utf-8")
        sys.stderr.write(f"{output} written; fill it in, then: levelfield portfolio {output} -o bills.csv\n")
        return
    with beside(Path(output), folder=False) as part:
        write_template(sink_of(kind, part, book, words), book, open_tables(tariffs, None), words, count)
    sys.stderr.write(f"{output} written; fill it in, then: levelfield export {output}\n")


@app.command(short_help="Whether a plant file can be read.")
def check(plant: PlantArgument, tariffs: TariffsOption = None) -> None:
    """\b
    levelfield plants check my-plant.toml

    Whether a plant file can be read, and what is taken for what it leaves out.
    """
    from levelfield.plant import MISSING
    from levelfield.plant_file import load_plant

    tables = open_tables(tariffs, None)
    loaded = load_plant(plant, tables)
    sector = tables.nace.get(loaded.sector, "")
    sys.stdout.write(f"{loaded.name}: {loaded.offtake / 1000:,.1f} GWh, {loaded.yearly_peak / 1000:,.2f} MW, ")
    sys.stdout.write(f"{loaded.full_load_hours:,.0f} h; {loaded.sector} {sector}\n")
    for text in loaded.defaults:
        sys.stdout.write(f"not stated: {text}\n")
    for key in ("gross_value_added", "turnover"):
        if getattr(loaded, key) == MISSING:
            sys.stdout.write(f"not stated: {key.replace('_', ' ')}; what depends on it counts in low only\n")
