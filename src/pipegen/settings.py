"""The settings of a run, from the environment or the command line.

What belongs here: where things are, the as-of day, and errors about either. What does not: the
company's thresholds, which are dbt vars and are checked by `company.settings`.
"""

import dataclasses
import datetime as dt
import getpass
import os
import zoneinfo
from collections.abc import Mapping
from pathlib import Path

from pipegen.errors import PipegenError
from pipegen.project import PROJECT, WORKPLACE
from pipegen.warehouses import Database, Schemas

TARGETS = ("duckdb", "postgres", "spark")


@dataclasses.dataclass(frozen=True)
class Settings:
    """Where a run reads and writes, and as of when. All paths are absolute.

    `as_of_text` and `raw_text` are as given, or empty. `accepted` has rules, or `rule:record`,
    whose failure is known and does not stop this run. On a server, `build_schema` is the prefix of
    the schemas to build in. `company_home` is given if the run builds in a home of its own.
    `names_seeds`: somebody said which rules apply; otherwise they are the demo company's.
    """

    home: Path
    seeds: Path
    raw_text: str
    as_of_text: str
    target: str
    accepted: tuple[str, ...] = ()
    build_schema: str = "pipegen_build"
    company_home: Path | None = None
    names_seeds: bool = True

    @classmethod
    def of(cls, environment: Mapping[str, str], **options: str | None) -> "Settings":
        """Settings from `PIPEGEN_*` variables, overridden by options that are not None.

        Raises `PipegenError` for a target that does not exist.
        """

        def given(name: str, default: str = "") -> str:
            option = options.get(name)
            value = option if option is not None else environment.get(f"PIPEGEN_{name.upper()}")
            return (value or default).strip()

        target = given("target", "duckdb")
        if target not in TARGETS:
            raise PipegenError(
                f"PIPEGEN_TARGET '{target}' is not one of {', '.join(TARGETS)}: "
                "name one of them, or leave it out for duckdb."
            )
        return cls(
            home=_path(given("home"), WORKPLACE / ".pipegen"),
            seeds=_path(given("seeds"), PROJECT / "seeds"),
            raw_text=given("raw"),
            as_of_text=given("as_of"),
            target=target,
            accepted=tuple(given("accept").replace(",", " ").split()),
            names_seeds=bool(given("seeds")),
        )

    def as_of(self, day: dt.date) -> "Settings":
        """The same settings, as of another day."""
        return dataclasses.replace(self, as_of_text=day.isoformat())

    @property
    def is_server(self) -> bool:
        """Whether the warehouse is on a server, rather than in a file."""
        return self.target != "duckdb"

    @property
    def warehouse(self) -> Database:
        """The published warehouse: what BI reads."""
        return Schemas(self.target, "") if self.is_server else self.home / "warehouse.duckdb"

    @property
    def build(self) -> Database:
        """The database that a run builds in. It is kept for inspection."""
        return Schemas(self.target, f"{self.build_schema}_") if self.is_server else self.landed

    @property
    def landed(self) -> Path:
        """The file that raw tables are landed in: the build, or what a server is loaded from."""
        return self.home / "build" / ("landed.duckdb" if self.is_server else "build.duckdb")

    @property
    def review(self) -> Database:
        """The warehouse as of the last Sunday for which a week was run."""
        if self.is_server:
            return Schemas(self.target, "review_")
        return self.home / "review" / "warehouse.duckdb"

    @property
    def dagster(self) -> Path:
        """Dagster's own folder: its `DAGSTER_HOME`."""
        return self.home / "dagster"

    @property
    def development(self) -> "Settings":
        """The user's settings for development, where parts are built and never published."""
        name = "".join(c if c.isalnum() or c in "-_" else "_" for c in getpass.getuser())
        return dataclasses.replace(
            self,
            home=self.home / "dev" / name,
            company_home=self.home,
            build_schema=f"pipegen_dev_{name.replace('-', '_').lower()}",
        )

    @property
    def company(self) -> "Settings":
        """The settings of the company's home, which has what every run reads: the demo, what is
        published, the log of runs, the actions."""
        return dataclasses.replace(self, home=self.company_home or self.home, company_home=None)

    @property
    def demo(self) -> Path:
        """The folder for the demo company's raw tables."""
        return self.home / "demo"

    @property
    def is_demo(self) -> bool:
        """Whether the run is on the demo company, because no raw tables were named."""
        return not self.raw_text

    @property
    def raw(self) -> str:
        """The folder of the raw tables, or the word `warehouse`."""
        if self.is_demo:
            return str(self.demo / "raw")
        if self.raw_text == "warehouse":
            return self.raw_text
        return str(_path(self.raw_text, WORKPLACE))


def as_of_day(text: str, *, default: dt.date | None, timezone: str) -> dt.date:
    """The as-of day: the text as a date, else the default, else today in the time zone.

    Raises `PipegenError` for a text that is not a date, and for a day in the future, when nobody
    knows what the CRM will contain.
    """
    today = dt.datetime.now(zoneinfo.ZoneInfo(timezone)).date()
    if not text:
        return default or today
    try:
        day = dt.date.fromisoformat(text)
        if text != day.isoformat():
            raise ValueError(text)
    except ValueError:
        raise PipegenError(
            f"PIPEGEN_AS_OF '{text}' is not a date: write it as YYYY-MM-DD."
        ) from None
    if day > today:
        raise PipegenError(
            f"PIPEGEN_AS_OF {text} is in the future (today is {today} in {timezone}): "
            "name today or an earlier day."
        )
    return day


def _path(text: str, default: Path) -> Path:
    if not text:
        return default
    return Path(os.path.normpath(Path(text).expanduser().absolute()))
