"""Landing: raw tables, as a company has them, become typed tables of the build database.

What belongs here: reading raw tables, deciding which row stands for a key, accounting for every
row; and checking the company's seeds and settings before anything is built. What does not: what a
row means to the business, which is the models' to say.
"""

from pathlib import Path

from pipegen.errors import BusyError, PipegenError
from pipegen.landing.arrival import Arrival, arrival
from pipegen.landing.contract import CUSTOM_COLUMNS
from pipegen.landing.files import RawFolder
from pipegen.landing.load import TableReport, land
from pipegen.landing.source import RawSource, check
from pipegen.landing.warehouse import RawWarehouse

__all__ = [
    "CUSTOM_COLUMNS",
    "Arrival",
    "BusyError",
    "PipegenError",
    "RawSource",
    "TableReport",
    "arrival",
    "check",
    "land",
    "open_source",
]


def open_source(raw: str, warehouse: Path) -> RawSource:
    """Open what `PIPEGEN_RAW` names: a folder, or the word `warehouse` for the file given.

    Raises `PipegenError` when there is nothing to read there.
    """
    if raw == "warehouse":
        return RawWarehouse(warehouse)
    return RawFolder(Path(raw).expanduser().absolute())
