"""Publishing: the file that BI reads, and the state carried from one publication to the next.

What belongs here: copying the published state into a build, and replacing the published warehouse
with a build atomically. What does not: what is in the tables.
"""

from pipegen.publishing.carry import carry, remember
from pipegen.publishing.publish import publish

__all__ = ["carry", "publish", "remember"]
