"""The address of a record in the CRM.

What belongs here: filling the company's template. What does not: which records are shown.
"""

from urllib.parse import quote


def record_link(url_template: str, record_id: str) -> str:
    """The address of a record; empty if no template is set (`crm_url_template`)."""
    return url_template.replace("{record_id}", quote(record_id, safe="")) if url_template else ""
