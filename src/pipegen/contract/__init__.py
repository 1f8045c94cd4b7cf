"""The raw side of the contract, as data: what is read, under which names, and in which words.

What belongs here: tables, columns, references, aliases and words. What does not: reading anything.
"""
