"""The command `sqlfluff`, in half the time.

What belongs here: how it is started, and what it need not work out again. What does not: what it
checks, which is in `.sqlfluff`.
"""

import gc
from typing import Any

from sqlfluff.cli.commands import cli
from sqlfluff.utils.reflow.sequence import ReflowSequence

# A parsed file is a hundred thousand objects that stay until it is checked, and Python scans them
# again and again for cycles: half of the time. Said at the top, because the processes that sqlfluff
# starts import this module too.
gc.set_threshold(200_000, 20, 1_000)

_sequence_of = ReflowSequence.from_root
_last: list[Any] = []


def _same_sequence(root: Any, config: Any) -> ReflowSequence:
    """A file's elements with their depths, which four rules of layout would each work out anew.

    None of the rules changes them: what one makes of them is another sequence.
    """
    if not _last or _last[0] is not root or _last[1] is not config:
        _last[:] = [root, config, _sequence_of(root, config)]
    return _last[2]


ReflowSequence.from_root = _same_sequence

if __name__ == "__main__":
    cli(prog_name="sqlfluff")
