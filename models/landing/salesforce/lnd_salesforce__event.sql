-- One row per raw row of salesforce.event, set aside or not.
{{ landed_rows() }}
