"""What is expected of the tables as they landed, one function per frame.

What belongs here: suites, each expectation with the rule of the rulebook that its failure is, and
the words that tell of it. What does not: numbers (`bounds`) and reading (`frames`).
"""

from typing import TYPE_CHECKING

from expectations import bounds

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def tables() -> "ExpectationSuite":
    """Raw tables: rows against the last run, rows set aside, and whether a table stands still."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="landed_tables",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="row_ratio",
                min_value=bounds.MIN_ROW_RATIO,
                severity="critical",
                meta={
                    "rule": "row_count_dropped",
                    "detail": "{row_count:,.0f} rows; the last run had {last_rows:,.0f}",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="row_ratio",
                max_value=bounds.MAX_ROW_RATIO,
                severity="warning",
                meta={
                    "rule": "row_count_jumped",
                    "detail": "{row_count:,.0f} rows; the last run had {last_rows:,.0f}",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="set_aside_share",
                max_value=bounds.MAX_SET_ASIDE_SHARE,
                severity="warning",
                meta={
                    "rule": "rows_often_set_aside",
                    "detail": "{set_aside_share:.0%} of {row_count:,.0f} rows stand for nothing",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="history_gap_days",
                max_value=bounds.MAX_HISTORY_GAP_DAYS,
                severity="critical",
                meta={
                    "rule": "history_stale",
                    "detail": "{history_gap_days:.1f} days behind the last change of any deal",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="gap_days",
                max_value=bounds.MAX_TABLE_GAP_DAYS,
                severity="warning",
                meta={
                    "rule": "table_behind",
                    "detail": "{gap_days:.1f} days behind the last change of any deal",
                },
            ),
        ],
    )


def raw() -> "ExpectationSuite":
    """The raw tables as a whole: how far they reach, and the MAP's volume against the CRM's."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="landed_raw",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="days_behind_as_of",
                max_value=bounds.MAX_DAYS_BEHIND_AS_OF,
                severity="warning",
                meta={
                    "rule": "raw_tables_stale",
                    "detail": "no deal was touched in the last {days_behind_as_of:.1f} days",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="map_crm_ratio",
                min_value=bounds.MIN_MAP_CRM_RATIO,
                max_value=bounds.MAX_MAP_CRM_RATIO,
                severity="warning",
                meta={
                    "rule": "map_crm_out_of_step",
                    "detail": "{map_count:,.0f} people in the MAP, {crm_count:,.0f} in the CRM",
                },
            ),
        ],
    )


def opportunity_shares() -> "ExpectationSuite":
    """Deals as a whole: the share that lacks each field."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="landed_opportunity_shares",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="created_date_null_share",
                max_value=bounds.MAX_CREATED_DATE_NULL_SHARE,
                severity="critical",
                meta={
                    "rule": "created_date_often_missing",
                    "detail": "{created_date_null_share:.0%} of all deals have no created date",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="stage_null_share",
                max_value=bounds.MAX_STAGE_NULL_SHARE,
                severity="critical",
                meta={
                    "rule": "stage_often_missing",
                    "detail": "{stage_null_share:.0%} of all deals have no stage",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="account_null_share",
                max_value=bounds.MAX_ACCOUNT_NULL_SHARE,
                severity="warning",
                meta={
                    "rule": "account_often_missing",
                    "detail": "{account_null_share:.0%} of all deals have no account",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="owner_null_share",
                max_value=bounds.MAX_OWNER_NULL_SHARE,
                severity="warning",
                meta={
                    "rule": "owner_often_missing",
                    "detail": "{owner_null_share:.0%} of all deals have no owner",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="amount_null_share",
                max_value=bounds.MAX_AMOUNT_NULL_SHARE,
                severity="warning",
                meta={
                    "rule": "amount_often_missing",
                    "detail": "{amount_null_share:.0%} of all deals have no amount",
                },
            ),
        ],
    )


def opportunities(as_of_year: int) -> "ExpectationSuite":
    """Deals one by one: amounts and close dates that nobody means; empty ones are the models'."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="landed_opportunities",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="amount",
                min_value=bounds.MIN_AMOUNT,
                max_value=bounds.MAX_AMOUNT,
                severity="warning",
                meta={"rule": "amount_out_of_bounds", "detail": "amount is {amount:,.2f}"},
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="close_date",
                min_value=bounds.MIN_CLOSE_DATE,
                max_value=(as_of_year + bounds.MAX_CLOSE_YEARS_AHEAD) * 10_000 + 1231,
                severity="warning",
                meta={
                    "rule": "close_date_out_of_bounds",
                    "detail": "close date is {close_date:.0f}",
                },
            ),
        ],
    )


def currencies() -> "ExpectationSuite":
    """The currencies that deals are in; whether there is a rate is the models' question."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="landed_currencies",
        expectations=[
            gxe.ExpectColumnValuesToMatchRegex(
                column="value",
                regex=bounds.CURRENCY_PATTERN,
                severity="warning",
                meta={
                    "rule": "currency_not_a_code",
                    "detail": "currency is {value}",
                    "of_column": "currency_iso_code",
                },
            ),
        ],
    )


def forecast_categories() -> "ExpectationSuite":
    """The forecast categories that deals are in."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="landed_forecast_categories",
        expectations=[
            gxe.ExpectColumnValuesToBeInSet(
                column="value",
                value_set=list(bounds.FORECAST_CATEGORIES),
                severity="info",
                meta={
                    "rule": "forecast_category_unknown",
                    "detail": "forecast category is {value}",
                    "of_column": "forecast_category",
                },
            ),
        ],
    )


def levels() -> "ExpectationSuite":
    """Where amounts and close dates lie, against the last run."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="landed_levels",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="median_amount_ratio",
                min_value=bounds.MIN_LEVEL_RATIO,
                max_value=bounds.MAX_LEVEL_RATIO,
                severity="warning",
                meta={
                    "rule": "amount_level_moved",
                    "detail": (
                        "the median amount is {median_amount:,.2f}; "
                        "at the last run it was {last_median_amount:,.2f}"
                    ),
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="median_close_day_shift",
                min_value=-bounds.MAX_CLOSE_DATE_SHIFT_DAYS,
                max_value=bounds.MAX_CLOSE_DATE_SHIFT_DAYS,
                severity="warning",
                meta={
                    "rule": "close_date_level_moved",
                    "detail": "the median close date moved by {median_close_day_shift:.0f} days",
                },
            ),
        ],
    )
