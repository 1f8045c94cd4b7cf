"""Short definitions of the terms in the packet.

What belongs here: one or two sentences per term. What does not: the rules themselves, which are in
the definitions, and what a column means, which is in the column's comment.
"""

from collections.abc import Mapping
from typing import Any


def terms(settings: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The terms by anchor: the term and its meaning, with the company's own settings filled in."""
    excluded = ", ".join(settings["coverage_excluded_sources"]) or "none"
    return {
        "as-of": (
            "As of",
            "The day that every number answers for, to its end in the company's time zone. Nothing "
            "later is in it.",
        ),
        "acceptance": (
            "Acceptance",
            "MQLs that sales accepted, of those it accepted or rejected. MQLs not decided on, or "
            "handed back to marketing, are in neither.",
        ),
        "action": (
            "Action",
            "What was agreed in a review, with an owner and a day. Its id stays, and every form "
            "it had is kept.",
        ),
        "at-risk": (
            "At risk",
            "An open deal that is stalled (longer in its stage than won deals of its segment took "
            "from qualified to closed, on average), overdue (close date passed), pushed to a later "
            f"quarter {settings['pushed_count']} times or more, or inactive (no task, meeting or "
            f"change within {settings['stale_days']} days). Deals in the reconciled pipeline and "
            "others are counted apart.",
        ),
        "attribution": (
            "Attribution",
            "A deal's amount shared out over the marketing touches that count for it. Each model "
            "shares out the whole amount, so that models are compared and never added.",
        ),
        "benchmark": ("Benchmark", "What other firms report, with year and origin."),
        "bridge": (
            "Bridge",
            "The way from a team's view to the reconciled pipeline: what is taken out, by the "
            "first reason that applies, and what is missing from the view. It adds up to the cent.",
        ),
        "close-quarter": (
            "Expected close quarter",
            "The quarter of the close date that a deal had on the day it qualified. Later pushes "
            "change nothing of it.",
        ),
        "coverage": (
            "Coverage",
            "Open pipeline closing in a quarter, as a multiple of what is left of its quota. "
            "Renewals are in neither: quotas are for new business and expansion.",
        ),
        "create-by": (
            "Create by",
            "The last day on which a deal can be created and still, at the median cycle, close in "
            "the quarter.",
        ),
        "created-to-won": (
            "Created to won",
            "What has become of the net-new deals of a quarter: won, lost or open as of today, "
            "whenever they closed. Their age is counted from the end of that quarter.",
        ),
        "cycle": (
            "Cycle",
            "Days from qualified to closed of deals won in the last four full quarters.",
        ),
        "double-counting": (
            "Double counting",
            "The sum of the four views at full amounts, less each deal once.",
        ),
        "due": (
            "Due by now",
            "The part of what is required that should be open already. It grows day by day over "
            "the creation window: as many days as the quarter has, ending on the create-by day.",
        ),
        "engagement": (
            "Engagement",
            "Marketing touches of the people of an account, whether or not they count for a deal, "
            "in the last 30 days and in the 60 before.",
        ),
        "finding": (
            "Finding",
            "A record that breaks a rule, with its owner and the days on which it was first and "
            "last seen.",
        ),
        "forecast-view": (
            "Forecast view",
            "One of the four views: open deals in a late stage that close in the quarter, renewals "
            "included, each at its probability in the CRM.",
        ),
        "forward-view": (
            "Programs ahead",
            "Programs that start soon, each expected to bring the mean MQLs of past ones of its "
            "channel.",
        ),
        "gap": (
            "Gap",
            "What is required and not open, segment by segment: too much in one does not cover "
            "another.",
        ),
        "held": (
            "Held MQL",
            "A recorded MQL whom sales has neither accepted, rejected nor sent back.",
        ),
        "influenced": (
            "Influenced",
            "A deal with a marketing touch within "
            f"{settings['attribution_lookback_days']} days before it was created, or since.",
        ),
        "movement": (
            "Movement",
            "What took the reconciled pipeline from one day to another. Each part is counted from "
            "its own deals, none as a remainder.",
        ),
        "mql": (
            "MQL",
            "A person that marketing handed to sales, by the first such status that a log dates. "
            "Who only must have been one, having got further, is imputed and counted apart.",
        ),
        "mql-to-sql": (
            "MQL to SQL",
            "Share of the recorded MQLs of a period who are an SQL by now, recorded or imputed.",
        ),
        "net-new": (
            "Net-new",
            "A qualified deal that is no renewal, no duplicate and not recycled, in the period in "
            "which it first qualified, at its amount then. The audit starts at what the CRM's "
            "created dates claim.",
        ),
        "open": (
            "Open, no renewals",
            "Reconciled pipeline closing in the quarter, at full amounts, new business and "
            f"expansion. Sources that sellers do not win are left out ({excluded}).",
        ),
        "pace": (
            "Pace",
            "What is there to date, as a share of what should be there by now if the quarter's "
            "target came in evenly.",
        ),
        "plan": (
            "Plan",
            "Whether each team's ramped heads can create what is asked of it, and the running "
            "quarter has created its target to date. A quarter with a hole in quota, shares, "
            "targets or plan is not planned.",
        ),
        "proposal": (
            "Proposal",
            "Made by a rule with a threshold; the rules are data that the company can change.",
        ),
        "qualified": (
            "Qualified",
            "A deal in an open stage far enough along, with an amount, a close date ahead, a known "
            "source and a decision maker.",
        ),
        "reason": (
            "Win and loss reason",
            "The reason in the CRM, as typed, of deals with their close day in the quarter; "
            "renewals are among them, duplicates are not.",
        ),
        "response": (
            "Response",
            "The first task or meeting of an SDR or AE with an MQL, on the MQL's day or later. In "
            f"time: within {settings['mql_response_days']} days. A younger MQL without one is "
            "pending and in no share.",
        ),
        "reconciled": (
            "Reconciled pipeline",
            "Open deals that are qualified now and no duplicate of an open one, each once. It has "
            "renewals in it.",
        ),
        "recycled": (
            "Recycled",
            "A deal that comes from an earlier one: flagged, cloned, reopened, or within "
            f"{settings['recycle_window_days']} days of a loss on the same account.",
        ),
        "required": (
            "Required",
            "What is left of the quota, divided by your own win rate: the open pipeline that it "
            "takes.",
        ),
        "restatement": (
            "Restatement",
            "A number that a later run gives differently for the same day. Both are kept, with the "
            "cause.",
        ),
        "signals": (
            "Marketing's signals",
            "For each open deal the marketing touches that count for it, of the last 30 and 90 "
            "days, and who is on it; exported for the CRM.",
        ),
        "source": (
            "Source",
            "Who created the deal: decided once, by the company's own rules in their order.",
        ),
        "sourced": ("Sourced", "A deal whose source is marketing."),
        "stage-conversion": (
            "Stage conversion",
            "Of the deals that visited a stage for the first time in a period, those that went on "
            "to a later one or were won within it. Skipping a stage is no visit.",
        ),
        "velocity": (
            "Velocity",
            "Reconciled deals that are no renewals, times mean amount, times smoothed win rate, "
            "divided by the mean cycle: money a day.",
        ),
        "views": (
            "Views",
            "Marketing's, sales', customer success's and the forecast's way of counting open "
            "deals.",
        ),
        "win-rate": (
            "Win rate",
            "Won of closed in the last four full quarters, smoothed towards the whole company's "
            "where deals are few.",
        ),
        "weighted": (
            "Weighted pipeline",
            "Reconciled pipeline without renewals, each deal at its probability in the CRM. It is "
            "neither the forecast view nor a projection from past quarters.",
        ),
        "won": (
            "Won",
            "New business and expansion with its close day in the quarter, so far. Renewals stand "
            "beside it.",
        ),
        "zero-touch": (
            "Zero-touch",
            "A won deal without a marketing touch that counts; likely a gap in tracking where the "
            "MAP knows someone at the account.",
        ),
    }
