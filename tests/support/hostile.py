"""A company whose people typed, or were sent, what a page or a spreadsheet might run.

What belongs here: its raw tables and its rules. What does not: what is expected of the page.
"""

import csv
from pathlib import Path

from tests.support.running import write_company
from tests.support.seeds import default_seeds

AS_OF = "2026-05-20"

SCRIPT = "<script>window.ran = 1</script>"
IMAGE = '"><img src=x onerror="window.ran = 2">'
CLOSING = "</td></table></script><svg onload=window.ran=3>{{ 7 * 7 }}"
QUOTES = 'O\'Hara & "Sons" <b>GmbH</b> &amp; `${window.ran = 4}`'
ARABIC = "شركة النخبة للتجارة"
OVERRIDE = "invoice\u202efdp.exe"
EMOJI = "🚀 Über-Größe 👩‍👩‍👧 Ltd"
LONG = "Konzern" * 42 + " und Co"
FORMULA = '=HYPERLINK("http://attacker.example","won")'
COMMAND = "@SUM(1+1)*cmd|' /C calc'!A0"
PLUS = "+1-555 call me"
MINUS = "-2+3"
TAB = "\t=1+1"

NAMES = (
    SCRIPT, IMAGE, CLOSING, QUOTES, ARABIC, OVERRIDE, EMOJI, LONG, FORMULA, COMMAND, PLUS, MINUS,
    TAB,
)  # fmt: skip
FORMULAS = (FORMULA, COMMAND, PLUS, MINUS)


def write(folder: Path) -> dict[str, object]:
    """The company's raw tables and seeds; returns the settings of a run."""
    accounts = [
        {"id": f"A{place}", "name": name, "number_of_employees": 10 * place + 1}
        for place, name in enumerate(NAMES)
    ]
    deals = [
        {
            "id": f"O{place}",
            "account_id": f"A{place}",
            # These stages are missing in the seed, so that they are shown as typed.
            "stage_name": "Evaluation" if place % 2 else name[:80],
            "amount": 1000 * (place + 1) + 0.25,
            "close_date": "2026-06-15",
            "created_date": "2026-02-03T10:00:00Z",
            "owner_id": IMAGE,
            "lead_source": "Partner",
            "type": "New Business",
            "probability": 40,
        }
        for place, name in enumerate(NAMES)
    ]
    won = [
        deal | {"id": f"W{place}", "stage_name": "Closed Won", "close_date": "2026-05-04"}
        for place, deal in enumerate(deals)
    ]
    leads = [
        {
            "id": f"L{place}",
            "email": f"l{place}@example.com",
            "company": name,
            "status": "Disqualified",
            "rejection_reason_c": name,
            "created_date": "2026-04-05T10:00:00Z",
            "number_of_employees": 50,
        }
        for place, name in enumerate(NAMES)
    ]
    raw = write_company(
        folder / "raw",
        {
            "account": accounts,
            "user": [{"id": IMAGE, "name": SCRIPT, "user_role_id": "R1"}],
            "user_role": [{"id": "R1", "name": "Account Executive"}],
            "opportunity": deals + won,
            "lead": leads,
            "lead_history": [
                {
                    "id": f"H{place}",
                    "lead_id": lead["id"],
                    "field": "Status",
                    "old_value": "MQL",
                    "new_value": "Disqualified",
                    "created_date": "2026-04-20T10:00:00Z",
                }
                for place, lead in enumerate(leads)
            ],
        },
    )
    programs = raw / "marketo"
    programs.mkdir(exist_ok=True)
    with (programs / "program.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["id", "name", "channel", "type", "status", "start_date"])
        for place, name in enumerate(NAMES):
            writer.writerow([place + 1, name, "Webinar", "event", "planned", "2026-06-01"])
    return {"raw": raw, "seeds": _seeds(folder / "seeds"), "as_of": AS_OF}


def _seeds(folder: Path) -> Path:
    default_seeds(folder)
    with (folder / "review_actions.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(
            ["action_id", "opened_on", "team", "owner", "action", "due_on", "status", "closed_on",
             "outcome", "metric"]
        )  # fmt: skip
        for place, name in enumerate(NAMES):
            done = ["done", "2026-05-12", name] if place % 3 == 0 else ["open", "", ""]
            writer.writerow(
                [f"{place}{name[:8].strip()}", "2026-05-01", "sdr", name, name, "2026-05-10",
                 *done, name[:40]]
            )  # fmt: skip
    _replace(folder / "segments.csv", "mid_market", FORMULA.replace('"', '""'), is_quoted=True)
    return folder


def _replace(path: Path, word: str, other: str, *, is_quoted: bool) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(word, f'"{other}"' if is_quoted else other), encoding="utf-8")
