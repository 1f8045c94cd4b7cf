-- One row per segment, motion and fiscal quarter from the running one to the fifth after it.
with

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
    where coverage_date = {{ as_of_date() }}
),

-- Rates, cycles and dates of a whole company are not the sum of its segments': they stay null.
summed as (
    {%- for motion in ['motion', "'all'"] %}
    select
        'all' as segment,
        {{ motion }} as motion,
        fiscal_quarter,
        quarter_start_date,
        cast(sum(quota) as {{ type_money() }}) as quota,
        cast(sum(won_amount) as {{ type_money() }}) as won_amount,
        cast(sum(remaining) as {{ type_money() }}) as remaining,
        cast(sum(open_amount) as {{ type_money() }}) as open_amount,
        cast(sum(required) as {{ type_money() }}) as required,
        cast(sum(gap) as {{ type_money() }}) as gap,
        cast(sum(weekly_creation_needed) as {{ type_money() }}) as weekly_creation_needed
    from coverage
    group by {{ 'motion, ' if motion == 'motion' }}fiscal_quarter, quarter_start_date
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

unioned as (
    select
        segment,
        motion,
        fiscal_quarter,
        quarter_start_date,
        closed_count,
        win_rate_raw,
        win_rate,
        median_cycle_days,
        p80_cycle_days,
        create_and_close_share,
        required_coverage,
        adjusted_coverage,
        quota,
        won_amount,
        remaining,
        open_amount,
        coverage,
        required,
        gap,
        create_by,
        weeks_left,
        weekly_creation_needed,
        status
    from coverage
    union all
    select
        segment,
        motion,
        fiscal_quarter,
        quarter_start_date,
        cast(null as bigint) as closed_count,
        {%- for column in [
            'win_rate_raw', 'win_rate', 'median_cycle_days', 'p80_cycle_days',
            'create_and_close_share', 'required_coverage', 'adjusted_coverage',
        ] %}
        cast(null as {{ type_double() }}) as {{ column }},
        {%- endfor %}
        quota,
        won_amount,
        remaining,
        open_amount,
        {{ coverage_of('open_amount', 'remaining') }} as coverage,
        required,
        gap,
        cast(null as date) as create_by,
        cast(null as integer) as weeks_left,
        weekly_creation_needed,
        {{ coverage_status() }} as status
    from summed
),

dated as (
    select
        {{ as_of_date() }} as as_of_date,
        unioned.*
    from unioned
)

select * from dated
