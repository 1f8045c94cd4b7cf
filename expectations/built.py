"""Expectations on core and marts once they are built, one function per frame.

What belongs here: limits on values that the definitions allow but that are not plausible. What does
not: sums that must agree and keys that must be unique, which dbt tests check.
"""

from typing import TYPE_CHECKING

from pipegen.expectations import bounds

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def opportunities(as_of_year: int) -> "ExpectationSuite":
    """Single deals: implausible amounts, dates and cycles. The models report missing values."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_opportunities",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="amount_in_dollars",
                min_value=bounds.MIN_AMOUNT,
                max_value=bounds.MAX_AMOUNT,
                severity=FailureSeverity.WARNING,
                meta={"rule": "amount_out_of_bounds", "detail": "amount is {amount:,.2f}"},
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="close_date",
                min_value=bounds.MIN_CLOSE_DATE,
                max_value=(as_of_year + bounds.MAX_CLOSE_YEARS_AHEAD) * 10_000 + 1231,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "close_date_out_of_bounds",
                    "detail": "close date is {close_date:.0f}",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="created_amount_in_dollars",
                max_value=bounds.MAX_CREATED_AMOUNT,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "created_amount_out_of_bounds",
                    "detail": "created amount is {created_amount:,.2f}",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="days_to_qualify",
                max_value=bounds.MAX_DAYS_TO_QUALIFY,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "cycle_out_of_bounds",
                    "detail": "qualified {days_to_qualify:,.0f} days after it was created",
                },
            ),
        ],
    )


def opportunity_shares() -> "ExpectationSuite":
    """Deals as a whole: for each field, the share of deals where it is missing at as-of."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_opportunity_shares",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="account_null_share",
                max_value=bounds.MAX_ACCOUNT_NULL_SHARE,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "account_often_missing",
                    "detail": "{account_null_share:.0%} of all deals have no account",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="owner_null_share",
                max_value=bounds.MAX_OWNER_NULL_SHARE,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "owner_often_missing",
                    "detail": "{owner_null_share:.0%} of all deals have no owner",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="amount_null_share",
                max_value=bounds.MAX_AMOUNT_NULL_SHARE,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "amount_often_missing",
                    "detail": "{amount_null_share:.0%} of all deals have no amount",
                },
            ),
        ],
    )


def currencies() -> "ExpectationSuite":
    """The currencies of deals. The models check whether each has an exchange rate."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_currencies",
        expectations=[
            gxe.ExpectColumnValuesToMatchRegex(
                column="value",
                regex=bounds.CURRENCY_PATTERN,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "currency_not_a_code",
                    "detail": "currency is {value}",
                    "of_column": "currency",
                },
            ),
        ],
    )


def forecast_categories() -> "ExpectationSuite":
    """The forecast categories of deals."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_forecast_categories",
        expectations=[
            gxe.ExpectColumnValuesToBeInSet(
                column="value",
                value_set=list(bounds.FORECAST_CATEGORIES),
                severity=FailureSeverity.INFO,
                meta={
                    "rule": "forecast_category_unknown",
                    "detail": "forecast category is {value}",
                    "of_column": "forecast_category",
                },
            ),
        ],
    )


def opportunity_levels() -> "ExpectationSuite":
    """The median amount and close date, compared with the last run."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_opportunity_levels",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="median_amount_ratio",
                min_value=bounds.MIN_LEVEL_RATIO,
                max_value=bounds.MAX_LEVEL_RATIO,
                severity=FailureSeverity.WARNING,
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
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "close_date_level_moved",
                    "detail": "the median close date moved by {median_close_day_shift:.0f} days",
                },
            ),
        ],
    )


def field_hygiene() -> "ExpectationSuite":
    """The four fields: the share of open deals where each is right."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_field_hygiene",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="created_date_pass_rate",
                min_value=bounds.MIN_CREATED_DATE_PASS_RATE,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "open_created_date_often_wrong",
                    "detail": "right on {created_date_pass_rate:.0%} of the open deals",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="source_pass_rate",
                min_value=bounds.MIN_SOURCE_PASS_RATE,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "open_source_often_unknown",
                    "detail": "known of {source_pass_rate:.0%} of the open deals",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="amount_pass_rate",
                min_value=bounds.MIN_AMOUNT_PASS_RATE,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "open_amount_often_missing",
                    "detail": "right on {amount_pass_rate:.0%} of the open deals",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="net_new_pass_rate",
                min_value=bounds.MIN_NET_NEW_PASS_RATE,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "net_new_flag_often_wrong",
                    "detail": "right on {net_new_pass_rate:.0%} of the open deals",
                },
            ),
        ],
    )


def pipeline_coverage() -> "ExpectationSuite":
    """Implausible coverage."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_pipeline_coverage",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="coverage",
                max_value=bounds.MAX_COVERAGE,
                severity=FailureSeverity.WARNING,
                meta={"rule": "coverage_out_of_bounds", "detail": "covers {coverage:,.1f} times"},
            ),
        ],
    )


def source_scorecard() -> "ExpectationSuite":
    """An implausible pace."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_source_scorecard",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="pace",
                max_value=bounds.MAX_PACE,
                severity=FailureSeverity.WARNING,
                meta={"rule": "pace_out_of_bounds", "detail": "{pace:,.1f} times its target"},
            ),
        ],
    )


def levels() -> "ExpectationSuite":
    """The reconciled pipeline, compared with the last run."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_levels",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="amount_ratio",
                min_value=bounds.MIN_LEVEL_RATIO,
                max_value=bounds.MAX_LEVEL_RATIO,
                severity=FailureSeverity.WARNING,
                meta={
                    "rule": "pipeline_level_moved",
                    "detail": "{amount:,.2f}; at the last run {last_amount:,.2f}",
                },
            ),
        ],
    )


def remaining() -> "ExpectationSuite":
    """The reconciled pipeline: some of it is left."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    return gx.ExpectationSuite(
        name="built_remaining",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="deal_count",
                min_value=1,
                severity=FailureSeverity.CRITICAL,
                meta={
                    "rule": "pipeline_vanished",
                    "detail": "no deal is left; at the last run it had {last_deal_count:,.0f}",
                },
            ),
        ],
    )
