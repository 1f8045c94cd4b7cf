"""Queries of the published warehouse that several parts of the package have to ask in one way.

What belongs here: a question whose answer people read in more than one place. What does not: a
query of one page or one message, which stands there.
"""

# Which sources are behind: those of which the scorecard's latest week wants a recovery plan, the
# furthest behind first.
SOURCES_BEHIND = (
    "select pipeline_source, behind_pct from marts.source_scorecard "
    "where week_start = (select max(week_start) from marts.source_scorecard) "
    "and needs_recovery_plan order by behind_pct desc, pipeline_source"
)
