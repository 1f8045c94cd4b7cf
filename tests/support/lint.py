"""The command `sqlfluff`, in half the time.

What belongs here: how it is started. What does not: what it checks, which is in `.sqlfluff`.
"""

import gc

from sqlfluff.cli.commands import cli

# A parsed file is a hundred thousand objects that stay until it is checked, and Python scans them
# again and again for cycles: half of the time. Said at the top, because the processes that sqlfluff
# starts import this module too.
gc.set_threshold(200_000, 20, 1_000)

if __name__ == "__main__":
    cli(prog_name="sqlfluff")
