"""Alerts: what is said to whom, and that it arrives once.

What belongs here: the words of messages, their audiences, delivery, and incidents. What does not:
what is found, which is the models' and the checks' to say.
"""
