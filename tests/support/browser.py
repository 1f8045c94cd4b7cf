"""The review's page in a real browser that has no network.

What belongs here: opening the page and reading it back. What does not: what it should say.
"""

import contextlib
import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.support.running import Warehouse

WIDTHS = (1440, 390)

# As long as a page may take on a machine that is busy with other tests: nobody asks how fast it is.
PATIENCE_MS = 180_000
SCHEMES = ("light", "dark")

READ = """
(chosen) => [...document.querySelectorAll(chosen)].map((table) => {
  const heads = [...table.tHead.rows[0].cells];
  return {
    id: table.id,
    mart: table.dataset.mart,
    names: heads.map((head) => head.dataset.name),
    kinds: heads.map((head) => head.dataset.kind),
    shown: [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
    rows: [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) =>
      cell.dataset.v === undefined ? cell.textContent : cell.dataset.v)),
  };
})
"""

# What a row, a definition or a label of a drawing looks like is in its elements, in these of their
# attributes, and in whether they hold text.
KEEP_DIFFERENT = """
() => {
  const looks = ["class", "style", "fill", "opacity", "font-size", "font-weight"];
  for (const parent of document.querySelectorAll("tbody, dl, svg g")) {
    const seen = new Set();
    for (const child of [...parent.children]) {
      const look = [child, ...child.querySelectorAll("*")].map((one) => [one.tagName,
        ...looks.map((name) => one.getAttribute(name)), one.textContent.trim() === ""].join())
        .join(" ");
      if (seen.has(look)) child.remove();
      seen.add(look);
    }
  }
}
"""


@dataclasses.dataclass
class Shown:
    """An open page, and everything that the browser complained of."""

    page: Page
    complaints: list[str]

    def tables(self) -> dict[str, dict[str, Any]]:
        """The tables on the page, as the browser has them."""
        return {one["id"]: one for one in self.page.evaluate(READ, "table[id]")}

    def table(self, id_: str) -> dict[str, Any]:
        """One table on the page."""
        [found] = self.page.evaluate(READ, f"table#{id_}")
        return found

    def keep_what_looks_different(self) -> None:
        """Remove rows, definitions and labels that differ from one beside them in text alone."""
        self.page.evaluate(KEEP_DIFFERENT)

    def open_all(self) -> None:
        """Open everything that is folded away."""
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")


@contextlib.contextmanager
def opened(
    browser: Browser, path: Path, width: int = 1440, scheme: str = "light", **options: Any
) -> Iterator[Shown]:
    """The page at `path`, opened as a file with the network off."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **options
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (complaints.append("a dialog opened"), dialog.dismiss()))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:", "blob:"))
            else complaints.append(f"asked for {request.url}")
        ),
    )
    page.goto(path.resolve().as_uri())
    try:
        yield Shown(page, complaints)
    finally:
        context.close()


def written(value: object) -> str:
    """A value of a mart as the page keeps it behind a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return repr(value)
    if hasattr(value, "strftime"):
        text = value.isoformat(sep=" ") if hasattr(value, "hour") else value.isoformat()
        return text[:19]
    return str(value)


def page_of(warehouse: Warehouse) -> Path:
    """The page of the latest packet."""
    return warehouse.path.parent / "review" / "latest" / "index.html"
