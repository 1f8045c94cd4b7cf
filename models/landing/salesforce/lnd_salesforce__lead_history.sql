-- One row per raw row of salesforce.lead_history, set aside or not.
{{ landed_rows() }}
