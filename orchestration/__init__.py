"""Orchestration: what runs when, and what a person at a terminal sees of it.

What belongs here: settings, the steps of a run and their order, the console. What does not: SQL,
model names and thresholds, which are dbt's; reading raw files (`landing`); the published file
(`publishing`).
"""
