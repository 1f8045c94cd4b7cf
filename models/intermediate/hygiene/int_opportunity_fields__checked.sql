-- What is wrong with the fields of each deal at as-of that nobody may leave wrong: created date,
-- amount, source, net-new flag, and the close date; one row per deal and rule.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

presented as (
    select * from {{ ref('int_opportunities__presented') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
),

judged as (
    select * from {{ ref('int_opportunities__judged') }}
    where verdict != 'excluded'
),

-- A CRM without the flag says nothing that could be wrong.
flagging as (
    select
        max(
            case
                when ',' || coalesce(missing_columns, '') || ',' like '%,is_recycled_c,%' then 0
                else 1
            end
        ) = 1 as has_recycled_flag
    from {{ ref('stg_landing__tables') }}
    where system = 'salesforce' and table_name = 'opportunity'
),

deals as (
    select
        opportunities.opportunity_id,
        opportunities.crm_created_at,
        opportunities.is_re_dated,
        opportunities.is_recycled,
        {{ business_date('opportunities.crm_created_at') }} as crm_created_date,
        {{ business_date('opportunities.first_created_at') }} as first_created_date,
        {{ business_date('judged.qualified_at') }} as qualified_date,
        presented.stage_group = 'open' as is_open,
        presented.deal_amount,
        presented.currency,
        presented.close_date,
        sources.pipeline_source,
        judged.verdict,
        judged.verdict_reason,
        judged.verdict_evidence,
        flagging.has_recycled_flag,
        coalesce(
            presented.deal_amount in ({{ var('placeholder_amounts') | join(', ') }}), false
        ) as is_placeholder
    from opportunities
    inner join presented
        on opportunities.opportunity_id = presented.opportunity_id
    inner join sources
        on opportunities.opportunity_id = sources.opportunity_id
    inner join judged
        on opportunities.opportunity_id = judged.opportunity_id
    cross join flagging
),

quartered as (
    select
        *,
        {{ fiscal_quarter('crm_created_date') }} as claimed_quarter,
        {{ fiscal_quarter('qualified_date') }} as qualified_quarter
    from deals
),

missing_created_dates as (
    select
        opportunity_id,
        'missing_created_date' as rule,
        'the CRM gives no created date; first seen '
        || cast(first_created_date as {{ dbt.type_string() }}) as detail
    from deals
    where is_open and crm_created_at is null
),

re_dated as (
    select
        opportunity_id,
        're_dated' as rule,
        'created date says ' || cast(crm_created_date as {{ dbt.type_string() }})
        || ', first created ' || cast(first_created_date as {{ dbt.type_string() }}) as detail
    from deals
    where is_re_dated
),

missing_amounts as (
    select
        opportunity_id,
        'missing_amount' as rule,
        'amount is empty' as detail
    from deals
    where is_open and deal_amount is null
),

placeholder_amounts as (
    select
        opportunity_id,
        'placeholder_amount' as rule,
        'amount is ' || cast(deal_amount as {{ dbt.type_string() }}) || ' ' || currency as detail
    from deals
    where is_open and is_placeholder
),

amounts_not_positive as (
    select
        opportunity_id,
        'amount_not_positive' as rule,
        'amount is ' || cast(deal_amount as {{ dbt.type_string() }}) || ' ' || currency as detail
    from deals
    where is_open and deal_amount <= 0 and not is_placeholder
),

missing_sources as (
    select
        opportunity_id,
        'missing_source' as rule,
        'no rule gives it a source' as detail
    from deals
    where is_open and pipeline_source = 'unknown'
),

missing_close_dates as (
    select
        opportunity_id,
        'missing_close_date' as rule,
        'close date is empty' as detail
    from deals
    where is_open and close_date is null
),

wrong_flags as (
    select
        opportunity_id,
        'net_new_flag_wrong' as rule,
        '{{ dbt.escape_single_quotes("the CRM's") }} recycled flag is not set; the verdict is '
        || 'recycled (' || verdict_reason
        || coalesce(' ' || verdict_evidence, '') || ')' as detail
    from deals
    where has_recycled_flag and not is_recycled and verdict = 'recycled'
),

wrong_periods as (
    select
        opportunity_id,
        'net_new_period_wrong' as rule,
        'created date ' || cast(crm_created_date as {{ dbt.type_string() }}) || ' claims it for '
        || claimed_quarter || '; the verdict is net-new in ' || qualified_quarter as detail
    from quartered
    where is_re_dated and verdict = 'net_new' and claimed_quarter != qualified_quarter
),

checked as (
    select * from missing_created_dates
    union all
    select * from re_dated
    union all
    select * from missing_amounts
    union all
    select * from placeholder_amounts
    union all
    select * from amounts_not_positive
    union all
    select * from missing_sources
    union all
    select * from missing_close_dates
    union all
    select * from wrong_flags
    union all
    select * from wrong_periods
)

select * from checked
