"use strict";
(() => {
  const value = (cell) => (cell.dataset.v === undefined ? cell.textContent : cell.dataset.v);
  const numeric = new Set(["money", "count", "number", "share", "days"]);
  const status = document.getElementById("status");

  // Numbers by size, the rest by the alphabet; what is absent stays last either way.
  const compare = (a, b, isNumber) =>
    isNumber ? Number(a) - Number(b) : a.localeCompare(b, undefined, { numeric: true });

  const sort = (table, head) => {
    const place = [...head.parentNode.children].indexOf(head);
    const isNumber = numeric.has(head.dataset.kind);
    const was = head.getAttribute("aria-sort");
    const isDown = was ? was === "ascending" : isNumber;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [value(row.cells[place]), row]);
    rows.sort(([a], [b]) => {
      if (a === "" || b === "") return (a === "") - (b === "");
      return compare(a, b, isNumber) * (isDown ? -1 : 1);
    });
    body.append(...rows.map(([, row]) => row));
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
    status.textContent = `Sorted by ${head.textContent}, ${isDown ? "descending" : "ascending"}`;
  };

  // A spreadsheet runs what begins like a formula; numbers are left as numbers.
  const guarded = (text, isNumber) => (!isNumber && /^[\s]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? "'" + text : text);
  const quoted = (text) => (/[",;\n\r\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

  const csv = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const lines = [heads.map((head) => head.dataset.name)];
    for (const row of table.tBodies[0].rows) {
      lines.push(
        [...row.cells].map((cell, place) => guarded(value(cell), numeric.has(heads[place].dataset.kind)))
      );
    }
    return "\ufeff" + lines.map((line) => line.map(quoted).join(",")).join("\r\n") + "\r\n";
  };

  for (const table of document.querySelectorAll("table[id]")) {
    for (const head of table.tHead.rows[0].cells) {
      head.querySelector("button").addEventListener("click", () => sort(table, head));
    }
  }
  for (const button of document.querySelectorAll("button.csv")) {
    button.addEventListener("click", () => {
      const table = document.getElementById(button.dataset.for);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" }));
      link.download = `${button.dataset.for}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      status.textContent = `${link.download} downloaded`;
    });
  }
})();
