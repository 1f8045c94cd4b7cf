-- One row per raw row of salesforce.contact, set aside or not.
{{ landed_rows() }}
