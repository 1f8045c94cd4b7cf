-- How often each of four fields was wrong on the deals that were open at the end of each week, or
-- at as-of in the last one, per owner of that day. Amount, source and owner are as of that day; the
-- CRM keeps no history of created dates and flags, so these are judged as they are today.
with

weeks as (
    select
        week_start,
        max(date_day) as week_end,
        {{ date_plus_days('max(date_day)', 1) }} as next_day
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
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
),

owners as (
    select * from {{ ref('int_opportunity_fields__spells') }}
    where field = 'owner'
),

findings as (
    select * from {{ ref('int_findings__opportunity_fields') }}
),

rules as (
    select * from {{ seed('finding_rules') }}
),

-- The rulebook says which rules are about a deal's claim to be net-new.
net_new_flaws as (
    select distinct findings.record_id as opportunity_id
    from findings
    inner join rules
        on findings.rule = rules.rule
    where rules.field = 'net_new'
),

open_deals as (
    select
        weeks.week_start,
        weeks.week_end,
        weeks.next_day,
        spells.opportunity_id,
        spells.is_amount_met,
        spells.is_source_met
    from weeks
    inner join spells
        on
            spells.valid_from < {{ day_start('weeks.next_day') }}
            and (
                spells.valid_to >= {{ day_start('weeks.next_day') }}
                or spells.valid_to is null
            )
),

-- The owner of a deal that never changed hands has no history, and is that of today.
checked as (
    select
        open_deals.week_start,
        case
            when owners.opportunity_id is not null then owners.value
            else opportunities.owner_id
        end as owner_id,
        opportunities.crm_created_at is not null
        and not opportunities.is_re_dated as is_created_date_met,
        open_deals.is_source_met,
        open_deals.is_amount_met,
        net_new_flaws.opportunity_id is null
        or coalesce(opportunities.qualified_date > open_deals.week_end, false) as is_net_new_met
    from open_deals
    inner join opportunities
        on open_deals.opportunity_id = opportunities.opportunity_id
    left join net_new_flaws
        on open_deals.opportunity_id = net_new_flaws.opportunity_id
    left join owners
        on
            open_deals.opportunity_id = owners.opportunity_id
            and owners.valid_from < {{ day_start('open_deals.next_day') }}
            and owners.valid_to >= {{ day_start('open_deals.next_day') }}
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
