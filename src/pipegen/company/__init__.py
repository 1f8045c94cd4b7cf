"""A company's own rules and settings: its seeds, its `settings.yml`, and what is wrong with them.

What belongs here: reading and checking what a company writes itself. What does not: raw tables
(`landing`), and what a rule does, which the models define.
"""
