-- How the four fields stood on the deals that were open at the end of each week, or at as-of in
-- the last one, per owner of that day. Amount, source and owner are as of that day; the CRM keeps
-- no history of created dates and flags, so these are judged as they are today.
with

weeks as (
    select
        week_start,
        max(date_day) as week_end
    from {{ ref('dim_dates') }}
    where
        date_day <= {{ as_of_date() }}
        and week_start
        > {{ date_plus_days(week_start(as_of_date()), '-7 * ' ~ var('hygiene_weeks')) }}
    group by week_start
),

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where stage_group = 'open'
),

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

judged as (
    select * from {{ ref('int_opportunities__judged') }}
    where verdict != 'excluded'
),

owners as (
    select * from {{ ref('fct_opportunity_field_spells') }}
    where field = 'owner'
),

flaws as (
    select distinct opportunity_id
    from {{ ref('int_opportunity_fields__checked') }}
    where rule in ('net_new_flag_wrong', 'net_new_period_wrong')
),

stood as (
    select
        weeks.week_start,
        weeks.week_end,
        spells.opportunity_id,
        {{ date_plus_days('weeks.week_end', 1) }} as next_day,
        spells.is_amount_met,
        spells.is_source_met
    from weeks
    inner join spells
        on
            spells.valid_from < {{ day_start(date_plus_days('weeks.week_end', 1)) }}
            and (
                spells.valid_to >= {{ day_start(date_plus_days('weeks.week_end', 1)) }}
                or spells.valid_to is null
            )
),

checked as (
    select
        stood.week_start,
        case
            when owners.opportunity_id is not null then owners.value
            else opportunities.owner_id
        end as owner_id,
        opportunities.crm_created_at is not null
        and not opportunities.is_re_dated as is_created_date_met,
        stood.is_source_met,
        stood.is_amount_met,
        flaws.opportunity_id is null
        or coalesce({{ business_date('judged.qualified_at') }} > stood.week_end, false)
            as is_net_new_met
    from stood
    inner join opportunities
        on stood.opportunity_id = opportunities.opportunity_id
    inner join judged
        on stood.opportunity_id = judged.opportunity_id
    left join flaws
        on stood.opportunity_id = flaws.opportunity_id
    left join owners
        on
            stood.opportunity_id = owners.opportunity_id
            and owners.valid_from < {{ day_start('stood.next_day') }}
            and owners.valid_to >= {{ day_start('stood.next_day') }}
),

{%- set fields = ['created_date', 'source', 'amount', 'net_new'] %}

by_field as (
    {%- for field in fields %}
    select
        week_start,
        '{{ field }}' as field,
        owner_id,
        is_{{ field }}_met as is_met
    from checked
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        week_start,
        field,
        owner_id,
        cast(count(*) as bigint) as open_count,
        cast(sum(case when is_met then 0 else 1 end) as bigint) as finding_count
    from by_field
    group by week_start, field, owner_id
)

select * from counted
