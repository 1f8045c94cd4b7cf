-- The company's list of actions, compared with what earlier runs saw: an action keeps its id and
-- its past, even after it was removed from the list. A run as of an earlier day than the last one
-- reads a list that is later than its day, and so reports no change.
{%- set fields = [
    'opened_on', 'team', 'owner', 'action', 'due_on', 'status', 'closed_on', 'outcome', 'metric',
] %}
with

review_actions as (
    select * from {{ seed('review_actions') }}
    where opened_on <= {{ as_of_date() }}
),

carried as (
    select * from {{ ref('stg_carried__review_actions') }}
),

latest as (
    select max(seen_on) as seen_on
    from carried
),

-- What another run of this same day saw is replaced.
earlier as (
    select
        *,
        row_number() over (partition by action_id order by seen_on desc) as recency
    from carried
    where seen_on < {{ as_of_date() }}
),

compared as (
    select
        review_actions.*,
        earlier.changed_fields as last_changed_fields,
        earlier.seen_on as last_seen_on,
        coalesce(latest.seen_on > {{ as_of_date() }}, false) as is_earlier_run,
        case when earlier.action_id is null then '' else substring(
            {%- for field in fields %}
            {{ '|| ' if not loop.first }}case
                {%- if field == 'owner' %}
                -- Masking names, or lifting the mask, does not give an action to somebody else.
                when
                    {{ mask_of('review_actions.owner') }}
                    is distinct from {{ mask_of('earlier.owner') }}
                {%- else %}
                when review_actions.{{ field }} is distinct from earlier.{{ field }}
                {%- endif %}
                    then ',{{ field }}'
                else ''
            end
            {%- endfor %},
            2
        ) end as found_fields
    from review_actions
    cross join latest
    left join earlier
        on review_actions.action_id = earlier.action_id and earlier.recency = 1
),

listed as (
    select
        action_id,
        {%- for field in fields %}
        {{ masked(field) ~ ' as owner' if field == 'owner' else field }},
        {%- endfor %}
        case
            when found_fields != '' and not is_earlier_run then found_fields
            else last_changed_fields
        end as changed_fields,
        case
            when last_seen_on is null or (found_fields != '' and not is_earlier_run)
                then {{ as_of_date() }}
            else last_seen_on
        end as seen_on,
        false as is_removed
    from compared
),

removed as (
    select
        action_id,
        {%- for field in fields %}
        {{ masked(field) ~ ' as owner' if field == 'owner' else field }},
        {%- endfor %}
        changed_fields,
        seen_on,
        true as is_removed
    from earlier
    where
        recency = 1
        and not exists (
            select 1
            from review_actions
            where earlier.action_id = review_actions.action_id
        )
),

tracked as (
    select * from listed
    union all
    select * from removed
)

select * from tracked
