-- One row per raw row of salesforce.lead, set aside or not.
{{ landed_rows() }}
