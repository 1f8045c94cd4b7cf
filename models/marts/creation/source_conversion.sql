-- One row per fiscal quarter of creation and source: what became of the net-new deals.
with

opportunities as (
    select
        *,
        {{ fiscal_quarter_start('qualified_date') }} as quarter_start_date
    from {{ ref('fct_opportunities') }}
    where is_net_new
),

counted as (
    select
        quarter_start_date,
        pipeline_source,
        {%- for outcome in ['won', 'lost', 'open'] %}
        sum(case when outcome_stage_group = '{{ outcome }}' then 1 else 0 end)
            as {{ outcome }}_count,
        sum(
            case
                when outcome_stage_group = '{{ outcome }}' then coalesce(outcome_amount, 0) else 0
            end
        ) as {{ outcome }}_amount,
        {%- endfor %}
        count(*) as created_count,
        sum(coalesce(created_amount, 0)) as created_amount
    from opportunities
    group by quarter_start_date, pipeline_source
),

converted as (
    select
        {{ fiscal_quarter('quarter_start_date') }} as fiscal_quarter,
        pipeline_source,
        cast(created_count as bigint) as created_count,
        {%- for outcome in ['won', 'lost', 'open'] %}
        cast({{ outcome }}_count as bigint) as {{ outcome }}_count,
        {%- endfor %}
        cast(created_amount as {{ type_money() }}) as created_amount,
        {%- for outcome in ['won', 'lost', 'open'] %}
        cast({{ outcome }}_amount as {{ type_money() }}) as {{ outcome }}_amount,
        {%- endfor %}
        cast(won_count as {{ type_double() }}) / nullif(won_count + lost_count, 0)
            as conversion_of_closed,
        cast(won_count as {{ type_double() }}) / created_count as conversion_of_all,
        -- While the quarter runs its last day is yet to come.
        greatest({{ days_between(
            date_plus_days(date_plus_months('quarter_start_date', 3), -1),
            as_of_date(),
        ) }}, 0) as cohort_age_days
    from counted
)

select * from converted
