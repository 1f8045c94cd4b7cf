{#-
Days from the joint review before to this one, by `company_stage`: four weeks where it is monthly,
else two. Sales' own and the quarter's review look back on other days (pipegen.review.cadence).
-#}
{% macro review_lookback() -%}
    {{- return(28 if var('company_stage') == 'early' else 14) -}}
{%- endmacro %}
