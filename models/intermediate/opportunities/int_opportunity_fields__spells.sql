-- One row per stretch of an opportunity in which a tracked field held one value, as of as-of.
-- Only fields that ever changed are here: each value holds from one change until the next, and the
-- value after the last change is the CRM's of today.
with

changes as (
    select * from {{ ref('stg_salesforce__opportunity_field_history') }}
    where created_at is not null
),

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

known as (
    select
        'owner' as field,
        user_id as value
    from {{ ref('stg_salesforce__users') }}
    union all
    select
        'campaign' as field,
        campaign_id as value
    from {{ ref('stg_salesforce__campaigns') }}
),

named as (
    select
        *,
        case
            when field_key = 'leadsource' then 'lead_source'
            when field_key in ('owner', 'ownerid') then 'owner'
            when field_key in ('campaign', 'campaignid') then 'campaign'
            when field_key = 'type' then 'type'
            when field_key in ({{ custom_field_keys('pipeline_source') }}) then 'pipeline_source'
            when field_key in ({{ custom_field_keys('loss_reason') }}) then 'close_reason'
        end as field
    from changes
),

-- A log that was exported from a report has ids of 15 characters.
spelled_out as (
    select
        opportunity_field_history_id,
        opportunity_id,
        field,
        created_at,
        {%- for value in ['old_value', 'new_value'] %}
        case
            when field in ('owner', 'campaign') then {{ salesforce_id(value) }}
            else {{ value }}
        end as {{ value }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from named
    where field is not null
),

-- The CRM writes a change of a lookup twice, once with names and once with ids; the ids count. An
-- id is one that is known or has the prefix of its kind: the record may have been deleted since.
identified as (
    select
        spelled_out.*,
        case
            when spelled_out.field = 'owner'
                then
                    substring(coalesce(spelled_out.old_value, spelled_out.new_value), 1, 3)
                    in ('005', '00G')
                    or known_before.value is not null
                    or known_after.value is not null
            when spelled_out.field = 'campaign'
                then
                    substring(coalesce(spelled_out.old_value, spelled_out.new_value), 1, 3) = '701'
                    or known_before.value is not null
                    or known_after.value is not null
            else true
        end as is_counted
    from spelled_out
    left join known as known_before
        on spelled_out.field = known_before.field and spelled_out.old_value = known_before.value
    left join known as known_after
        on spelled_out.field = known_after.field and spelled_out.new_value = known_after.value
),

ranked as (
    select
        *,
        row_number() over (
            partition by opportunity_id, field, created_at
            order by opportunity_field_history_id
        ) as change_rank
    from identified
    where is_counted
),

counted as (
    select * from ranked
    where change_rank = 1
),

before_changes as (
    select
        opportunity_id,
        field,
        lag(created_at) over (
            partition by opportunity_id, field
            order by created_at
        ) as valid_from,
        created_at as valid_to,
        old_value as value
    from counted
),

last_changes as (
    select
        opportunity_id,
        field,
        max(created_at) as changed_at
    from counted
    group by opportunity_id, field
),

after_changes as (
    select
        last_changes.opportunity_id,
        last_changes.field,
        last_changes.changed_at as valid_from,
        cast(null as timestamp) as valid_to,
        case last_changes.field
            when 'lead_source' then opportunities.lead_source
            when 'owner' then opportunities.owner_id
            when 'campaign' then opportunities.campaign_id
            when 'type' then opportunities.opportunity_type
            when 'pipeline_source' then opportunities.pipeline_source
            when 'close_reason' then opportunities.close_reason
        end as value
    from last_changes
    inner join opportunities
        on last_changes.opportunity_id = opportunities.opportunity_id
),

unioned as (
    select before_changes.*
    from before_changes
    where
        exists (
            select 1
            from opportunities
            where before_changes.opportunity_id = opportunities.opportunity_id
        )
    union all
    select * from after_changes
),

-- What changed after as-of is not known yet: the spell that held at its end still does.
bounded as (
    select
        opportunity_id,
        field,
        coalesce(valid_from, cast('0001-01-01' as timestamp)) as valid_from,
        case
            when valid_to <= {{ as_of_at() }} then valid_to
            else cast('9999-12-31' as timestamp)
        end as valid_to,
        value
    from unioned
    where valid_from is null or valid_from <= {{ as_of_at() }}
)

select * from bounded
