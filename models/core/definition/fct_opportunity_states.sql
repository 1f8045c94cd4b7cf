-- One row per stretch of an opportunity in which nothing that matters to pipeline changed.
with

known as (
    select * from {{ ref('int_opportunity_states__imputed') }}
),

{%- set changing_columns = [
    'stage', 'amount', 'currency', 'close_date', 'probability', 'forecast_category'
] %}

compared as (
    select
        *,
        {%- for column in changing_columns %}
        lag({{ column }}) over (partition by opportunity_id order by valid_from)
            as previous_{{ column }},
        {%- endfor %}
        row_number() over (partition by opportunity_id order by valid_from)
            as row_number_in_timeline
    from known
),

changes as (
    select
        opportunity_id,
        valid_from,
        stage,
        stage_order,
        stage_group,
        is_late_stage,
        is_unknown_stage,
        amount,
        currency,
        close_date,
        probability,
        forecast_category,
        is_imputed
    from compared
    where
        row_number_in_timeline = 1
        {%- for column in changing_columns %}
        or {{ column }} is distinct from previous_{{ column }}
        {%- endfor %}
),

bounded as (
    select
        *,
        lead(valid_from) over (partition by opportunity_id order by valid_from) as valid_to
    from changes
),

states as (
    select
        opportunity_id,
        valid_from,
        valid_to,
        {{ business_date('valid_from') }} as valid_from_date,
        {{ business_date('valid_to') }} as valid_to_date,
        stage,
        stage_order,
        stage_group,
        is_late_stage,
        is_unknown_stage,
        amount,
        currency,
        close_date,
        probability,
        forecast_category,
        is_imputed
    from bounded
)

select * from states
