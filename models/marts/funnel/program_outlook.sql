-- One row per program that starts within `program_outlook_days` after as-of.
{#- The contract names a column after each of these. -#}
{%- set horizons = [30, 60, 90] %}
with

programs as (
    select * from {{ ref('int_programs__credited_mqls') }}
),

-- A program that is still running has not brought all its MQLs yet; it would lower the mean.
past_programs as (
    select
        {{ match_key('channel') }} as channel_key,
        count(*) as program_count,
        sum(mql_count) as mql_count
    from programs
    where coalesce(end_date, start_date) <= {{ as_of_date() }}
    group by {{ match_key('channel') }}
),

coming as (
    select
        *,
        {{ days_between(as_of_date(), 'start_date') }} as days_until_start
    from programs
    where
        start_date > {{ as_of_date() }}
        and start_date <= {{ date_plus_days(as_of_date(), var('program_outlook_days')) }}
),

expected as (
    select
        {{ as_of_date() }} as as_of_date,
        coming.program_id,
        coming.program_name,
        coming.channel,
        coming.start_date,
        cast(coming.days_until_start as integer) as days_until_start,
        {%- for days in horizons %}
        coming.days_until_start <= {{ days }} as is_within_{{ days }}_days,
        {%- endfor %}
        coalesce(past_programs.program_count, 0) as past_program_count,
        cast(coalesce(past_programs.mql_count, 0) as bigint) as past_mqls,
        cast(
            round(1.0 * past_programs.mql_count / past_programs.program_count, 6)
            as decimal(18, 6)
        ) as expected_mqls
    from coming
    left join past_programs
        on {{ match_key('coming.channel') }} = past_programs.channel_key
)

select * from expected
