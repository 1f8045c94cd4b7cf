"""Expectations on the landed tables, one function per frame.

What belongs here: suites. Each expectation names the rule of the rulebook that its failure breaks,
and the text of the finding. What does not: thresholds (`bounds`) and reading (`frames`).
"""

from typing import TYPE_CHECKING

from pipegen.expectations import bounds

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def tables() -> "ExpectationSuite":
    """Raw tables: rows compared with the last run, rows set aside, and tables without new rows."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="landed_tables",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="row_ratio",
                min_value=bounds.MIN_ROW_RATIO,
                severity=FailureSeverity.CRITICAL,
                meta={
                    "rule": "row_count_dropped",
                    "detail": "{row_count:,.0f} rows; the last run had {last_rows:,.0f}",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="row_ratio",
                max_value=bounds.MAX_ROW_RATIO,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "row_count_jumped",
                    "detail": "{row_count:,.0f} rows; the last run had {last_rows:,.0f}",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="set_aside_share",
                max_value=bounds.MAX_SET_ASIDE_SHARE,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "rows_often_set_aside",
                    "detail": "{set_aside_share:.0%} of {row_count:,.0f} rows stand for nothing",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="history_gap_days",
                max_value=bounds.MAX_HISTORY_GAP_DAYS,
                severity=FailureSeverity.CRITICAL,
                meta={
                    "rule": "history_stale",
                    "detail": "{history_gap_days:.1f} days behind the last change of any deal",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="gap_days",
                max_value=bounds.MAX_TABLE_GAP_DAYS,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "table_behind",
                    "detail": "{gap_days:.1f} days behind the last change of any deal",
                },
            ),
        ],
    )


def raw() -> "ExpectationSuite":
    """The raw tables as a whole: how recent they are, and people in the MAP against the CRM."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="landed_raw",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="days_behind_as_of",
                max_value=bounds.MAX_DAYS_BEHIND_AS_OF,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "raw_tables_stale",
                    "detail": "no deal was touched in the last {days_behind_as_of:.1f} days",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="map_crm_ratio",
                min_value=bounds.MIN_MAP_CRM_RATIO,
                max_value=bounds.MAX_MAP_CRM_RATIO,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "map_crm_out_of_step",
                    "detail": "{map_count:,.0f} people in the MAP, {crm_count:,.0f} in the CRM",
                },
            ),
        ],
    )


def opportunity_shares() -> "ExpectationSuite":
    """Deals as a whole: fields that no deal can do without."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="landed_opportunity_shares",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="created_date_null_share",
                max_value=bounds.MAX_CREATED_DATE_NULL_SHARE,
                severity=FailureSeverity.CRITICAL,
                meta={
                    "rule": "created_date_often_missing",
                    "detail": "{created_date_null_share:.0%} of all deals have no created date",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="stage_null_share",
                max_value=bounds.MAX_STAGE_NULL_SHARE,
                severity=FailureSeverity.CRITICAL,
                meta={
                    "rule": "stage_often_missing",
                    "detail": "{stage_null_share:.0%} of all deals have no stage",
                },
            ),
        ],
    )


def columns() -> "ExpectationSuite":
    """Columns that are read: what is needed can be read, and nothing the last run had is gone."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="landed_columns",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="unreadable_share",
                max_value=bounds.MAX_UNREADABLE_SHARE,
                strict_max=True,
                severity=FailureSeverity.CRITICAL,
                meta={
                    "rule": "column_unreadable",
                    "detail": "values that can't be read: {unread_count:,.0f}, "
                    "{unreadable_share:.0%} of all that are there",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="share_ratio",
                min_value=bounds.MIN_SHARE_RATIO,
                severity=FailureSeverity.CRITICAL,
                meta={
                    "rule": "column_vanished",
                    "detail": "{now}; the last run read one in {last_share:.0%} of the rows",
                },
            ),
        ],
    )


def references() -> "ExpectationSuite":
    """References between raw tables: each value leads to a row."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="landed_references",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="essential_lost_share",
                max_value=bounds.MAX_LOST_SHARE,
                strict_max=True,
                severity=FailureSeverity.CRITICAL,
                meta={
                    "rule": "history_leads_nowhere",
                    "detail": "{lost_count:,.0f} of {reference_count:,.0f} lead to no {leads_to}",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="lost_share",
                max_value=0,
                severity=FailureSeverity.INFO,
                meta={
                    "rule": "reference_lost",
                    "detail": "{lost_count:,.0f} of {reference_count:,.0f} ({lost_share:.1%}) "
                    "lead to no {leads_to}",
                },
            ),
        ],
    )


def corporate_currencies() -> "ExpectationSuite":
    """The CRM's corporate currency: the one in which the settings say that amounts are."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="landed_corporate_currencies",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="is_other",
                max_value=0,
                severity=FailureSeverity.CRITICAL,
                meta={
                    "rule": "corporate_currency_differs",
                    "detail": "it is the CRM's corporate currency, and the setting "
                    "corporate_currency says {corporate_currency}",
                },
            ),
        ],
    )


def null_words() -> "ExpectationSuite":
    """Words for null in ids, codes and e-mail addresses."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="landed_null_words",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="word_count",
                max_value=0,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "null_word",
                    "detail": "rows in which '{word}' or the like is read as empty: "
                    "{word_count:,.0f}",
                },
            ),
        ],
    )


def misencoded() -> "ExpectationSuite":
    """The encoding of CSV files."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="landed_misencoded",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="misencoded_count",
                max_value=0,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "not_utf8",
                    "detail": "rows with bytes outside the encoding UTF-8, which are read as the "
                    "character \ufffd: {misencoded_count:,.0f}, the first on line {first_line}",
                },
            ),
        ],
    )
