"""What names in a CRM most likely mean: the words by which `pipegen init` proposes a set of seeds.

What belongs here: words, and what they are taken for. What does not: what is made of them
(`proposed`). A guess is always shown to a person, with its count, before anybody relies on it.

Of each list the first pattern that a name matches decides, so what is more particular stands first.
"""

import re
from collections.abc import Sequence

Words = Sequence[tuple[str, str]]


def guessed(name: str, words: Words) -> str | None:
    """What a name is taken for; None if no pattern matches."""
    text = name.strip().lower()
    return next((meaning for pattern, meaning in words if re.search(pattern, text)), None)


# Groups of stages whose name alone says it. `Closed` alone says neither.
STAGE_GROUPS: Words = (
    (r"not won|\blost\b|\bloss\b|no decision|disqualif|unqualif|abandon|cancel|\bdead\b", "lost"),
    (r"rejected|declined|withdrawn|no go\b|verloren|perdu|perdid", "lost"),
    (r"\bwon\b|gewonnen|gagn|ganad", "won"),
)

# Where open stages usually stand among each other, for those that nothing else tells apart.
STAGE_PLACES: Words = (
    (r"prospect|\bnew\b|inbound|target", "0"),
    (r"qualif", "1"),
    (r"discover|needs|research|meeting", "2"),
    (r"value prop|solution|demo|evaluat|technical|trial|proof|poc\b", "3"),
    (r"decision|perception|stakeholder|champion", "4"),
    (r"propos|quote|pricing|business case", "5"),
    (r"negotiat", "6"),
    (r"legal|contract|procure|verbal|commit|sign", "7"),
)
LAST_PLACE = 7

MOTIONS: Words = (
    (r"renew", "renewal"),
    (r"existing|up-?\s?sell|cross|expan|add-?\s?on|upgrade|amend|growth", "expansion"),
    (r"\bnew\b|new[-_ ]|acquisition|land\b", "new_business"),
)

TEAMS: Words = (
    (r"\b[sb]drs?\b|sales dev|business dev|lead dev|outbound", "sdr"),
    (r"sales op|rev(enue)?\s?op|system|admin|integration|finance|engineer|legal", "other"),
    (r"partner|channel|alliance|reseller", "partner"),
    (r"customer|\bcsms?\b|success|support|renewal|onboarding", "cs"),
    (r"market|demand gen|growth", "marketing"),
    (r"\baes?\b|account exec|account man|sales|seller|closer|commercial", "ae"),
)

# Lead sources, campaign types and the CRM's own field of who created a deal.
SOURCES: Words = (
    (r"partner|reseller|channel|alliance|distribut|affiliate", "partner"),
    (r"self[-_ ]?serv|sign[-_ ]?up|free trial|\bplg\b|in[-_ ]app|product[-_ ]led", "self_serve"),
    (r"cold|outbound|\b[sb]drs?\b|sequence|sales dev|prospecting (list|call|email)", "sdr"),
    (r"\baes?\b|self[-_ ]sourced|referral|word of mouth|sales (rep|team)|account exec", "ae"),
    (r"web|inbound|content|white ?paper|e-?book|download|newsletter|e-?mail|nurture", "marketing"),
    (r"event|trade ?show|conference|expo|seminar|road ?show|summit|field", "marketing"),
    (r"paid|\bads?\b|advert|google|facebook|linkedin|social|search|\bseo\b|organic", "marketing"),
    (r"market|campaign|public rel|\bpr\b|press|list|phone inq|chat|form", "marketing"),
    (r"direct mail|media|syndicat|review site|g2|capterra", "marketing"),
)

# Roles of contacts who sign or decide.
DECIDES: Words = ((r"decision|economic|executive|sponsor|buyer|approver|signatory", "decides"),)

LIFECYCLE: Words = (
    (r"recycl|nurtur|re-?engage", "recycled"),
    (r"disqualif|unqualif|not converted|reject|junk|invalid|bad|dead|lost|spam", "rejected"),
    (r"\bmql\b|marketing[-_ ]qual|marketing[-_ ]ready", "mql"),
    (r"\bsal\b|accepted", "sal"),
    (r"\bsql\b|qualified|converted|opportunity|meeting (set|booked)", "sql"),
    (r"not contacted|\bnew\b|\bopen\b|inquiry|known|engaged|raw|subscriber|^lead$", "inquiry"),
    (r"working|contacted|in progress|attempt|connected|assigned", "sal"),
)

# A company's own columns, by the setting that names them: which table has it, and how it is called.
CUSTOM: Sequence[tuple[str, str, str]] = (
    ("pipeline_source", "salesforce.opportunity",
     r"(pipeline|opportunity|opp|deal|sourced?)[ _]?(source|origin|by)|lead[ _]?origin"),
    ("is_recycled", "salesforce.opportunity", r"recycl|reopen|resurrect"),
    ("cloned_from", "salesforce.opportunity", r"clone"),
    ("loss_reason", "salesforce.opportunity", r"(loss|lost).*reason|reason.*(loss|lost)"),
    ("rejection_reason", "salesforce.lead", r"(reject|disqualif|unqualif|dead).*reason"),
    ("contact_status", "salesforce.contact", r"status"),
)  # fmt: skip
