-- One row per raw row of salesforce.currency_type, set aside or not.
{{ landed_rows() }}
