"""Publishing: the file that BI reads, and what passes from one publication to the next.

What belongs here: carrying the published state into a build, and putting a build in the place of
the published warehouse in one step. What does not: what is in the tables.
"""

from pipegen.publishing.carry import carry, remember
from pipegen.publishing.publish import publish

__all__ = ["carry", "publish", "remember"]
