"""Dagster: assets, checks, the job, schedules, sensors and weeks.

What belongs here: what Dagster is told of the project, and which step of a run makes what. What
does not: the steps themselves (`runs`), SQL, and what a person at a terminal sees (`cli`).
"""
