"""What is expected of core and marts once they are built, one function per frame.

What belongs here: bounds of what no rule of the definitions forbids and nobody believes. What does
not: sums that must agree and keys that must be unique, which dbt tests hold.
"""

from typing import TYPE_CHECKING

from expectations import bounds

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def opportunities() -> "ExpectationSuite":
    """Deals one by one: created amounts, and how long a deal took to qualify."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="built_opportunities",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="created_amount",
                max_value=bounds.MAX_CREATED_AMOUNT,
                severity="warning",
                meta={
                    "rule": "created_amount_out_of_bounds",
                    "detail": "created amount is {created_amount:,.2f}",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="days_to_qualify",
                max_value=bounds.MAX_DAYS_TO_QUALIFY,
                severity="warning",
                meta={
                    "rule": "cycle_out_of_bounds",
                    "detail": "qualified {days_to_qualify:,.0f} days after it was created",
                },
            ),
        ],
    )


def field_hygiene() -> "ExpectationSuite":
    """The four fields: how many of the open deals have each right."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="built_field_hygiene",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="created_date_pass_rate",
                min_value=bounds.MIN_CREATED_DATE_PASS_RATE,
                severity="warning",
                meta={
                    "rule": "open_created_date_often_wrong",
                    "detail": "right on {created_date_pass_rate:.0%} of the open deals",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="source_pass_rate",
                min_value=bounds.MIN_SOURCE_PASS_RATE,
                severity="warning",
                meta={
                    "rule": "open_source_often_unknown",
                    "detail": "known of {source_pass_rate:.0%} of the open deals",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="amount_pass_rate",
                min_value=bounds.MIN_AMOUNT_PASS_RATE,
                severity="warning",
                meta={
                    "rule": "open_amount_often_missing",
                    "detail": "right on {amount_pass_rate:.0%} of the open deals",
                },
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="net_new_pass_rate",
                min_value=bounds.MIN_NET_NEW_PASS_RATE,
                severity="warning",
                meta={
                    "rule": "net_new_flag_often_wrong",
                    "detail": "right on {net_new_pass_rate:.0%} of the open deals",
                },
            ),
        ],
    )


def pipeline_coverage() -> "ExpectationSuite":
    """Coverage that no company has."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="built_pipeline_coverage",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="coverage",
                max_value=bounds.MAX_COVERAGE,
                severity="warning",
                meta={"rule": "coverage_out_of_bounds", "detail": "covers {coverage:,.1f} times"},
            ),
        ],
    )


def source_scorecard() -> "ExpectationSuite":
    """A pace that no source has."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="built_source_scorecard",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="pace",
                max_value=bounds.MAX_PACE,
                severity="warning",
                meta={"rule": "pace_out_of_bounds", "detail": "{pace:,.1f} times its target"},
            ),
        ],
    )


def levels() -> "ExpectationSuite":
    """The reconciled pipeline against the last run."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    return gx.ExpectationSuite(
        name="built_levels",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="amount_ratio",
                min_value=bounds.MIN_LEVEL_RATIO,
                max_value=bounds.MAX_LEVEL_RATIO,
                severity="warning",
                meta={
                    "rule": "pipeline_level_moved",
                    "detail": "{amount:,.2f}; at the last run {last_amount:,.2f}",
                },
            ),
        ],
    )
