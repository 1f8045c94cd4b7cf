"""Owners of deals, as the packet names them.

What belongs here: the one rule by which a user's name is shown. What does not: who owns what.
"""

# What core holds of a user in place of the name where `mask_personal_data` is set.
MASK = "masked-%"


def named(owner_id: str, users: str = "users") -> str:
    """SQL for the name of an owner, of a query that joins `core.dim_users` as `users` on its id.

    The id where the CRM has no such user, and where names are masked: it can be looked up in the
    CRM by who may, and a token can't.
    """
    return (
        f"coalesce(case when {users}.user_name not like '{MASK}' then {users}.user_name end, "
        f"{owner_id})"
    )
