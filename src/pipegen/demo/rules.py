"""The parts of the default seeds that the demo company's plan depends on.

What belongs here: constants copied from `seeds/*.csv`. They are copied, not read, because the truth
must be what was intended, not whatever a seed has today; `tests/unit/demo` fails if the two differ.
What does not: anything about a single deal.
"""

from __future__ import annotations

import datetime as dt

# The day from which the later version of the qualification rules is in force.
RULES_CHANGE_ON = dt.date(2025, 10, 1)
# Before and from that day: the minimum stage order, and the horizon in days. A decision maker is
# required only from that day.
MIN_STAGE_ORDER = (2, 3)
MAX_HORIZON_DAYS = (365, 270)

GRACE_DAYS = 7
DUPLICATE_WINDOW_DAYS = 3
RECYCLE_WINDOW_DAYS = 180
CLOSE_DAY_TOLERANCE_DAYS = 31
PLACEHOLDER_CENTS = (1, 100)

# Stages 1 to 6 are open, 7 is won, 8 is lost. Each stage may have any of its labels.
STAGE_LABELS = (
    ("Prospecting",),
    ("Discovery", "Needs Analysis"),
    ("Evaluation", "Technical Validation"),
    ("Proposal", "Proposal/Price Quote"),
    ("Negotiation", "Negotiation/Review"),
    ("Verbal Commit",),
    ("Closed Won",),
    ("Closed Lost", "Closed - No Decision"),
)
WON, LOST = 7, 8

MOTIONS = ("new_business", "expansion", "renewal")
TYPES = (
    ("New Business", "New Logo", "New Customer"),
    ("Existing Business", "Upsell", "Cross-Sell", "Add-On"),
    ("Renewal", "Existing Customer - Renewal"),
)

SOURCES = ("marketing", "sdr", "ae", "partner", "self_serve", "unknown")
SOURCE_FIELD = ("Marketing", "SDR Outbound", "AE Self-Sourced", "Partner", "Self Serve")
LEAD_SOURCES = (
    ("Web", "Webinar", "Content Download", "Paid Social", "Paid Search", "Event"),
    ("Cold Call", "Outbound Email"),
    ("AE Prospecting", "Customer Referral"),
    ("Partner Referral", "Reseller"),
    ("Product Signup",),
)
# The channel of a person whom no marketing touch reached in time. A referral says nothing of it.
LEAD_SOURCE_CHANNELS = {
    "Web": "web",
    "Webinar": "webinar",
    "Content Download": "content",
    "Paid Social": "paid_media",
    "Paid Search": "paid_media",
    "Event": "events",
    "Partner Referral": "partner",
    "Reseller": "partner",
    "Cold Call": "outbound",
    "Outbound Email": "outbound",
    "Product Signup": "web",
}
# Campaign types, in the order in which campaigns are numbered. The last two map to no source.
CAMPAIGN_TYPES = (
    "Webinar",
    "Trade Show",
    "Content Syndication",
    "Paid Media",
    "Partner Event",
    "Outbound Sequence",
    "Nurture",
    "Brand Awareness",
)
# What a response to a campaign of each type is. Of the other touches, these kinds are marketing's.
CAMPAIGN_CHANNELS = (
    "webinar", "events", "content", "paid_media", "partner", "outbound", "other", "other",
)  # fmt: skip
CAMPAIGN_IS_MARKETING = (True, True, True, True, False, False, True, True)
MARKETING_KINDS = ("social", "form_fill", "email_click", "web_visit")
CAMPAIGN_TYPES_OF_SOURCE = ((0, 1, 2, 3), (5,), (), (4,), ())
CREATOR_TEAMS_OF_SOURCE = (("marketing",), ("sdr",), ("ae", "cs"), ("partner",), ())

DECISION_ROLES = (
    "Decision Maker",
    "Economic Buyer",
    "Economic Decision Maker",
    "Executive Sponsor",
)
OTHER_ROLES = ("Influencer", "Technical Evaluator", "Business User", "Procurement")

# The default seed's exclusions in force at AS_OF: ordinals of accounts, and of accounts where only
# the first deal is excluded. Accounts 3 and 4 have an exclusion that has ended or not started.
EXCLUDED_ACCOUNTS = {2: "reseller's own purchases", 5: "subsidiary"}
EXCLUDED_FIRST_DEALS = {0: "test record", 1: "internal project"}
NAMED_ACCOUNTS = 6
