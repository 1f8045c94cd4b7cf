"""The parts of a packet, in the order of the meeting.

What belongs here: the queries, and the sentences that answer the questions. What does not: sums and
rules, which belong in the marts.
"""
