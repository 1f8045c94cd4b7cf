"""Dagster: assets, checks, the job, schedules, sensors and weeks.

What belongs here: the project as Dagster sees it, and which step of a run produces which asset.
What does not: the steps themselves (`runs`), SQL, and what a person at a terminal sees (`cli`).
"""
