-- Who created each deal: what the source rules said at the end of the grace period, or at as-of if
-- that is earlier, and whether the lead source has changed since.
with

opportunities as (
    select
        opportunity_id,
        {{ plus_days('first_created_at', var('source_grace_days')) }} as grace_ends_at
    from {{ ref('int_opportunities__crm_values') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__spells') }}
    where valid_to is null
),

versions as (
    select * from {{ ref('int_opportunity_fields__spells') }}
    where field = 'lead_source' and valid_from <= {{ as_of_at() }}
),

lead_source_changes as (
    select distinct versions.opportunity_id
    from versions
    inner join opportunities
        on versions.opportunity_id = opportunities.opportunity_id
    where versions.valid_from > opportunities.grace_ends_at
),

decided as (
    select
        sources.opportunity_id,
        sources.pipeline_source,
        sources.source_rule,
        sources.source_value,
        sources.source_known_at,
        lead_source_changes.opportunity_id is not null as is_source_changed
    from sources
    left join lead_source_changes
        on sources.opportunity_id = lead_source_changes.opportunity_id
)

select * from decided
