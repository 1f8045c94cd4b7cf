"""Landing: a company's raw tables, wherever they lie, before the warehouse types them.

What belongs here: finding raw tables, bringing files into the build database, and the questions
that are asked of them before a build. What does not: which row is kept for a key and what its
values are, which models/landing decides, and what a row means to the business.
"""

from pathlib import Path

from pipegen.contract.places import Places
from pipegen.contract.tables import CUSTOM_COLUMNS, TABLES
from pipegen.errors import BusyError, PipegenError
from pipegen.landing.arrival import Arrival, arrival
from pipegen.landing.brought import bring, create_notes
from pipegen.landing.files import RawFolder
from pipegen.landing.server import RawServer
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
    "RawServer",
    "RawSource",
    "arrival",
    "bring",
    "check",
    "create_notes",
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
