-- A row means that the ledger and coverage differ about the money won in the running quarter.
with

reported as (
    select
        reported_amount,
        row_number() over (order by reported_at desc) as recency
    from {{ ref('reported_numbers') }}
    where
        metric = 'won_in_quarter'
        and as_of_date = {{ as_of_date() }}
        and period = {{ fiscal_quarter(as_of_date()) }}
),

covered as (
    select coalesce(sum(won_amount), 0) as won_amount
    from {{ ref('pipeline_coverage') }}
    where
        segment = 'all'
        and motion = 'all'
        and quarter_start_date = {{ fiscal_quarter_start(as_of_date()) }}
)

select
    reported.reported_amount,
    covered.won_amount
from reported
cross join covered
where
    reported.recency = 1
    and reported.reported_amount != covered.won_amount
