"""Alerts: who gets which message, and that each message arrives once.

What belongs here: the text of messages, their audiences, delivery, and incidents. What does not:
finding what is wrong, which the models and the checks do.
"""
