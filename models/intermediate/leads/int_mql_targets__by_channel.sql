-- The MQLs planned for each quarter and channel, the channel spelled as it is of a person.
with

mql_targets as (
    select * from {{ seed('mql_targets') }}
),

channels as (
    select * from {{ ref('int_channels__spelled') }}
),

by_channel as (
    select
        upper(trim(mql_targets.fiscal_quarter)) as fiscal_quarter,
        channels.channel,
        mql_targets.target_mqls
    from mql_targets
    inner join channels
        on {{ match_key('mql_targets.channel') }} = channels.channel_key
)

select * from by_channel
