-- What the source rules say about each opportunity, and since when they have given an answer at
-- all, up to the end of the grace period. A field that changes within it makes several stretches.
with

opportunities as (
    select
        *,
        {{ plus_days('first_created_at', var('source_grace_days')) }} as grace_ends_at
    from {{ ref('int_opportunities__crm_values') }}
),

versions as (
    select * from {{ ref('int_opportunity_fields__spells') }}
    where field in ('lead_source', 'pipeline_source', 'campaign')
),

campaigns as (
    select * from {{ ref('crm_campaigns') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

rules as (
    select * from {{ seed('source_rules') }}
),

instants as (
    select
        opportunity_id,
        first_created_at as judged_at
    from opportunities
    union distinct
    select
        versions.opportunity_id,
        versions.valid_from as judged_at
    from versions
    inner join opportunities
        on versions.opportunity_id = opportunities.opportunity_id
    where
        versions.valid_from > opportunities.first_created_at
        and versions.valid_from <= opportunities.grace_ends_at
        and versions.valid_from <= {{ as_of_at() }}
),

valued as (
    select
        instants.opportunity_id,
        instants.judged_at,
        {%- for field, column in [
            ('pipeline_source', 'pipeline_source'),
            ('lead_source', 'lead_source'),
            ('campaign', 'campaign_id'),
        ] %}
        case
            when {{ field }}_versions.opportunity_id is not null then {{ field }}_versions.value
            else opportunities.{{ column }}
        end as {{ column }},
        {%- endfor %}
        opportunities.created_by_id
    from instants
    inner join opportunities
        on instants.opportunity_id = opportunities.opportunity_id
    {%- for field in ['pipeline_source', 'lead_source', 'campaign'] %}
    left join versions as {{ field }}_versions
        on
            instants.opportunity_id = {{ field }}_versions.opportunity_id
            and {{ field }}_versions.field = '{{ field }}'
            and instants.judged_at >= {{ field }}_versions.valid_from
            and instants.judged_at < {{ field }}_versions.valid_to
    {%- endfor %}
),

matched as (
    select
        valued.opportunity_id,
        valued.judged_at,
        valued.pipeline_source as source_field_value,
        field_rules.priority as source_field_priority,
        field_rules.pipeline_source as source_field_result,
        valued.lead_source as lead_source_value,
        lead_rules.priority as lead_source_priority,
        lead_rules.pipeline_source as lead_source_result,
        campaigns.campaign_type as campaign_type_value,
        campaign_rules.priority as campaign_type_priority,
        campaign_rules.pipeline_source as campaign_type_result,
        users.team as creator_team_value,
        team_rules.priority as creator_team_priority,
        team_rules.pipeline_source as creator_team_result,
        {{ least_known(
            'field_rules.priority',
            'lead_rules.priority',
            'campaign_rules.priority',
            'team_rules.priority'
        ) }} as first_priority
    from valued
    left join campaigns
        on valued.campaign_id = campaigns.campaign_id
    left join users
        on valued.created_by_id = users.user_id
    left join rules as field_rules
        on
            field_rules.rule = 'source_field'
            and {{ match_key('valued.pipeline_source') }} = {{ match_key('field_rules.value') }}
    left join rules as lead_rules
        on
            lead_rules.rule = 'lead_source'
            and {{ match_key('valued.lead_source') }} = {{ match_key('lead_rules.value') }}
    left join rules as campaign_rules
        on
            campaign_rules.rule = 'campaign_type'
            and {{ match_key('campaigns.campaign_type') }}
            = {{ match_key('campaign_rules.value') }}
    left join rules as team_rules
        on
            team_rules.rule = 'creator_team'
            and users.team = {{ match_key('team_rules.value') }}
),

judged as (
    select
        opportunity_id,
        judged_at,
        {%- for part, name in [
            ('result', 'pipeline_source'),
            ('value', 'source_value'),
        ] %}
        case first_priority
            when source_field_priority then source_field_{{ part }}
            when lead_source_priority then lead_source_{{ part }}
            when campaign_type_priority then campaign_type_{{ part }}
            when creator_team_priority then creator_team_{{ part }}
        end as {{ name }},
        {%- endfor %}
        case first_priority
            when source_field_priority then 'source_field'
            when lead_source_priority then 'lead_source'
            when campaign_type_priority then 'campaign_type'
            when creator_team_priority then 'creator_team'
        end as source_rule,
        first_priority is not null as is_known,
        sum(case when first_priority is null then 1 else 0 end) over (
            partition by opportunity_id
            order by judged_at
            rows between unbounded preceding and current row
        ) as unknown_stretches_before
    from matched
),

-- Known since the first stretch after the last one in which it was not.
dated as (
    select
        opportunity_id,
        judged_at as valid_from,
        lead(judged_at) over (partition by opportunity_id order by judged_at) as valid_to,
        coalesce(pipeline_source, 'unknown') as pipeline_source,
        source_rule,
        source_value,
        case
            when is_known
                then
                    min(case when is_known then judged_at end) over (
                        partition by opportunity_id, unknown_stretches_before
                    )
        end as source_known_at
    from judged
)

select * from dated
