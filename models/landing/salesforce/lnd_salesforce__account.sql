-- One row per raw row of salesforce.account, set aside or not.
{{ landed_rows() }}
