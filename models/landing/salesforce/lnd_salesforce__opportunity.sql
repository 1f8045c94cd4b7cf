-- One row per raw row of salesforce.opportunity, set aside or not.
{{ landed_rows() }}
