-- What is wrong with the fields of each deal that nobody may leave wrong: created date, amount,
-- source, close date and net-new flag. Excluded deals count in no number and are left alone.
-- One select per rule; they are in one model because all of them read the same deals.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
),

records as (
    select * from {{ ref('dim_opportunities') }}
),

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where valid_to is null
),

-- Where the CRM has no such field, no deal can have it wrong.
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
        opportunities.owner_id,
        opportunities.crm_created_at,
        opportunities.crm_created_date,
        opportunities.first_created_date,
        opportunities.is_re_dated,
        opportunities.close_date,
        opportunities.pipeline_source,
        opportunities.verdict,
        opportunities.verdict_reason,
        opportunities.verdict_evidence,
        opportunities.stage_group = 'open' as is_open,
        records.is_recycled,
        flagging.has_recycled_flag,
        spells.amount as deal_amount,
        spells.currency,
        {{ is_placeholder_amount('spells.amount') }} as is_placeholder,
        {{ fiscal_quarter('opportunities.crm_created_date') }} as claimed_quarter,
        {{ fiscal_quarter('opportunities.qualified_date') }} as qualified_quarter
    from opportunities
    inner join records
        on opportunities.opportunity_id = records.opportunity_id
    inner join spells
        on opportunities.opportunity_id = spells.opportunity_id
    cross join flagging
),

missing_created_dates as (
    select
        opportunity_id,
        owner_id,
        'missing_created_date' as rule,
        'the CRM gives no created date; first seen '
        || cast(first_created_date as {{ dbt.type_string() }}) as detail
    from deals
    where is_open and crm_created_at is null
),

re_dated as (
    select
        opportunity_id,
        owner_id,
        're_dated' as rule,
        'created date says ' || cast(crm_created_date as {{ dbt.type_string() }})
        || ', first created ' || cast(first_created_date as {{ dbt.type_string() }}) as detail
    from deals
    where is_re_dated
),

missing_amounts as (
    select
        opportunity_id,
        owner_id,
        'missing_amount' as rule,
        'amount is empty' as detail
    from deals
    where is_open and deal_amount is null
),

placeholder_amounts as (
    select
        opportunity_id,
        owner_id,
        'placeholder_amount' as rule,
        'amount is ' || cast(deal_amount as {{ dbt.type_string() }}) || ' ' || currency as detail
    from deals
    where is_open and is_placeholder
),

amounts_not_positive as (
    select
        opportunity_id,
        owner_id,
        'amount_not_positive' as rule,
        'amount is ' || cast(deal_amount as {{ dbt.type_string() }}) || ' ' || currency as detail
    from deals
    where is_open and deal_amount <= 0 and not is_placeholder
),

missing_sources as (
    select
        opportunity_id,
        owner_id,
        'missing_source' as rule,
        'no rule gives it a source' as detail
    from deals
    where is_open and pipeline_source = 'unknown'
),

missing_close_dates as (
    select
        opportunity_id,
        owner_id,
        'missing_close_date' as rule,
        'close date is empty' as detail
    from deals
    where is_open and close_date is null
),

wrong_flags as (
    select
        opportunity_id,
        owner_id,
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
        owner_id,
        'net_new_period_wrong' as rule,
        'created date ' || cast(crm_created_date as {{ dbt.type_string() }}) || ' claims it for '
        || claimed_quarter || '; the verdict is net-new in ' || qualified_quarter as detail
    from deals
    where is_re_dated and verdict = 'net_new' and claimed_quarter != qualified_quarter
),

unioned as (
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
),

found as (
    select
        'opportunity' as record_type,
        opportunity_id as record_id,
        rule,
        detail,
        owner_id
    from unioned
)

select * from found
