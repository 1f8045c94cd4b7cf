-- One row per raw row of salesforce.contact_history, set aside or not.
{{ landed_rows() }}
