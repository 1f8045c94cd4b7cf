"""Great Expectations on the landed tables and on the built ones.

What belongs here: suites as plain Python, one function per table (`landed`, `built`), their
thresholds with reasons (`bounds`), the frames they check (`frames`) and how they run (`validate`).
What does not: when they run and what a failure leads to (`runs.quality`), and anything that a dbt
test already checks.

Great Expectations is imported only when a suite is created: it takes seconds to load.
"""
