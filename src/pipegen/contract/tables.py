"""The raw tables as the contract promises them, as data.

What belongs here: which systems, tables and columns are read, their types, and which of them are
required. What does not: where files are and how they are read (`files`, `warehouse`), and which
rows are kept (`load`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "id", "salesforce_id", "code", "email", "text", "number", "boolean", "date", "timestamp"
]

SQL_TYPES: Mapping[Kind, str] = {
    "id": "VARCHAR",
    # An id of 15 characters is the one of 18 with its checksum.
    "salesforce_id": "VARCHAR",
    # Text in upper case: codes that differ only in case are the same.
    "code": "VARCHAR",
    # Text that stands for a person, so that a word for null must not.
    "email": "VARCHAR",
    "text": "VARCHAR",
    "number": "DECIMAL(38,10)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


@dataclass(frozen=True)
class Column:
    """One column of a raw table. `custom` names the setting with the company's name for it."""

    name: str
    kind: Kind
    required: bool = False
    custom: str | None = None


@dataclass(frozen=True)
class Table:
    """One raw table. If it has no key, every row is kept."""

    system: str
    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False

    @property
    def label(self) -> str:
        """The table's name in messages: `salesforce.account`."""
        return f"{self.system}.{self.name}"


# Read from every table that has them, in addition to the table's own list.
BOOKKEEPING = (
    Column("system_modstamp", "timestamp"),
    Column("_fivetran_synced", "timestamp"),
    Column("_fivetran_deleted", "boolean"),
    # History mode: false for an old version of a record.
    Column("_fivetran_active", "boolean"),
    # By these a loader says which of two rows is newer, where neither change nor sync does.
    Column("_fivetran_start", "timestamp"),
    Column("_sdc_sequence", "number"),
)

# What a loader adds to a row, which tells no two rows apart.
OF_THE_LOADER = ("_fivetran_synced", "_fivetran_start", "_sdc_sequence")

CUSTOM_COLUMNS = {
    "pipeline_source": "pipeline_source_c",
    "is_recycled": "is_recycled_c",
    "cloned_from": "cloned_from_c",
    "loss_reason": "loss_reason_c",
    "contact_status": "contact_status_c",
    "rejection_reason": "rejection_reason_c",
}


def _table(name: str, columns: str, key: str = "id", required: bool = False) -> Table:
    """Build a table from `name:kind` words; a trailing `*` marks a required column."""
    system, table = name.split(".")
    keys = tuple(key.split())
    custom = {column: setting for setting, column in CUSTOM_COLUMNS.items()}
    built = []
    for word in columns.split():
        column, _, kind = word.rstrip("*").partition(":")
        must = word.endswith("*") or column in keys
        if kind == "id" and (system == "salesforce" or column.startswith("sfdc_")):
            kind = "salesforce_id"
        built.append(Column(column, kind or "text", must, custom.get(column)))  # type: ignore[arg-type]
    return Table(system, table, keys, tuple(built), required)


_ACTIVITY = """
    id:id lead_id:id activity_date:timestamp primary_attribute_value campaign_id:id
"""

# Every column that the contract says is read. Some are read by no model (next_step; a task's
# subject and status): they decide whether two rows with one key are the same row, and are kept with
# the rows set aside.
TABLES: tuple[Table, ...] = (
    _table(
        "salesforce.account",
        """id:id name industry number_of_employees:number annual_revenue:number billing_country
        parent_id:id owner_id:id created_date:timestamp master_record_id:id is_deleted:boolean
        currency_iso_code:code""",
        required=True,
    ),
    _table(
        "salesforce.contact",
        """id:id account_id:id email:email lead_source created_date:timestamp title
        master_record_id:id contact_status_c is_deleted:boolean""",
    ),
    _table(
        "salesforce.contact_history",
        """id:id contact_id:id field old_value new_value created_date:timestamp
        is_deleted:boolean""",
    ),
    _table(
        "salesforce.lead",
        """id:id email:email company lead_source status rejection_reason_c owner_id:id
        created_date:timestamp is_converted:boolean converted_date:timestamp
        converted_account_id:id converted_contact_id:id converted_opportunity_id:id
        master_record_id:id is_deleted:boolean number_of_employees:number""",
    ),
    _table(
        "salesforce.lead_history",
        """id:id lead_id:id field old_value new_value created_date:timestamp is_deleted:boolean""",
    ),
    _table(
        "salesforce.opportunity",
        """id:id account_id:id* name stage_name* amount:number probability:number close_date:date
        created_date:timestamp* created_by_id:id last_modified_date:timestamp type lead_source
        campaign_id:id owner_id:id forecast_category is_deleted:boolean currency_iso_code:code
        next_step pipeline_source_c is_recycled_c:boolean cloned_from_c:id loss_reason_c
        system_modstamp:timestamp""",
        required=True,
    ),
    _table(
        "salesforce.opportunity_history",
        """id:id opportunity_id:id created_date:timestamp stage_name amount:number close_date:date
        probability:number forecast_category currency_iso_code:code system_modstamp:timestamp
        is_deleted:boolean""",
    ),
    _table(
        "salesforce.opportunity_field_history",
        """id:id opportunity_id:id field old_value new_value created_date:timestamp
        is_deleted:boolean""",
    ),
    _table(
        "salesforce.opportunity_contact_role",
        """id:id opportunity_id:id contact_id:id role is_primary:boolean created_date:timestamp
        is_deleted:boolean""",
    ),
    _table(
        "salesforce.user",
        "id:id name email:email user_role_id:id manager_id:id is_active:boolean",
        required=True,
    ),
    _table("salesforce.user_role", "id:id name"),
    _table(
        "salesforce.campaign",
        """id:id name type status start_date:date end_date:date actual_cost:number parent_id:id
        created_date:timestamp is_deleted:boolean""",
    ),
    # Some loaders give first_responded_date a time; a bare date is the business day.
    _table(
        "salesforce.campaign_member",
        """id:id campaign_id:id lead_id:id contact_id:id status has_responded:boolean
        first_responded_date:timestamp created_date:timestamp is_deleted:boolean""",
    ),
    _table(
        "salesforce.task",
        """id:id who_id:id what_id:id account_id:id owner_id:id subject task_subtype type status
        is_closed:boolean activity_date:date completed_date_time:timestamp created_date:timestamp
        is_deleted:boolean""",
    ),
    _table(
        "salesforce.event",
        """id:id who_id:id what_id:id account_id:id owner_id:id subject start_date_time:timestamp
        created_date:timestamp is_deleted:boolean""",
    ),
    _table(
        "salesforce.currency_type",
        "iso_code:code conversion_rate:number is_corporate:boolean",
        key="iso_code",
    ),
    _table(
        "salesforce.dated_conversion_rate",
        "id:id iso_code:code conversion_rate:number start_date:date next_start_date:date",
    ),
    _table(
        "marketo.lead",
        """id:id email:email company lead_source created_at:timestamp sfdc_lead_id:id
        sfdc_contact_id:id sfdc_account_id:id original_source_type lead_status""",
    ),
    _table(
        "marketo.activity_change_data_value",
        """id:id lead_id:id activity_date:timestamp primary_attribute_value old_value new_value""",
    ),
    _table("marketo.activity_fill_out_form", _ACTIVITY),
    _table("marketo.activity_click_email", _ACTIVITY),
    _table("marketo.activity_open_email", _ACTIVITY),
    _table("marketo.activity_visit_webpage", _ACTIVITY),
    _table(
        "marketo.activity_merge_leads",
        "id:id lead_id:id activity_date:timestamp merge_ids",
    ),
    # Smart campaigns, which belong to programs.
    _table("marketo.campaign", "id:id name program_id:id"),
    _table(
        "marketo.program",
        """id:id name channel type status start_date:date end_date:date created_at:timestamp
        sfdc_id:id""",
    ),
    _table(
        "marketo.program_membership",
        """id:id program_id:id membership_date:timestamp progression_status reached_success:boolean
        reached_success_date:timestamp""",
        key="id program_id",
    ),
    _table("marketo.program_cost", "program_id:id start_date:date cost:number", key=""),
)

@dataclass(frozen=True)
class Reference:
    """A column of which each value is the id of a row of one of some tables.

    Without the rows that it leads to, a history or a list of roles says nothing: `is_essential`.
    """

    table: str
    column: str
    leads_to: tuple[str, ...]
    is_essential: bool = False

    @property
    def label(self) -> str:
        """The reference's name in messages: `salesforce.contact.account_id`."""
        return f"{self.table}.{self.column}"


def _references(words: str) -> Iterator[Reference]:
    """References from lines of `table.column table …`; a trailing `*` marks an essential one."""
    for line in words.split("\n"):
        if line.strip():
            reference, *leads_to = line.split()
            table, _, column = reference.rstrip("*").rpartition(".")
            yield Reference(table, column, tuple(leads_to), reference.endswith("*"))


# Left out are references to what is not loaded as a rule (a task's subject may be a record of any
# kind, a lead's owner a queue), and to leads of the MAP that were merged away.
REFERENCES: tuple[Reference, ...] = tuple(
    _references(
        """
        salesforce.account.parent_id salesforce.account
        salesforce.account.owner_id salesforce.user
        salesforce.contact.account_id salesforce.account
        salesforce.contact_history.contact_id* salesforce.contact
        salesforce.lead.converted_account_id salesforce.account
        salesforce.lead.converted_contact_id salesforce.contact
        salesforce.lead.converted_opportunity_id salesforce.opportunity
        salesforce.lead_history.lead_id* salesforce.lead
        salesforce.opportunity.account_id salesforce.account
        salesforce.opportunity.owner_id salesforce.user
        salesforce.opportunity.campaign_id salesforce.campaign
        salesforce.opportunity_history.opportunity_id* salesforce.opportunity
        salesforce.opportunity_field_history.opportunity_id* salesforce.opportunity
        salesforce.opportunity_contact_role.opportunity_id* salesforce.opportunity
        salesforce.opportunity_contact_role.contact_id* salesforce.contact
        salesforce.user.user_role_id salesforce.user_role
        salesforce.user.manager_id salesforce.user
        salesforce.campaign.parent_id salesforce.campaign
        salesforce.campaign_member.campaign_id* salesforce.campaign
        salesforce.campaign_member.lead_id salesforce.lead
        salesforce.campaign_member.contact_id salesforce.contact
        salesforce.task.who_id salesforce.contact salesforce.lead
        salesforce.task.account_id salesforce.account
        salesforce.event.who_id salesforce.contact salesforce.lead
        salesforce.event.account_id salesforce.account
        marketo.lead.sfdc_lead_id salesforce.lead
        marketo.lead.sfdc_contact_id salesforce.contact
        marketo.lead.sfdc_account_id salesforce.account
        marketo.activity_fill_out_form.campaign_id marketo.campaign
        marketo.campaign.program_id marketo.program
        marketo.program.sfdc_id salesforce.campaign
        marketo.program_membership.program_id* marketo.program
        marketo.program_cost.program_id marketo.program
        """
    )
)

SYSTEMS: tuple[str, ...] = tuple(dict.fromkeys(table.system for table in TABLES))


def normalised(name: str) -> str:
    """A name without case, `_` and blanks: `CreatedDate` is `created_date` and `Created Date`."""
    return "".join(name.split()).replace("_", "").casefold()


def columns_read(table: Table) -> tuple[Column, ...]:
    """Every column that is read from the raw table, bookkeeping columns last."""
    listed = {column.name for column in table.columns}
    return table.columns + tuple(c for c in BOOKKEEPING if c.name not in listed)


def columns_landed(table: Table) -> tuple[Column, ...]:
    """The columns of the landed table, in order."""
    listed = {column.name for column in table.columns}
    more = (*BOOKKEEPING[:2], Column("is_deleted", "boolean"))
    return table.columns + tuple(c for c in more if c.name not in listed)
