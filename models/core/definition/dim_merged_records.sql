-- One row per account, contact or lead that was merged into another.
-- A survivor may itself be merged later: the last record of the chain counts.
with recursive

record_merges as (
    select * from {{ ref('crm_record_merges') }}
),

chains as (
    select
        record_type,
        record_id,
        surviving_record_id,
        1 as chain_length
    from record_merges
    union all
    select
        chains.record_type,
        chains.record_id,
        record_merges.surviving_record_id,
        chains.chain_length + 1 as chain_length
    from chains
    inner join record_merges
        on
            chains.record_type = record_merges.record_type
            and chains.surviving_record_id = record_merges.record_id
    -- Two records that name each other as master would go round for ever.
    where chains.chain_length < 32
),

-- Records that name each other as master stand for themselves.
circular as (
    select distinct
        record_type,
        record_id
    from chains
    where record_id = surviving_record_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by record_type, record_id
            order by chain_length desc
        ) as chain_rank
    from chains
    where not exists (
        select 1
        from circular
        where
            chains.record_type = circular.record_type
            and chains.record_id = circular.record_id
    )
),

survivors as (
    select
        record_type,
        record_id,
        surviving_record_id
    from ranked
    where chain_rank = 1
)

select * from survivors
