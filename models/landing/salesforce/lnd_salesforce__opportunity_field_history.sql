-- One row per raw row of salesforce.opportunity_field_history, set aside or not.
{{ landed_rows() }}
