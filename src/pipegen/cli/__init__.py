"""The `pipegen` command and what a person at a terminal sees.

What belongs here: commands, options, exit codes, progress, tables. What does not: what they do.
"""
