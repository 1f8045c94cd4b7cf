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
