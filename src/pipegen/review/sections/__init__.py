"""The parts of a packet, in the order of the meeting.

What belongs here: what is asked of the warehouse, and the sentence that answers. What does not:
sums and rules, which are the marts'.
"""
