-- One spelling per channel, whichever seed names it: that of the touch types comes first.
with

named as (
    select
        {{ match_key('channel') }} as channel_key,
        trim(channel) as channel,
        1 as seed_order
    from {{ seed('touch_types') }}
    union all
    select
        {{ match_key('channel') }} as channel_key,
        trim(channel) as channel,
        2 as seed_order
    from {{ seed('lead_source_channels') }}
    union all
    select
        {{ match_key('channel') }} as channel_key,
        trim(channel) as channel,
        3 as seed_order
    from {{ seed('mql_targets') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by channel_key
            order by seed_order, channel
        ) as spelling_rank
    from named
    where channel is not null
),

spelled as (
    select
        channel_key,
        channel
    from ranked
    where spelling_rank = 1
)

select * from spelled
