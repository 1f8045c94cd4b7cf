"""Landing: a company's raw tables become typed tables in the build database.

What belongs here: reading raw tables, deciding which row to keep for a key, accounting for every
row. What does not: what a row means to the business, which the models define.
"""

from pathlib import Path

from pipegen.contract.places import Places
from pipegen.contract.tables import CUSTOM_COLUMNS, TABLES
from pipegen.errors import BusyError, PipegenError
from pipegen.landing.arrival import Arrival, arrival
from pipegen.landing.files import RawFolder
from pipegen.landing.load import TableReport, land
from pipegen.landing.source import RawSource, check, loaders
from pipegen.landing.warehouse import RawWarehouse

# By the contract's own names.
CONTRACT_NAMES = Places()

__all__ = [
    "CUSTOM_COLUMNS",
    "TABLES",
    "Arrival",
    "BusyError",
    "PipegenError",
    "Places",
    "RawSource",
    "TableReport",
    "arrival",
    "check",
    "land",
    "loaders",
    "open_source",
]


def open_source(raw: str, warehouse: Path, places: Places = CONTRACT_NAMES) -> RawSource:
    """Open what `PIPEGEN_RAW` names: a folder, or the word `warehouse` for the file given.

    In a warehouse, `places` says where the tables are. Raises `PipegenError` if there is nothing to
    read there.
    """
    if raw == "warehouse":
        return RawWarehouse(warehouse, places)
    return RawFolder(Path(raw).expanduser().absolute())
