-- Every person who became an MQL, with when somebody who sells first answered: by as-of, and by the
-- same day of the quarter before, with which the running quarter is compared.
{%- set same_day = same_day_of_quarter_before() %}
{%- set days = var('mql_response_days') %}
with

mqls as (
    select
        person_id,
        channel,
        segment,
        is_mql_imputed,
        mql_at,
        {{ business_date('mql_at') }} as mql_date
    from {{ ref('fct_lead_journeys') }}
    where mql_at is not null
),

-- Only what a rep did is an answer: a reply of the person to a sequence is a touch of the team too.
answers as (
    select
        person_id,
        {{ business_date('touched_at') }} as answer_date
    from {{ ref('fct_touches') }}
    where is_task_or_meeting and {{ is_selling_team('team') }}
),

first_answers as (
    select
        mqls.person_id,
        min(answers.answer_date) as response_date
    from mqls
    inner join answers
        on
            mqls.person_id = answers.person_id
            and mqls.mql_date <= answers.answer_date
    group by mqls.person_id
),

dated as (
    select
        mqls.*,
        first_answers.response_date,
        {{ days_between('mqls.mql_date', 'first_answers.response_date') }} as response_days,
        {{ date_plus_days('mqls.mql_date', days) }} as due_date
    from mqls
    left join first_answers
        on mqls.person_id = first_answers.person_id
),

answered as (
    select
        person_id,
        channel,
        segment,
        is_mql_imputed,
        mql_date,
        {{ fiscal_quarter_start('mql_date') }} as quarter_start_date,
        response_date,
        response_days,
        coalesce(response_days <= {{ days }}, false) as is_within,
        response_date is null and due_date > {{ as_of_date() }} as is_pending,
        mql_date <= {{ same_day }} as is_mql_by_then,
        coalesce(response_date <= {{ same_day }}, false) as is_answered_by_then,
        coalesce(response_date <= {{ same_day }}, false) and response_days <= {{ days }}
            as is_within_by_then,
        not coalesce(response_date <= {{ same_day }}, false) and due_date > {{ same_day }}
            as is_pending_by_then
    from dated
)

select * from answered
