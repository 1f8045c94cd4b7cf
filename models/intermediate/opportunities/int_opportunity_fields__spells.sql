-- One row per stretch of an opportunity in which a tracked field held one value, as of as-of.
-- Only fields that ever changed are here: each value holds from one change until the next, and the
-- value after the last change is the CRM's of today.
with

changes as (
    select * from {{ ref('crm_opportunity_field_changes') }}
    where created_at is not null
),

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

known as (
    select
        'owner' as field,
        user_id as value
    from {{ ref('crm_users') }}
    union all
    select
        'campaign' as field,
        campaign_id as value
    from {{ ref('crm_campaigns') }}
),

named as (
    select
        *,
        case
            when field in ('lead_source', 'owner', 'campaign', 'type') then field
            when field in ({{ custom_field_keys('pipeline_source') }}) then 'pipeline_source'
            when field in ({{ custom_field_keys('loss_reason') }}) then 'close_reason'
        end as tracked_field
    from changes
),

-- A CRM may write a change of a lookup twice, once with names and once with ids; the ids count. An
-- id is one that is known or has the form of one: the record may have been deleted since.
identified as (
    select
        named.*,
        named.is_id
        or known_before.value is not null
        or known_after.value is not null as is_counted
    from named
    left join known as known_before
        on
            named.tracked_field = known_before.field
            and named.old_value = known_before.value
    left join known as known_after
        on
            named.tracked_field = known_after.field
            and named.new_value = known_after.value
    where named.tracked_field is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by opportunity_id, tracked_field, created_at
            order by opportunity_field_change_id
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
        tracked_field as field,
        lag(created_at) over (
            partition by opportunity_id, tracked_field
            order by created_at
        ) as valid_from,
        created_at as valid_to,
        old_value as value
    from counted
),

last_changes as (
    select
        opportunity_id,
        tracked_field as field,
        max(created_at) as changed_at
    from counted
    group by opportunity_id, tracked_field
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
