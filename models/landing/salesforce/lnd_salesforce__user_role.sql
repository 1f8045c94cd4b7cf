-- One row per raw row of salesforce.user_role, set aside or not.
{{ landed_rows() }}
