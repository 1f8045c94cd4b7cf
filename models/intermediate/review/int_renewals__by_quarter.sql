-- Renewals per fiscal quarter: won with their close day in it, and open in the reconciled pipeline
-- with their close date in it.
with

spells as (
    select * from {{ ref('fct_pipeline_spells') }}
    where valid_to is null
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

renewals as (
    select * from opportunities
    where motion = 'renewal' and verdict != 'excluded'
),

exchange_rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

-- As coverage counts what is won: a deal that was entered twice and won twice is won once.
won as (
    select
        {{ fiscal_quarter_start('renewals.close_day') }} as quarter_start_date,
        renewals.amount,
        'won' as part
    from renewals
    left join opportunities as originals
        on renewals.verdict = 'duplicate' and renewals.verdict_evidence = originals.opportunity_id
    where
        renewals.stage_group = 'won'
        and originals.stage_group is distinct from 'won'
),

still_open as (
    select
        {{ fiscal_quarter_start('spells.close_date') }} as quarter_start_date,
        {{ converted('spells.amount', 'exchange_rates.conversion_rate') }} as amount,
        'open' as part
    from spells
    inner join renewals
        on spells.opportunity_id = renewals.opportunity_id
    left join exchange_rates
        on {{ is_rate_of_day('exchange_rates', 'spells.currency', as_of_date()) }}
),

parts as (
    select * from won
    union all
    select * from still_open
),

summed as (
    select
        quarter_start_date,
        cast(sum(case when part = 'won' then 1 else 0 end) as bigint) as won_count,
        sum(case when part = 'won' then coalesce(amount, 0) else 0 end) as won_amount,
        cast(sum(case when part = 'open' then 1 else 0 end) as bigint) as open_count,
        sum(case when part = 'open' then coalesce(amount, 0) else 0 end) as open_amount
    from parts
    group by quarter_start_date
)

select * from summed
