"""Part 3, joint actions: the results of the last ones, and what the rules propose."""

from pipegen.review import words
from pipegen.review.blocks import Exhibit, Section, Tile
from pipegen.review.context import Context
from pipegen.review.owners import named
from pipegen.review.published import Published, Row
from pipegen.review.tables import PageColumn, table

UNITS = {
    "share": words.share,
    "amount": words.short,
    "count": lambda value: words.count(None if value is None else round(value)),
}


def section(published: Published, context: Context, agreed: list[Row]) -> Section:
    """The actions of the last meeting, then the proposals for this one.

    `agreed` are the actions, the latest first (`review.actions`).
    """
    return Section(
        id="joint-actions",
        title="Part 3: joint actions" if context.has("contribution") else "Part 2: actions",
        lead="Last time's first. A proposal that is agreed becomes an action; its id stays.",
        minutes=context.meeting.minutes_of("actions"),
        exhibits=[
            _last_time(published, context, agreed),
            _proposed(published, context, agreed),
        ],
    )


def proposals(published: Published, agreed: list[Row] | None = None) -> list[Row]:
    """What the rules propose, with values formatted for reading.

    A proposal is agreed where an open action has its id as the metric, also one of those `agreed`
    since the last run.
    """
    rows = published.rows(
        f"select proposals.*, owners.owner, {named('proposals.subject')} as subject_name "
        "from marts.review_proposals as proposals "
        "left join core.dim_source_owners as owners "
        "on proposals.owner_team = owners.pipeline_source "
        "left join core.dim_users as users "
        "on proposals.rule = 'findings_open' and proposals.subject = users.user_id "
        "order by open_action_id is not null, "
        "gap_amount desc nulls last, rule, gap desc, proposal_id"
    )
    for row in rows:
        shown = UNITS[row["unit"]]
        row["shown_value"] = shown(row["value"])
        row["shown_reference"] = words.ABSENT if not row["reference"] else shown(row["reference"])
        row["shown_gap"] = shown(row["gap"])
        # By id in the action that it becomes, which may be sent on; by name on the page.
        subject = " ".join(words.name(word) for word in row["subject"].split(" "))
        row["shown_proposal"] = row["proposal"].replace(row["subject"], subject)
        row["named_proposal"] = (
            row["proposal"].replace(row["subject"], row["subject_name"])
            if row["rule"] == "findings_open"
            else row["shown_proposal"]
        )
    if agreed is not None:
        _mark_agreed(rows, agreed)
    return rows


def _mark_agreed(rows: list[Row], agreed: list[Row]) -> None:
    """Name each proposal's open action, those that are agreed last."""
    is_open = {row["action_id"]: row["is_open"] for row in agreed}
    for row in rows:
        own = [
            one["action_id"]
            for one in agreed
            if one["is_open"] and one["metric"] == row["proposal_id"]
        ]
        if own:
            row["open_action_id"] = min(own)
        elif not is_open.get(row["open_action_id"]):
            row["open_action_id"] = None
    rows.sort(key=lambda row: row["open_action_id"] is not None)


def state(row: Row, context: Context) -> str:
    """What has become of an action since the previous meeting."""
    if row["is_removed"]:
        return "struck off"
    if row["is_overdue"]:
        return "overdue"
    if not row["is_open"]:
        return "done" if row["status"] in ("done", "closed") else row["status"]
    if row["changed_on"] and row["changed_on"] > context.since:
        return "changed"
    return "open"


def _last_time(published: Published, context: Context, agreed: list[Row]) -> Exhibit:
    mart = "marts.review_actions"
    rows = context.concerning(agreed, "team")
    for row in rows:
        row["state"] = state(row, context)
    changed = (PageColumn("changed_fields", "Changed"),)
    order = ("overdue", "changed", "open", "done", "struck off")
    rows.sort(key=lambda row: order.index(row["state"]) if row["state"] in order else len(order))
    columns = (
        PageColumn("action_id", "Id"),
        PageColumn(
            "state",
            "State",
            meaning="What it has come to: overdue, changed since the last review, open, done, "
            "cancelled, or struck off the list.",
        ),
        PageColumn("action", "Action"),
        PageColumn("team", "Team", "name"),
        PageColumn("owner", "Owner", meaning="The person who does it."),
        PageColumn("due_on", "Due", "day"),
        PageColumn("metric", "Metric"),
        PageColumn("opened_on", "Agreed", "day"),
        PageColumn("closed_on", "Closed", "day"),
        PageColumn("outcome", "Outcome"),
        *(changed if any(row["changed_fields"] for row in rows) else ()),
    )
    counts = {
        word: sum(1 for row in rows if row["state"] == word)
        for word in ("overdue", "changed", "open")
    }
    closed = sum(1 for row in rows if row["closed_on"] and row["closed_on"] > context.since)
    if not rows:
        says = "No action has been agreed so far; the list is the seed review_actions."
    else:
        says = (
            f"Since {words.day(context.since)}: {closed} closed. Now {counts['overdue']} overdue, "
            f"{counts['open'] + counts['changed']} open and in time, of which "
            f"{counts['changed']} changed."
        )
    return Exhibit(
        id="last-time",
        title="Last time's actions",
        says=says,
        tiles=(
            Tile("Overdue", str(counts["overdue"]), "", "bad" if counts["overdue"] else "good"),
            Tile("Open, in time", str(counts["open"] + counts["changed"])),
            Tile("Closed since last time", str(closed)),
        )
        if rows
        else (),
        tables=(table(published, "actions", "Actions", mart, columns, rows),) if rows else (),
        terms=("action",),
        is_open=True,
    )


def _proposed(published: Published, context: Context, agreed: list[Row]) -> Exhibit:
    mart = "marts.review_proposals"
    rows = context.concerning(proposals(published, agreed), "owner_team")
    columns = (
        PageColumn("proposal_id", "Id"),
        PageColumn("named_proposal", "Proposal", meaning="What is proposed, in words."),
        PageColumn("shown_value", "Is", meaning="What is."),
        PageColumn("shown_reference", "Against", meaning="What it is measured against."),
        PageColumn("shown_gap", "Gap", meaning="What lies between, in the unit of the two."),
        PageColumn("owner_team", "Team", "name"),
        PageColumn("owner", "Owner", meaning="Who answers for that team as a source."),
        PageColumn("open_action_id", "Action"),
    )
    taken = sum(1 for row in rows if row["open_action_id"])
    left = [row["proposal_id"] for row in rows if not row["open_action_id"]]
    if not rows:
        says = "No rule finds anything to propose."
    else:
        says = (
            f"{words.plural(len(rows), 'proposal')} by the rules of the seed proposal_rules"
            + (f", {taken} of them agreed already" if taken else "")
            + (". To agree on one, name its id, as here for the first." if left else ".")
        )
    return Exhibit(
        id="proposals",
        title="This time's proposals",
        says=says,
        tables=(table(published, "proposals", "Proposals", mart, columns, rows),) if rows else (),
        terms=("proposal",),
        is_open=True,
        # In quotes: an id may have a space.
        command=f'pipegen action add --proposal "{left[0]}"' if left else "",
    )
