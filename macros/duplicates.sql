{#- How deals are compared with one another, at as-of and on past days. -#}

{#- Of one account, motion, amount and currency; each null is like nothing. -#}
{% macro resembles(earlier, later) -%}
    {%- for column in [
        'account_id', 'motion', 'amount_at_qualification', 'currency_at_qualification'
    ] %}
            {%- if not loop.first %}
            and {% endif -%}
            {{ later }}.{{ column }} = {{ earlier }}.{{ column }}
    {%- endfor %}
{%- endmacro %}


{#-
The deal that a row of `opportunities` (a relation with opportunity_id, verdict and verdict_evidence)
is about: a duplicate is its original, entered twice.
-#}
{% macro deal_entered(opportunities) -%}
    case
            when {{ opportunities }}.verdict = 'duplicate' then {{ opportunities }}.verdict_evidence
            else {{ opportunities }}.opportunity_id
        end
{%- endmacro %}


{% macro came_before(earlier, later) -%}
    (
                {{ later }}.qualified_at > {{ earlier }}.qualified_at
                or (
                    {{ later }}.qualified_at = {{ earlier }}.qualified_at
                    and (
                        {{ later }}.first_created_at > {{ earlier }}.first_created_at
                        or (
                            {{ later }}.first_created_at = {{ earlier }}.first_created_at
                            and {{ later }}.opportunity_id > {{ earlier }}.opportunity_id
                        )
                    )
                )
            )
{%- endmacro %}


{% macro are_created_together(one, other) -%}
    {{ one }}.first_created_at
            >= {{ plus_days(other ~ '.first_created_at', -1 * var('duplicate_window_days')) }}
            and {{ one }}.first_created_at
            <= {{ plus_days(other ~ '.first_created_at', var('duplicate_window_days')) }}
{%- endmacro %}


{#-
The body of a recursive CTE `judged` over a queue of deals per `kind` (columns): a duplicate of a
duplicate is none, so that they are taken one by one in their order (`queue_number`), each against
the originals found so far. Gives the columns of the kind, opportunity_id, queue_number and
is_duplicate, and to itself the originals.
-#}
{% macro judged_in_turn(queued, kind) -%}
    {{ adapter.dispatch('judged_in_turn', 'pipegen')(queued, kind) }}
{%- endmacro %}

{% macro default__judged_in_turn(queued, kind) -%}
    select
        {%- for column in kind %}
        {{ column }},
        {%- endfor %}
        opportunity_id,
        queue_number,
        {{ dbt.array_construct(['opportunity_id']) }} as originals,
        false as is_duplicate
    from {{ queued }}
    where queue_number = 1
    union all
    select
        {%- for column in kind %}
        queued.{{ column }},
        {%- endfor %}
        queued.opportunity_id,
        queued.queue_number,
        case
            when {{ lists_overlap('judged.originals', 'queued.earlier_opportunity_ids') }}
                then judged.originals
            else {{ list_with('judged.originals', 'queued.opportunity_id') }}
        end as originals,
        coalesce(
            {{ lists_overlap('judged.originals', 'queued.earlier_opportunity_ids') }}, false
        ) as is_duplicate
    from judged
    inner join {{ queued }} as queued
        on
            {%- for column in kind %}
            judged.{{ column }} = queued.{{ column }}
            and
            {%- endfor %} judged.queue_number + 1 = queued.queue_number
{%- endmacro %}
