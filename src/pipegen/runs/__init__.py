"""A run: its plan, its home, its steps in their order, and what it leaves behind.

What belongs here: what one step passes on to the next, the log of runs, the lock. What does not:
how a step does its work, Dagster (`orchestration`), and the terminal (`cli`).
"""
