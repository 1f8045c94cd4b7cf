-- When each lead of CRM and MAP came to each status that it is known to have had. A status that no
-- log dates is dated by the earliest instant at which it is known to have held, and is imputed.
with

crm_leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

crm_changes as (
    select * from {{ ref('stg_salesforce__lead_history') }}
    where field_key = 'status' and created_at is not null
),

map_leads as (
    select * from {{ ref('stg_marketo__leads') }}
),

map_changes as (
    select * from {{ ref('stg_marketo__status_changes') }}
    where occurred_at is not null
),

changes as (
    select
        'salesforce' as system,
        'lead' as record_type,
        lead_id as record_id,
        lead_history_id as change_id,
        created_at as changed_at,
        old_value as old_status,
        new_value as new_status
    from crm_changes
    union all
    select
        'marketo' as system,
        'map_lead' as record_type,
        map_lead_id as record_id,
        activity_id as change_id,
        occurred_at as changed_at,
        old_status,
        new_status
    from map_changes
),

-- Changes after as-of are read as well: what they changed from is what held until then.
sequenced as (
    select
        *,
        row_number() over (
            partition by record_type, record_id
            order by changed_at, change_id
        ) as change_number,
        lead(change_id) over (
            partition by record_type, record_id
            order by changed_at, change_id
        ) as next_change_id,
        lead(old_status) over (
            partition by record_type, record_id
            order by changed_at, change_id
        ) as next_old_status
    from changes
),

-- Conversion sets a lead's status and is its last change: its current status is not an earlier one.
leads as (
    select
        'salesforce' as system,
        'lead' as record_type,
        lead_id as record_id,
        created_at,
        converted_at,
        status as present_status,
        converted_at is not null or coalesce(is_converted, false) as is_converted
    from crm_leads
    union all
    select
        'marketo' as system,
        'map_lead' as record_type,
        map_lead_id as record_id,
        created_at,
        cast(null as timestamp) as converted_at,
        lead_status as present_status,
        false as is_converted
    from map_leads
),

logged as (
    select
        system,
        record_type,
        record_id,
        new_status as status,
        changed_at as arrived_at,
        false as is_imputed
    from sequenced
),

converted as (
    select
        system,
        record_type,
        record_id,
        present_status as status,
        converted_at as arrived_at,
        false as is_imputed
    from leads
    where converted_at is not null
),

-- The first status: what the first change changed from, or the current one of an unchanged lead.
initial as (
    select
        leads.system,
        leads.record_type,
        leads.record_id,
        case
            when first_changes.change_id is not null then first_changes.old_status
            when not leads.is_converted then leads.present_status
        end as status,
        leads.created_at as arrived_at,
        true as is_imputed
    from leads
    left join sequenced as first_changes
        on
            leads.record_type = first_changes.record_type
            and leads.record_id = first_changes.record_id
            and first_changes.change_number = 1
),

held_values as (
    select
        sequenced.*,
        case
            when sequenced.next_change_id is not null then sequenced.next_old_status
            when not leads.is_converted then leads.present_status
        end as held_status
    from sequenced
    left join leads
        on
            sequenced.record_type = leads.record_type
            and sequenced.record_id = leads.record_id
),

-- A gap in the log: from this change on, a status held that differs from the one it says.
held as (
    select
        system,
        record_type,
        record_id,
        held_status as status,
        changed_at as arrived_at,
        true as is_imputed
    from held_values
    where {{ match_key('held_status') }} is distinct from {{ match_key('new_status') }}
),

unioned as (
    select * from logged
    union all
    select * from converted
    union all
    select * from initial
    union all
    select * from held
),

known as (
    select * from unioned
    where status is not null and arrived_at <= {{ as_of_at() }}
)

select * from known
