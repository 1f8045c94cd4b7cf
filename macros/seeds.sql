{#-
A company's rules, by the contract's name of their seed. The project reads its own seeds, of which a
run on another set has a copy. Installed as a package, it reads the seeds of the project that
installed it, by the names that the setting seed_names gives them (`package.name` where it is in
another package). One that has no name there is the package's own where any company may start from it,
and has no rows otherwise: the demo company's stages, targets, owners and records are never anybody
else's.
-#}
{% macro seed(name, alias=none) -%}
    {%- for unknown in var('seed_names') if unknown not in seed_columns() -%}
        {{ exceptions.raise_compiler_error(
            "seed_names names " ~ unknown ~ ", which is no seed of pipegen's. Its seeds are "
            ~ seed_columns() | join(', ')
        ) }}
    {%- endfor -%}
    {%- set given = var('seed_names').get(name) -%}
    {%- if given -%}
        {%- set place = given.split('.') if '.' in given else [project_name, given] -%}
        ({{ company_rows(name, ref(*place)) }}) as {{ alias or name }}
    {%- elif project_name == 'pipegen' -%}
        {{ ref(name) }}{{ ' as ' ~ alias if alias }}
    {%- elif name == 'stages' -%}
        {{ exceptions.raise_compiler_error(
            "pipegen needs to know the company's stages. Name the seed that holds them in "
            "dbt_project.yml, vars: {pipegen: {seed_names: {stages: …}}}. "
            "docs/guide/package.md of pipegen lists its columns."
        ) }}
    {%- elif name in seeds_of_the_company() -%}
        ({{ rows_of_no_seed(name) }}) as {{ alias or name }}
    {%- elif name == 'qualification_rules' -%}
        {{ ref('pipegen', 'default_qualification_rules') }}{{ ' as ' ~ alias if alias }}
    {%- else -%}
        {{ ref('pipegen', name) }}{{ ' as ' ~ alias if alias }}
    {%- endif -%}
{%- endmacro %}


{#-
The rows of a company's seed in the contract's types, whatever dbt took them for: to it, a column of
which every value is missing is a number, and a share is a float.
-#}
{% macro company_rows(name, relation) %}
    select
        {%- for column, data_type in seed_columns()[name].items() %}
        cast(
            cast({{ column }} as {{ dbt.type_string() }}) as {{ engine_type(data_type) }}
        ) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
        {%- if name == 'stages' %},
        {{ row_order(name) }} as seed_order
        {%- endif %}
    from {{ relation }} as {{ name }}
    {%- if name == 'attribution_weights' %}
    union all
    {#- A company names the models that it weighs otherwise. -#}
    select {{ seed_columns()[name] | join(', ') }}
    from {{ ref('pipegen', name) }} as kept
    where not exists (
        select 1
        from {{ relation }} as named
        where {{ match_key('named.model') }} = {{ match_key('kept.model') }}
    )
    {%- endif %}
{% endmacro %}


{% macro rows_of_no_seed(name) %}
    select
        {%- for column, data_type in seed_columns()[name].items() %}
        cast(null as {{ engine_type(data_type) }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select 1 as nothing) as nothing
    where 1 = 0
{% endmacro %}


{#- Where a row stands in its seed: "first in the seed" is a rule. -#}
{% macro seed_row_order(seed) -%}
    {%- if var('seed_names').get('stages') -%}
        {{ seed }}.seed_order
    {%- else -%}
        {{ row_order(seed) }}
    {%- endif -%}
{%- endmacro %}


{#- What a company alone can say: stands empty in a package until it does. -#}
{% macro seeds_of_the_company() -%}
    {{- return([
        'stage_entry_criteria',
        'source_owners',
        'source_shares',
        'creation_targets',
        'quotas',
        'mql_targets',
        'capacity_plan',
        'exclusions',
        'review_actions',
        'rep_targets',
        'lead_source_channels',
    ]) -}}
{%- endmacro %}


{#-
The columns of each seed and their types, as the YAML beside it has them: dbt shows a model neither the
YAML of a seed that is disabled nor its rows.
-#}
{% macro seed_columns() -%}
    {{- return({
        'stages': {
            'stage_name': 'varchar',
            'canonical_stage': 'varchar',
            'stage_order': 'integer',
            'stage_group': 'varchar',
            'is_late_stage': 'boolean'
        },
        'opportunity_types': {
            'type': 'varchar',
            'motion': 'varchar'
        },
        'team_roles': {
            'role_name': 'varchar',
            'team': 'varchar'
        },
        'segments': {
            'segment': 'varchar',
            'min_employees': 'bigint',
            'max_employees': 'bigint'
        },
        'decision_roles': {
            'role': 'varchar'
        },
        'qualification_rules': {
            'effective_from': 'date',
            'min_stage_order': 'integer',
            'max_horizon_days': 'integer',
            'requires_amount': 'boolean',
            'requires_close_date': 'boolean',
            'requires_source': 'boolean',
            'requires_decision_maker': 'boolean'
        },
        'stage_entry_criteria': {
            'canonical_stage': 'varchar',
            'criterion': 'varchar'
        },
        'source_rules': {
            'priority': 'integer',
            'rule': 'varchar',
            'value': 'varchar',
            'pipeline_source': 'varchar'
        },
        'source_owners': {
            'pipeline_source': 'varchar',
            'owner': 'varchar',
            'owner_email': 'varchar'
        },
        'source_shares': {
            'fiscal_quarter': 'varchar',
            'pipeline_source': 'varchar',
            'share': 'decimal(9, 6)'
        },
        'creation_targets': {
            'fiscal_quarter': 'varchar',
            'segment': 'varchar',
            'target_amount': 'decimal(28, 2)'
        },
        'quotas': {
            'fiscal_quarter': 'varchar',
            'segment': 'varchar',
            'motion': 'varchar',
            'quota': 'decimal(28, 2)'
        },
        'mql_targets': {
            'fiscal_quarter': 'varchar',
            'channel': 'varchar',
            'target_mqls': 'integer'
        },
        'capacity_plan': {
            'fiscal_quarter': 'varchar',
            'segment': 'varchar',
            'team': 'varchar',
            'ramped_heads': 'decimal(9, 2)',
            'productivity_per_head': 'decimal(28, 2)'
        },
        'lifecycle_statuses': {
            'system': 'varchar',
            'raw_status': 'varchar',
            'lifecycle_stage': 'varchar'
        },
        'touch_types': {
            'system': 'varchar',
            'raw_type': 'varchar',
            'touch_kind': 'varchar',
            'channel': 'varchar',
            'team': 'varchar',
            'is_marketing': 'boolean'
        },
        'exclusions': {
            'record_type': 'varchar',
            'record_id': 'varchar',
            'reason': 'varchar',
            'owner': 'varchar',
            'effective_from': 'date',
            'effective_to': 'date'
        },
        'benchmarks': {
            'metric': 'varchar',
            'level': 'varchar',
            'value': 'decimal(18, 4)',
            'period': 'varchar',
            'origin': 'varchar'
        },
        'review_actions': {
            'action_id': 'varchar',
            'opened_on': 'date',
            'team': 'varchar',
            'owner': 'varchar',
            'action': 'varchar',
            'due_on': 'date',
            'status': 'varchar',
            'closed_on': 'date',
            'outcome': 'varchar',
            'metric': 'varchar'
        },
        'proposal_rules': {
            'rule': 'varchar',
            'metric': 'varchar',
            'threshold': 'double',
            'min_count': 'integer',
            'most': 'integer',
            'owner_source': 'varchar',
            'sentence': 'varchar'
        },
        'attribution_weights': {
            'model': 'varchar',
            'first_touch': 'decimal(9, 6)',
            'lead_creation': 'decimal(9, 6)',
            'opportunity_creation': 'decimal(9, 6)',
            'close': 'decimal(9, 6)',
            'rest': 'decimal(9, 6)'
        },
        'rep_targets': {
            'fiscal_quarter': 'varchar',
            'owner_id': 'varchar',
            'target_amount': 'decimal(28, 2)'
        },
        'lead_source_channels': {
            'lead_source': 'varchar',
            'channel': 'varchar'
        },
        'finding_rules': {
            'rule': 'varchar',
            'severity': 'varchar',
            'field': 'varchar',
            'owner_team': 'varchar',
            'title': 'varchar',
            'remedy': 'varchar'
        }
    }) -}}
{%- endmacro %}
