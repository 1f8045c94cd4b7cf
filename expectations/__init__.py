"""Great Expectations on what lands and on what is built.

What belongs here: suites as literal Python, one function per table (`landed`, `built`), their
thresholds with reasons (`bounds`), the frames they look at (`frames`) and how they are run
(`validate`). What does not: when they run and what a failure leads to, which is orchestration's;
and whatever a dbt test says already.

Nothing of Great Expectations is imported until a suite is asked for: it takes seconds to load.
"""
