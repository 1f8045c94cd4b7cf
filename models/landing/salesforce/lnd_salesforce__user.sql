-- One row per raw row of salesforce.user, set aside or not.
{{ landed_rows() }}
