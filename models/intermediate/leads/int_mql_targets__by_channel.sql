-- The MQLs planned for each quarter and channel, the channel spelled as in the touch types.
with

mql_targets as (
    select * from {{ ref('mql_targets') }}
),

channels as (
    select
        {{ match_key('channel') }} as channel_key,
        min(channel) as channel
    from {{ ref('touch_types') }}
    group by {{ match_key('channel') }}
),

by_channel as (
    select
        upper(trim(mql_targets.fiscal_quarter)) as fiscal_quarter,
        coalesce(channels.channel, trim(mql_targets.channel)) as channel,
        mql_targets.target_mqls
    from mql_targets
    left join channels
        on {{ match_key('mql_targets.channel') }} = channels.channel_key
)

select * from by_channel
