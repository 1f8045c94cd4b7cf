-- When each record of CRM and MAP that can have a status came to each that it is known to have had.
-- A status that no log dates is dated by the earliest instant at which it is known to have held,
-- and is imputed. Of a merged record only the log and the creation are read.
with

crm_leads as (
    select * from {{ ref('crm_leads') }}
),

contacts as (
    select * from {{ ref('crm_contacts') }}
),

map_leads as (
    select * from {{ ref('map_people') }}
),

crm_changes as (
    select * from {{ ref('crm_person_field_changes') }}
    where created_at is not null
),

map_changes as (
    select * from {{ ref('map_status_changes') }}
    where occurred_at is not null
),

merged_records as (
    select
        record_type,
        record_id
    from {{ ref('dim_merged_records') }}
    union all
    select
        'map_lead' as record_type,
        map_lead_id as record_id
    from {{ ref('int_map_leads__merged') }}
),

logged_changes as (
    select
        system,
        record_type,
        record_id,
        field_key,
        change_id,
        created_at as changed_at,
        old_value as old_status,
        new_value as new_status
    from crm_changes
    union all
    select
        system,
        'map_lead' as record_type,
        map_lead_id as record_id,
        field_key,
        activity_id as change_id,
        occurred_at as changed_at,
        old_status,
        new_status
    from map_changes
),

changes as (
    select * from logged_changes
    where {{ is_lifecycle_field('system', 'record_type', 'field_key') }}
),

-- Changes after as-of are read as well: what they changed from is what held until then.
sequenced as (
    select
        *,
        row_number() over (
            partition by record_type, record_id, field_key
            order by changed_at, change_id
        ) as change_number,
        lead(change_id) over (
            partition by record_type, record_id, field_key
            order by changed_at, change_id
        ) as next_change_id,
        lead(old_status) over (
            partition by record_type, record_id, field_key
            order by changed_at, change_id
        ) as next_old_status
    from changes
),

records as (
    select
        'lead' as record_type,
        lead_id as record_id,
        created_at
    from crm_leads
    union all
    select
        'contact' as record_type,
        contact_id as record_id,
        created_at
    from contacts
    union all
    select
        'map_lead' as record_type,
        map_lead_id as record_id,
        created_at
    from map_leads
),

-- A field of which the record itself says today's value. Conversion sets a lead's status and is its
-- last change: the current status of a converted lead is not an earlier one.
present_statuses as (
    select
        system,
        'lead' as record_type,
        lead_id as record_id,
        'status' as field_key,
        status as present_status,
        created_at,
        coalesce(is_converted, false) as is_converted,
        converted_at
    from crm_leads
    {%- for key in custom_field_names('contact_status') %}
    union all
    select
        system,
        'contact' as record_type,
        contact_id as record_id,
        '{{ key }}' as field_key,
        contact_status as present_status,
        created_at,
        false as is_converted,
        cast(null as timestamp) as converted_at
    from contacts
    {%- endfor %}
    union all
    select
        system,
        'map_lead' as record_type,
        map_lead_id as record_id,
        'leadstatus' as field_key,
        lead_status as present_status,
        created_at,
        false as is_converted,
        cast(null as timestamp) as converted_at
    from map_leads
),

present as (
    select *
    from present_statuses
    where
        present_status is not null
        and {{ is_lifecycle_field('system', 'record_type', 'field_key') }}
        and not exists (
            select 1
            from merged_records
            where
                present_statuses.record_type = merged_records.record_type
                and present_statuses.record_id = merged_records.record_id
        )
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
    from present
    where is_converted
),

-- The first status: what the first change changed from, or the current one of an unchanged record.
changed_from as (
    select
        sequenced.system,
        sequenced.record_type,
        sequenced.record_id,
        sequenced.old_status as status,
        records.created_at as arrived_at,
        true as is_imputed
    from sequenced
    left join records
        on
            sequenced.record_type = records.record_type
            and sequenced.record_id = records.record_id
    -- What only the log of a record tells is not known before the log does.
    where
        sequenced.change_number = 1
        and (records.record_id is not null or sequenced.changed_at <= {{ as_of_at() }})
),

unchanged as (
    select
        system,
        record_type,
        record_id,
        present_status as status,
        created_at as arrived_at,
        true as is_imputed
    from present
    where
        not is_converted
        and not exists (
            select 1
            from sequenced
            where
                sequenced.change_number = 1
                and present.record_type = sequenced.record_type
                and present.record_id = sequenced.record_id
                and present.field_key = sequenced.field_key
        )
),

-- A gap in the log: from this change on, a status held that differs from the one it says.
held as (
    select
        sequenced.system,
        sequenced.record_type,
        sequenced.record_id,
        coalesce(sequenced.next_old_status, present.present_status) as status,
        sequenced.changed_at as arrived_at,
        true as is_imputed
    from sequenced
    left join present
        on
            sequenced.record_type = present.record_type
            and sequenced.record_id = present.record_id
            and sequenced.field_key = present.field_key
            and sequenced.next_change_id is null
            and not present.is_converted
    where
        {{ match_key('coalesce(sequenced.next_old_status, present.present_status)') }}
        is distinct from {{ match_key('sequenced.new_status') }}
),

unioned as (
    select * from logged
    union all
    select * from converted
    union all
    select * from changed_from
    union all
    select * from unchanged
    union all
    select * from held
),

known as (
    select * from unioned
    where
        status is not null
        and (arrived_at <= {{ as_of_at() }} or arrived_at is null)
)

select * from known
